"""Which dump was made from which, from sketches of the dumps alone."""

from graphs.lineage.lineage import Edge, Lineage, Missing, trace_lineage
from graphs.lineage.sketch import Grade, Sketch

__all__ = ["Edge", "Grade", "Lineage", "Missing", "Sketch", "trace_lineage"]
