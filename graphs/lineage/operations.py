"""What was done to a dump to make another, in words."""

from __future__ import annotations

from functools import reduce
from operator import or_

from graphs.lineage.comparison import Match
from graphs.lineage.family import Family
from graphs.lineage.ledger import Ledger
from graphs.lineage.options import Option

MERGE, SUBSET, SLICE, FILTER, PAD, APPEND = "merge", "subset", "slice", "filter", "pad", "append"
DROP, MASK, SORT, REFORMAT = "drop columns", "mask", "sort", "reformat"


def operation(family: Family, book: Ledger, option: Option) -> str:
    """The operations of an option with parents, most telling first, joined by ` + `."""
    child = family.members[option.child]
    matches = [book.matches[parent, option.child] for parent in option.parents]
    parents = [family.members[parent] for parent in option.parents]
    held = reduce(or_, (parent.held for parent in parents))
    veiled = any(child.masked & ~parent.masked & parent.held for parent in parents)
    done = [MERGE] if len(matches) > 1 else _rows(matches[0], parents[0].size, child.size)
    done += [DROP] * bool(held & ~child.held) + [MASK] * bool(veiled)
    if not done:
        done = [SORT] if child.sketch.sorted and not matches[0].ordered else [REFORMAT]
    return " + ".join(done)


def _rows(match: Match, parent: int, child: int) -> list[str]:
    shared = len(match.rows)
    done = []
    if shared < 0.995 * parent:
        if match.rule is not None and match.rule.exact:
            done.append(SLICE if match.rule.measure < 0 else FILTER)
        else:
            done.append(SUBSET)
    if shared < 0.995 * child:
        done.append(APPEND if match.appended else PAD)
    return done
