from __future__ import annotations

import io
import random
from datetime import datetime, timedelta
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from graphs.market.market import Market
from graphs.market.seller import Handle, Judgement, Sellers, handle, resolve
from tests.graphs.market import exports
from tests.graphs.market.exports import Said

DAY = datetime(2024, 1, 1)


def accounts(*names: str) -> dict[str, Handle | None]:
    return {name: Handle("qq", name.partition("#")[2]) for name in names}


def own(**handles: str) -> dict[str, list[Handle]]:
    return {f"f#{name}": [handle(*one.split(":")) for one in said.split()] for name, said in handles.items()}


def solve(handles: dict[str, list[Handle]], **more: object) -> Sellers:
    return resolve(accounts(*handles), handles, **more)  # type: ignore[arg-type]


def market(**files: str) -> Market:
    found = Market()
    for name, text in files.items():
        for _ in found.read(name, io.BytesIO(text.encode())):
            pass
    return found


def test_a_shared_own_handle_joins_two_accounts() -> None:
    """Two accounts that want to be reached under one handle are one person; the reason names the handle."""
    found = solve(own(a="telegram:liao_zi", b="telegram:Liao_Zi", c="telegram:other"))
    assert found.groups == (("f#a", "f#b"),)
    assert [join.reason for join in found.joins] == ["handle telegram:liao_zi"]


def test_an_account_is_the_same_in_every_file() -> None:
    """A QQ number that speaks in two exports is one account, and so is a seller who names that number elsewhere."""
    found = resolve(
        {
            "one#77777": Handle("qq", "77777"),
            "two#77777": Handle("qq", "77777"),
            "tg#user5": Handle("telegram-id", "user5"),
        },
        {"tg#user5": [handle("qq", "77777")]},
    )
    assert found.groups == (("one#77777", "tg#user5", "two#77777"),)


def test_the_same_text_joins_nobody() -> None:
    """Two accounts that post one advert word for word share a template and stay two persons."""
    text = "出网贷料 一手实时 1.5一条 量大从优 扣扣 "
    said = [Said(f"7000{n}", f"卖家{n}", DAY + timedelta(hours=n), f"{text}88000{n}1{n}") for n in range(4)]
    found = market(**{"a.txt": exports.qq_text(said)})
    assert found.sellers().groups == ()
    assert found.templates() == [["a.txt#0", "a.txt#1", "a.txt#2", "a.txt#3"]]


def test_a_forwarded_advert_is_not_first_person() -> None:
    """Who passes on another's advert, by the program's mark or by his own word, does not become that seller."""
    text = "出网贷料 一手实时 1.5一条 飞机 @liao_zi"
    said = [Said("10001", "甲", DAY, text), Said("10002", "乙", DAY + timedelta(1), "转：" + text)]
    assert market(**{"a.txt": exports.qq_text(said)}).sellers().groups == ()


def test_an_agencys_handle_is_stopped() -> None:
    """A handle that many accounts name beside one of their own joins nobody and is listed."""
    handles = own(**{f"s{place}": f"telegram:seller{place}x telegram:danbao" for place in range(8)})
    found = solve(handles)
    assert found.groups == ()
    assert [str(one) for one in found.stopped] == ["telegram:danbao"]


def test_a_handle_once_called_escrow_joins_nobody() -> None:
    """Three sellers who name one handle, one of them as his escrow, are three persons."""
    offer = "出网贷料 一手实时 1.5一条 "
    said = [
        Said("70001", "甲", DAY, offer + "扣扣 888001 担保 @gongqun_a"),
        Said("70002", "乙", DAY + timedelta(1), offer + "扣扣 888002 @gongqun_a"),
        Said("70003", "丙", DAY + timedelta(2), offer + "扣扣 888003 @gongqun_a"),
    ]
    assert market(**{"a.txt": exports.qq_text(said)}).sellers().groups == ()


def test_a_cannot_link_forbids_a_join_through_others() -> None:
    """Accounts that accuse each other are not joined, not even through a third; what was refused is told."""
    handles = own(a="qq:111111", b="qq:111111 qq:222222", c="qq:222222")
    found = solve(handles, apart=[("f#a", "f#c")])
    assert len(found.groups) == 1
    assert {"f#a", "f#c"} - set(found.groups[0])
    assert len(found.refused) == 1


def test_a_judgement_can_be_taken_back() -> None:
    """An analyst's yes joins, his no parts, and without either everything is as before."""
    handles = own(a="qq:111111", b="qq:111111", c="qq:333333")
    before = solve(handles)
    joined = solve(handles, judgements=[Judgement("f#b", "f#c", same=True, by="li", reason="same voice")])
    parted = solve(handles, judgements=[Judgement("f#a", "f#b", same=False, by="li", reason="seen together")])
    assert (joined.groups, parted.groups) == ((("f#a", "f#b", "f#c"),), ())
    assert solve(handles) == before


def test_a_bridge_is_named() -> None:
    """The handle without which a person would fall into two is told; handles that others back up are not."""
    handles = own(a="qq:111111", b="qq:111111 qq:222222", c="qq:222222")
    assert [str(one) for one in solve(handles).bridges] == ["qq:111111", "qq:222222"]
    doubled = own(a="qq:111111 telegram:liao_zi", b="qq:111111 telegram:liao_zi")
    assert solve(doubled).bridges == ()


def test_a_nearly_equal_handle_is_shown_and_not_joined() -> None:
    """Handles one character apart may be a slip or an impostor: they are listed for a person to decide."""
    found = solve(own(a="telegram:liaozi_8888", b="telegram:liaozi_888"))
    assert found.groups == ()
    assert [(str(one), str(other)) for one, other, _ in found.similar] == [
        ("telegram:liaozi_888", "telegram:liaozi_8888")
    ]


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.lists(st.integers(1, 5), max_size=3), min_size=1))
def test_the_order_of_accounts_does_not_matter(said: dict[str, list[int]]) -> None:
    """The same sightings in any order give the same persons."""
    handles = {f"f#{name}": [Handle("qq", f"1000{one}") for one in ones] for name, ones in said.items()}
    turned = dict(reversed(handles.items()))
    assert solve(handles).groups == solve(turned).groups


WIDE = {48 + one: 0xFF10 + one for one in range(10)}
HAN = {48 + one: char for one, char in enumerate("零一二三四五六七八九")}
CUES = {
    "qq": ("QQ：", "扣扣 ", "企鹅号", "加Q ", "🐧"),
    "wechat": ("薇：", "V❤：", "加V信 ", "wx:", "卫星 ", "微·信 "),
    "telegram": ("飞机 @", "✈️：@", "tg：", "电报 @", "t.me/"),
}
TEXTS = ("出网贷料 一手实时 1.5一条 ", "股民料 昨日 2元一条 ", "楼盘业主 5毛/条 量大从优 ", "车险到期数据 1块一条 ")


def _disguised(chance: random.Random, kind: str, value: str) -> str:
    if kind == "qq":
        value = chance.choice((value, " ".join(value), value.translate(HAN), value.translate(WIDE)))
    return chance.choice(CUES[kind]) + value


def _handle(chance: random.Random) -> tuple[str, str]:
    kind = chance.choice(tuple(CUES))
    name = f"liao{chance.choice('abcdxyz')}{chance.randrange(10**5):05d}"
    return kind, str(chance.randrange(10**6, 10**10)) if kind == "qq" else name


def _simulated(chance: random.Random) -> tuple[str, dict[str, int]]:
    """A group of 40 sellers with one to three accounts each, and whose account is whose."""
    person_of: dict[str, int] = {}
    said: list[Said] = []
    for person in range(40):
        handles = [_handle(chance), _handle(chance)]
        for _ in range(chance.choice((1, 1, 2, 3))):
            number = str(chance.randrange(10**5, 10**10))
            person_of[f"m.txt#{number}"] = person
            shown = handles[: chance.choice((1, 2, 2))]
            for _ in range(chance.choice((2, 3, 4))):
                text = chance.choice(TEXTS) + " ".join(_disguised(chance, *one) for one in shown)
                text += " 担保 @gongqun_danbao" if chance.random() < 0.3 else ""
                said.append(Said(number, "x", DAY + timedelta(minutes=len(said)), text))
    chance.shuffle(said)
    return exports.qq_text(said), person_of


def test_aliases_of_simulated_markets() -> None:
    """Over simulated markets of disguised handles, precision of pairs is at least 0.98 and recall at least 0.85."""
    right = found = true = 0
    for seed in range(6):
        text, person_of = _simulated(random.Random(seed))
        groups = market(**{"m.txt": text}).sellers().groups
        pairs = {pair for group in groups for pair in combinations(group, 2)}
        real = {pair for pair in combinations(sorted(person_of), 2) if person_of[pair[0]] == person_of[pair[1]]}
        right, found, true = right + len(pairs & real), found + len(pairs), true + len(real)
    assert right / found >= 0.98
    assert right / true >= 0.85
