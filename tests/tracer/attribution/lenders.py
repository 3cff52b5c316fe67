"""A world with a stranger: lenders, and one that nobody registered with most of the first one's customers."""

from __future__ import annotations

from tracer.demo import Alike, World, WorldPlan, invent


def lenders(seed: int) -> World:
    """Five lenders, and one that nobody registered with nine tenths of its customers from the first one."""
    return invent(
        WorldPlan(
            seed=seed,
            people=9_000,
            platforms=5,
            customers=(3_000, 2_000, 2_500, 2_000, 2_500, 2_500),
            hidden=1,
            overlap=1.5,
            alike=(Alike(5, 0, 0.9),),
            beyond=0,
        )
    )
