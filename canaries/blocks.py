"""Which canaries a record may be: an index by what the two must share to be compared at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Final

from canaries.dumps import Person
from canaries.forms import Form

_WILD: Final = "?"


class Blocks:
    """An index of canaries.

    Whole names, their pinyin, IDs, values that hardly two records share, and last four digits together with anything
    else; `fuzzy` adds two characters of a name, and four digits one of which is wrong together with a character.
    """

    def __init__(self, known: Sequence[Form], rare: frozenset[str], *, fuzzy: bool) -> None:
        """Index canaries; under the headers `rare` one value alone may find a record."""
        self._exact: dict[str, list[int]] = defaultdict(list)
        self._tails: dict[str, list[int]] = defaultdict(list)
        self._loose: dict[str, list[int]] = defaultdict(list)
        self._heads = [form.phone[:3] for form in known]
        self._chars = [frozenset(form.name) for form in known]
        self._first = [tuple({reading[:2] for reading in form.pinyin}) for form in known]
        self._pieces = [_pieces(form.tail) if form.tail.isdigit() else frozenset() for form in known]
        for place, form in enumerate(known):
            for key in _whole(form, rare):
                self._exact[key].append(place)
            if form.tail.isdigit():
                self._tails[form.tail].append(place)
            for key in _loose(form) if fuzzy else ():
                self._loose[key].append(place)

    def near(self, who: Person, values: Iterable[str]) -> set[int]:
        """Places of the canaries that a record may be."""
        found: set[int] = set()
        words = [word[:size] for word in who.han for size in range(2, min(len(word), 5) + 1)]
        for key in (*words, *who.latin, *values, *_ends(who.numbers)):
            found.update(self._exact.get(key, ()))
        heads = {number[at : at + 3] for number in who.numbers for at in (0, 2, 4) if len(number) > 6}
        tails = {number[-4:] for number in who.numbers if len(number) == 4 or len(number) >= 7}
        found.update(self._dialled(who, tails, heads))
        if self._loose:
            found.update(self._damaged(who, tails, heads))
        return found

    def _dialled(self, who: Person, tails: set[str], heads: set[str]) -> Iterator[int]:
        chars = frozenset(char for word in who.han for char in word[:6])
        for tail in tails:
            for place in self._tails.get(tail, ()):
                spelled = any(word[:2] in self._first[place] for word in who.latin)
                if self._heads[place] in heads or spelled or chars & self._chars[place]:
                    yield place

    def _damaged(self, who: Person, tails: set[str], heads: set[str]) -> Iterator[int]:
        pieces = frozenset().union(*(_pieces(tail) for tail in tails))
        for word in who.han:
            for pair in _pairs(word[:4]):
                for place in self._loose.get(pair, ()):
                    if not pieces or self._heads[place] in heads or pieces & self._pieces[place]:
                        yield place
            for tail in tails:
                for key in _wild(tail, word[:4]):
                    yield from self._loose.get(key, ())


def _whole(form: Form, rare: frozenset[str]) -> set[str]:
    keys = {form.name, *form.pinyin}
    if form.identity:
        keys.add(form.identity[:6] + form.identity[14:])
    return (keys | {value for header in rare for value in form.values.get(header, ())}) - {""}


def _loose(form: Form) -> list[str]:
    wild = _wild(form.tail, form.name) if form.tail.isdigit() else []
    return [*_pairs(form.name), *wild]


def _ends(numbers: Sequence[str]) -> Iterator[str]:
    """First six and last four of everything long enough to be an ID."""
    yield from (number[:6] + number[-4:] for number in numbers if len(number) >= 15)


def _pairs(name: str) -> set[str]:
    """Two characters of a name in order, whatever is between them; of a long one the first two."""
    return {one + other for one, other in combinations(name, 2)} if len(name) <= 4 else {name[:2]}


def _pieces(tail: str) -> frozenset[str]:
    return frozenset((tail[:2], tail[1:3] + ".", tail[2:] + ".."))


def _wild(tail: str, name: str) -> list[str]:
    """The last four digits with one of them left open, together with each character of the name."""
    return [tail[:at] + _WILD + tail[at + 1 :] + char for at in range(len(tail)) for char in name]
