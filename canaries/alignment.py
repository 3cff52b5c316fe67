"""Which column of a dump holds what the platform holds under a header: by the header, or by the values.

Headers are changed, lost and mixed up by dealers; the values they stand over are not. A column is taken for a field
when it holds that field's values, and by its header alone only where it is the very same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from canaries.dumps import Column, Frequencies
from canaries.forms import Form
from canaries.table import Field
from canaries.values import compact
from canaries.writing import fold

_SHARED: Final = 0.3
"""Share of a column's cells that must be values of the field."""
_MOMENTS: Final = {"date", "datetime", "birth_date"}


def align(
    columns: Sequence[Column], counts: Frequencies, forms: Sequence[Form], fields: Sequence[Field]
) -> dict[str, int]:
    """Header of the platform's table → place of the dump's column; a field that is nowhere is left out."""
    headers = [compact(text) for text in fold([column.name for column in columns])]
    ranked = []
    for one in fields:
        known = Counter(value for form in forms for value in form.values.get(one.name, ()))
        if not known:
            continue
        own = compact(fold([one.name])[0])
        for place, column in enumerate(columns):
            shared = _shared(known, counts, place)
            same = headers[place] == own
            kin = (
                column.role == one.role
                or {column.role, one.role} <= _MOMENTS
                or {column.role, one.role} <= {"amount", "limit"}
            )
            likely = shared + (0.5 if same and (kin or shared > 0.05) else 0.0) + (0.15 if kin else 0.0)
            if (shared >= _SHARED) or (same and kin) or (kin and not counts.values[place]):
                ranked.append((likely, one.name, place))
    taken: dict[str, int] = {}
    for _, header, place in sorted(ranked, reverse=True):
        if header not in taken and place not in taken.values():
            taken[header] = place
    return taken


def _shared(known: Counter[str], counts: Frequencies, place: int) -> float:
    """Share of a column's cells (or of its days) that are values of a field."""
    told = counts.values[place]
    if told:
        return sum(n for value, n in told.items() if value in known) / max(1, sum(told.values()))
    days = counts.days[place]
    if days:
        held = {value[2:10] for value in known if value[:2] in {"d:", "t:"}}
        return sum(n for day, n in days.items() if day in held) / max(1, counts.sampled)
    return 0.0
