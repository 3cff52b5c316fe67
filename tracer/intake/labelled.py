r"""Blocks of `key: value` lines: a block is a record. MySQL's \G, psql's expanded display, cards typed by hand."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from tracer.intake.decode import Text, texts
from tracer.intake.encoding import glimpse
from tracer.intake.headers import hinted
from tracer.intake.interface import Note, Part, Shape
from tracer.intake.json_values import Row, frame_of, piece
from tracer.intake.member import Member

_PAIR = re.compile(
    r"^\s*(?:[-•·]\s+)?[\"'【\[*]?\s*([^\W\d_][\w .()（）/&-]{0,29}?)\s*[\"'】\]*]{0,2}\s*(?::(?!//)|：|=(?!=)|->)"
    r"\s*(.*?)\s*[,;，；]?\s*$"
)
_PSQL = re.compile(r"^\s*([^|]{1,60}?)\s*\|\s*(.*?)\s*$")
_EXPANDED = re.compile(r"^-\[ ?RECORD")
_FENCE = re.compile(
    r"^\s*(?:\*{3,}.*\*{3,}|-\[ ?RECORD.*|[-=_*#~+]{3,}.*|[-=_*#~+\s—－]{3,}|(?:第\s*)?\d+\s*(?:条|[.、)：:])?\s*"
    r"|[\[【(（](?:第\s*)?\d+(?:条)?[\]】)）])\s*$"
)
_LONGEST = 4_000
"""Characters of a line that may be a label and its value."""
_BATCH = 20_000
_LEAST = 0.6


class Labelled:
    """Blocks of labelled lines."""

    format = "text"

    def recognises(self, member: Member, head: bytes) -> bool:
        """Whether most lines are labelled and the labels come back block after block."""
        lines = glimpse(head).split("\n")
        if len(head) < member.size:
            lines = lines[:-1]
        lines = [line[:_LONGEST] for line in lines if line.strip()][:2_000]
        if len(lines) < 2 or head.lstrip()[:1] in (b"{", b"[", b"<"):
            return False
        if any(_EXPANDED.match(line) for line in lines[:5]):
            return True
        pairs = [found[1].strip() for line in lines if (found := _pair(line)) and not _several(line)]
        fenced = sum(_FENCE.match(line) is not None for line in lines)
        if len(pairs) < _LEAST * (len(lines) - fenced):
            return False
        tally = Counter(pairs)
        known = sum(hinted(label) is not None for label in tally)
        if len(tally) < 2 or len(tally) > 200:
            return False
        recurring = sum(count for count in tally.values() if count > 1)
        return recurring >= 0.7 * len(pairs) or (known >= 2 and known * 2 >= len(tally))

    def read(self, member: Member) -> Iterator[Part]:
        """Every block a record."""
        blocks = _Blocks()
        said = False
        for text in texts(member):
            if not said:
                said = True
                yield Shape("text", text.encoding)
                blocks.blank_ends = _blank_ends(text)
            yield from text.rejects
            lines = text.data.decode().split("\n")
            for line, at, end in zip(lines, text.offsets.tolist(), text.ends.tolist(), strict=False):
                blocks.take(line.rstrip("\r"), at, end)
                if len(blocks.rows) >= _BATCH:
                    yield piece("", frame_of(blocks.rows), blocks.places)
                    blocks.rows, blocks.places = [], []
        blocks.end()
        if blocks.rows:
            yield piece("", frame_of(blocks.rows), blocks.places)
        if blocks.aside:
            yield Note(f"{blocks.aside} lines between the blocks are no records")


class _Blocks:
    """Lines that become records."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.places: list[tuple[int, int]] = []
        self.row: Row = {}
        self.at = self.until = 0
        self.last = ""
        self.aside = 0
        self.blank_ends = False
        self.expanded = False

    def take(self, line: str, at: int, end: int) -> None:
        """Look at one more line, from byte `at` to `end`."""
        if not line.strip():
            if self.blank_ends:
                self.end()
            self.last = ""
            return
        self.expanded = self.expanded or _EXPANDED.match(line) is not None
        found = _PSQL.match(line) if self.expanded and not _EXPANDED.match(line) else _pair(line)
        if found and _several(line) and not self.expanded:
            found = None
        if found is None:
            if _FENCE.match(line):
                self.end()
            elif (self.row and self.last and not self.blank_ends) or (self.row and self.last and len(line) < 200):
                self.row[self.last] = f"{self.row[self.last] or ''}\n{line.strip()}".strip()
                self.until = end
            else:
                self.aside += 1
            return
        key, value = found[1].strip(), found[2].strip()
        if key in self.row:
            self.end()
        if not self.row:
            self.at = at
        self.row[key] = None if value in ("", "NULL") else value
        self.last, self.until = key, end

    def end(self) -> None:
        """The block is complete."""
        if len(self.row) > 1 or any(self.row.values()):
            if any(self.row.values()):
                self.rows.append(self.row)
                self.places.append((self.at, self.until))
            else:
                self.aside += len(self.row)
        self.row, self.last = {}, ""


def _pair(line: str) -> re.Match[str] | None:
    """A label and its value, on a line that is no longer than people write."""
    return _PAIR.match(line) if len(line) <= _LONGEST else None


def _several(line: str) -> bool:
    """Whether a line holds several labels: then it is a record of its own, not a line of one."""
    return len(line) > _LONGEST or len(re.findall(r"(?:^|[\s,，;；|])[^\W\d_]{1,12}\s*[:：=]\s*\S", line)) > 2


def _blank_ends(text: Text) -> bool:
    """Whether blank lines part the blocks: no label comes twice between two of them."""
    groups = [
        group for group in re.split(r"\n[ \t\r]*\n", text.data[: 1 << 20].decode(errors="ignore")) if group.strip()
    ]
    labels = [[found[1] for line in group.split("\n") if (found := _pair(line))] for group in groups[:2_000]]
    labels = [group for group in labels if group]
    if len(labels) < 2:
        return False
    sound = sum(len(group) == len(set(group)) for group in labels)
    firsts = Counter(group[0] for group in labels)
    return sound >= 0.9 * len(labels) and firsts.most_common(1)[0][1] >= 0.5 * len(labels)
