"""What would tell a platform from its rivals: what an investigator may ask for next."""

from __future__ import annotations

from collections.abc import Sequence

from tracer.linkage.alignment import TELLING
from tracer.vault.manifest import Platform


def separating(platform: Platform, shown: Sequence[str], rivals: Sequence[Platform]) -> tuple[list[str], list[str]]:
    """What would separate a platform from its rivals: in English and in Chinese.

    Args:
        platform: that fits, as others do.
        shown: headers of its columns that the dump shows already.
        rivals: registered platforms that fit as well; somebody unregistered always may.
    """
    asked = [_held_alone(one, other) for rival in rivals for one, other in ((platform, rival), (rival, platform))]
    asked.append(_unseen(platform, shown))
    if not platform.joined:
        asked.append(
            (
                f"the days on which customers of {platform.name} joined, which it has not registered",
                f"{platform.name}尚未登记的客户加入日期",
            )
        )
    names = [platform.name, *(rival.name for rival in rivals)]
    asked.append((f"canaries of {' and '.join(names)}", f"植入{'、'.join(names)}的诱饵身份"))
    if not rivals:
        asked.append(
            ("registrations or sketches of more platforms with the same public", "更多客群相同的平台的登记或特征草图")
        )
    told = [one for one in asked if one is not None]
    return [one for one, _ in told], [one for _, one in told]


def _held_alone(owner: Platform, other: Platform) -> tuple[str, str] | None:
    """Columns that one of two holds alone: a copy of the dump that has them is that one's."""
    known = _columns(other)
    names = [name for name in _columns(owner) if name not in known]
    if not names:
        return None
    return (
        f"{' and '.join(names)}, which {owner.name} holds and {other.name} does not",
        f"{owner.name}持有而{other.name}没有的字段（{'、'.join(names)}）",
    )


def _unseen(platform: Platform, shown: Sequence[str]) -> tuple[str, str] | None:
    names = [name for name in _columns(platform) if name not in shown]
    if not names:
        return None
    return (
        f"a fuller copy of the dump with {' or '.join(names)}",
        f"含有{'、'.join(names)}的更完整的名单副本",
    )


def _columns(platform: Platform) -> list[str]:
    return [claim.name for claim in platform.claims if claim.role in TELLING]
