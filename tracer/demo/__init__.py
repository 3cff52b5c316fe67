"""An invented world with its truth: people, platforms, leaks and the files sellers make of them."""

from __future__ import annotations

from tracer.demo.leaks import PERSON, TRUTH, LeakPlan, leak, truth
from tracer.demo.plan import Alike, WorldPlan
from tracer.demo.styles import Style
from tracer.demo.world import HEADERS, World, invent
from tracer.demo.writing import write

__all__ = [
    "HEADERS",
    "PERSON",
    "TRUTH",
    "Alike",
    "LeakPlan",
    "Style",
    "World",
    "WorldPlan",
    "invent",
    "leak",
    "truth",
    "write",
]
