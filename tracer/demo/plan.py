"""What an invented world shall be like."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tracer.demo.people import IDENTITIES


@dataclass(frozen=True, slots=True)
class Alike:
    """Platform `platform` has `share` (0 … 1) of its customers from the earlier platform `other`; both by position."""

    platform: int
    other: int
    share: float
    together: float = 0.0
    """Share of those who joined both within some weeks of each other, as people do who need money now."""


@dataclass(frozen=True, slots=True)
class WorldPlan:
    """What a world shall be like. Registered platforms come first, hidden ones last."""

    seed: int
    people: int = 24_000
    """How many people there are, customers or not."""
    platforms: int = 5
    """How many platforms are registered."""
    customers: int | tuple[int, ...] = 3_000
    """How many joined up to the last snapshot: one number for each platform, hidden ones too, or one for all."""
    hidden: int = 0
    """How many more platforms there are that nobody registered."""
    snapshots: tuple[date, ...] = (date(2025, 5, 1), date(2025, 7, 30), date(2025, 10, 28))
    """Days on which registered platforms' tables were handed over, ascending."""
    years: float = 3.0
    """How long before the first snapshot the platforms opened."""
    beyond: int = 180
    """For how many days after the last snapshot customers go on joining."""
    growth: float = 0.4
    """Yearly growth of the rate of joining."""
    overlap: float = 1.0
    """How many times likelier than by chance two platforms share a customer (some people borrow everywhere); 1 is
    independent."""
    alike: tuple[Alike, ...] = ()
    """Pairs that share more customers than that; exact among those who joined up to the last snapshot."""
    correlation: float = 0.0
    """Of one person's limits at two platforms (of their logarithms), 0 … 1."""
    taste: float = 0.0
    """Share of people who take the loan they like best wherever it is sold; the others take what each platform gives
    them."""
    churn: float = 0.03
    """Yearly rate at which customers leave the table."""
    phone_change_rate: float = 0.03
    """Yearly rate at which people change their number, each once at most; a platform learns of it late or never."""
    names: tuple[str, ...] = ()
    """The platforms' names; empty for ready-made ones."""
    fields: tuple[tuple[str, ...], ...] = ()
    """What the tables hold (see `HEADERS`): platform by platform, and round again; empty for everything."""

    @property
    def sizes(self) -> tuple[int, ...]:
        """Customers of every platform, registered and hidden."""
        count = self.platforms + self.hidden
        return (self.customers,) * count if isinstance(self.customers, int) else self.customers

    def held(self, number: int) -> tuple[str, ...]:
        """What the table of platform `number` holds; empty for everything."""
        return self.fields[number % len(self.fields)] if self.fields else ()


def check(plan: WorldPlan) -> None:
    """Refuse a plan that asks for the impossible.

    Raises:
        ValueError: with what is wrong.
    """
    count = plan.platforms + plan.hidden
    days = list(plan.snapshots)
    lines = (
        (len(plan.sizes) == count, f"customers must be one number or {count}"),
        (not plan.names or len(set(plan.names)) == count, f"names must be {count} different ones"),
        (bool(days) and days == sorted(set(days)), "snapshots must be ascending days"),
        (0.0 <= plan.correlation <= 1.0, "correlation must be in 0 … 1"),
        (0.0 <= plan.taste <= 1.0, "taste must be in 0 … 1"),
        (1.0 <= plan.overlap < plan.people / max(plan.sizes), "overlap must be in 1 … people / customers"),
        (min(plan.growth, plan.churn, plan.phone_change_rate, plan.beyond) >= 0, "no rate may be negative"),
        (all(0 <= pair.other < pair.platform < count for pair in plan.alike), "a platform is like an earlier one"),
        (len({pair.platform for pair in plan.alike}) == len(plan.alike), "a platform is like one other only"),
        (plan.people < IDENTITIES // 8, "so many people cannot have an ID each"),
    )
    for holds, message in lines:
        if not holds:
            raise ValueError(message)
