"""An invented world: people, the platforms they borrow from, and what each platform's table held on any day.

Everybody in it is invented: names are drawn from lists, IDs and phone numbers are shuffled numbers (see `people`),
loans are chance. If an ID or a number is some living person's, that is coincidence, and nothing said beside it is
theirs. The same plan gives the same world on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import polars as pl

from tracer.demo import people, platforms
from tracer.demo.chance import Index, exponential, uniform
from tracer.demo.founding import found, pulls
from tracer.demo.plan import WorldPlan, check
from tracer.demo.platforms import DAY, YEAR, Platform, days_of
from tracer.errors import UnknownName

HEADERS: Final = {
    "name": "客户姓名",
    "phone": "手机号码",
    "national_id": "身份证号",
    "city": "城市",
    "product": "贷款产品",
    "limit": "授信额度",
    "amount": "在贷余额",
    "account": "用户名",
    "joined": "进件时间",
}
"""Field → header in a platform's table, in the table's order."""

_NOTICED: Final = 0.7
_NOTICE_DAYS: Final = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """A world that was invented; `invent` makes it."""

    plan: WorldPlan
    platforms: tuple[Platform, ...]

    @property
    def registered(self) -> tuple[str, ...]:
        """Names of the platforms that handed over their tables."""
        return tuple(platform.name for platform in self.platforms if not platform.hidden)

    @property
    def hidden(self) -> tuple[str, ...]:
        """Names of the platforms that nobody registered."""
        return tuple(platform.name for platform in self.platforms if platform.hidden)

    def platform(self, name: str) -> Platform:
        """The platform of that name.

        Raises:
            UnknownName: there is none.
        """
        for platform in self.platforms:
            if platform.name == name:
                return platform
        names = ", ".join(platform.name for platform in self.platforms)
        raise UnknownName(f"{name}: no such platform", hint=f"there are {names}")

    def present(self, name: str, day: date) -> Index:
        """Which customers (places in the platform's order of joining) its table holds at the end of `day`."""
        platform = self.platform(name)
        midnight = (days_of(day) + 1) * DAY
        place = np.arange(np.searchsorted(platform.joined, midnight), dtype=np.int64)
        if not self.plan.churn:
            return place
        stay = exponential(platform.person[place], YEAR * DAY / self.plan.churn, self.plan.seed, name, "leaves")
        return place[platform.joined[place] + stay > midnight]

    def records(self, name: str, place: Index, day: date, fields: Sequence[str] = tuple(HEADERS)) -> pl.DataFrame:
        """What a platform's table says on a day about the customers at some places.

        Returns:
            One Utf8 column per field (names as in `HEADERS`), one row per place.
        """
        return describe(self.plan, self.platform(name), place, day, fields)

    def table(self, name: str, day: date) -> pl.DataFrame:
        """A platform's whole table at the end of a day, oldest customer first: Utf8 columns named as in `HEADERS`."""
        platform = self.platform(name)
        held = [field for field in HEADERS if platform.holds(field)]
        return self.records(name, self.present(name, day), day, held).rename({field: HEADERS[field] for field in held})

    def overlap(self, day: date) -> pl.DataFrame:
        """Share of one platform's customers that another has too on a day: (`platform`, `other`, `share`)."""
        names = [platform.name for platform in self.platforms]
        persons = [self.platform(name).person[self.present(name, day)] for name in names]
        rows = [
            (name, other, float(np.isin(mine, theirs).mean()) if len(mine) else 0.0)
            for name, mine in zip(names, persons, strict=True)
            for other, theirs in zip(names, persons, strict=True)
        ]
        return pl.DataFrame(rows, schema=["platform", "other", "share"], orient="row")


def invent(plan: WorldPlan) -> World:
    """Make the world of a plan. Takes about 0.2 s a platform where there are 4 million people.

    Raises:
        ValueError: the plan asks for the impossible, such as more customers than people.
    """
    check(plan)
    if unknown := {field for fields in plan.fields for field in fields} - set(HEADERS):
        raise ValueError(f"there are no fields {', '.join(sorted(unknown))}")
    pull = pulls(plan)
    made: list[Platform] = []
    for number in range(len(plan.sizes)):
        made.append(found(plan, number, made, pull))
    return World(plan, tuple(made))


def describe(
    plan: WorldPlan, platform: Platform, place: Index, day: date, fields: Sequence[str] = tuple(HEADERS)
) -> pl.DataFrame:
    """What a platform says on a day about the customers at some places; also for one made up on the spot.

    Fields that its table does not hold are null.

    Raises:
        UnknownName: no such field.
    """
    scene = _Scene(plan, platform, place, days_of(day))
    empty = pl.Series([None], dtype=pl.String).new_from_index(0, len(place))
    if unknown := [field for field in fields if field not in _FIELDS]:
        raise UnknownName(f"{', '.join(unknown)}: no such field", hint="there are " + ", ".join(_FIELDS))
    return pl.DataFrame([(_FIELDS[field](scene) if platform.holds(field) else empty).alias(field) for field in fields])


@dataclass(frozen=True, slots=True, eq=False)
class _Scene:
    """Some customers of one platform on one day (days since 1970)."""

    plan: WorldPlan
    platform: Platform
    place: Index
    day: int

    @property
    def person(self) -> Index:
        return self.platform.person[self.place]

    @property
    def limit(self) -> Index:
        return platforms.limits(self.platform, self.person, self.plan.seed, self.plan.correlation)


def _phone(scene: _Scene) -> pl.Series:
    plan, person = scene.plan, scene.person
    if not plan.phone_change_rate:
        return people.phones(person, plan.seed)
    start = days_of(plan.snapshots[0]) - plan.years * YEAR
    changed = start + exponential(person, YEAR / plan.phone_change_rate, plan.seed, "new number")
    notices = uniform(person, plan.seed, scene.platform.name, "notices") < _NOTICED
    delay = exponential(person, _NOTICE_DAYS, plan.seed, scene.platform.name, "notice")
    learnt = np.where(notices, changed + delay, np.inf)
    # Who joins after the change gives the new number at once.
    seen = np.where(scene.platform.joined[scene.place] / DAY >= changed, changed, learnt)
    return people.phones(person + (seen < scene.day + 1) * np.int64(plan.people), plan.seed)


def _amount(scene: _Scene) -> pl.Series:
    owed = platforms.balances(scene.platform, scene.person, scene.limit, scene.day, scene.plan.seed)
    yuan, fen = np.divmod(owed, 100)
    return pl.Series(yuan).cast(pl.String) + "." + pl.Series(fen).cast(pl.String).str.zfill(2)


def _joined(scene: _Scene) -> pl.Series:
    moments = pl.Series(scene.platform.joined[scene.place])
    return pl.from_epoch(moments, time_unit="s").dt.strftime("%Y-%m-%d %H:%M")


_FIELDS: Final[dict[str, Callable[[_Scene], pl.Series]]] = {
    "name": lambda scene: people.names(scene.person, scene.plan.seed),
    "phone": _phone,
    "national_id": lambda scene: people.national_ids(scene.person, scene.plan.seed),
    "city": lambda scene: people.cities(scene.person, scene.plan.seed),
    "product": lambda scene: platforms.products(scene.platform, scene.person, scene.plan.seed, scene.plan.taste),
    "limit": lambda scene: pl.Series(scene.limit).cast(pl.String),
    "amount": _amount,
    "account": lambda scene: platforms.accounts(scene.platform, scene.person, scene.plan.seed),
    "joined": _joined,
}
