"""Phone numbers: one writing for each, whole or masked.

A mainland mobile number is 11 digits, 1[3-9] and nine more (电信网编号计划, the numbering plan of the ministry, 2017).
Not every head under 1[3-9] is given to people: among others 140 to 144, 154, 160, 161, 163, 164, 168, 169, 179 and 194
are unassigned or for machines. All are accepted, for heads are opened year by year and a dump may be younger than this
file; a number in no use links to nobody and so accuses nobody.
"""

from __future__ import annotations

import polars as pl

from tracer.identifiers.mask import show
from tracer.identifiers.sieve import each_once, sift
from tracer.identifiers.text import STAR, compact, starred, tidy

_PREFIX = r"^(?:\+86|0086|86|0)?"
_WRITTEN = _PREFIX + r"(1[3-9][0-9]{9})(?:\.00?)?$"  # .0: a spreadsheet took it for a number
_DOTTED = _PREFIX + r"\.?1[3-9][0-9]\.[0-9]{4}\.[0-9]{4}$"
_SCIENTIFIC = r"^(1)\.([3-9][0-9]{9})[eE]\+?10$"
_WORD = r"^[\p{Han}A-Za-z]"
_NEVER_IN_PHONE = r"[\p{Han}A-DF-Za-df-z:,;/@*]"
_ABROAD = r"^\+[0-9]{7,15}$"
_HIDDEN_FOUR = r"^1[3-9][0-9]\*{4}[0-9]{4}$"
_HEAD_TAIL = r"^1[3-9][0-9]\*+[0-9]{4}$"
_MASKED_WRITTEN = _PREFIX + r"([1*][0-9*]+)$"
_ELEVEN_PLACES = r"^[1*][3-9*][0-9*]{9}$"
_FOUR_SEEN = r"(?:[0-9]\**){4}"


def normalise(e: pl.Expr, region: str = "CN") -> pl.Expr:
    """The one writing of a phone number: 11 digits for a mainland mobile, E.164 with plus for other countries.

    Anything else is null, mainland landlines too. Eleven digits that begin with 1[3-9] are a mainland mobile whatever
    the region, so that a normal form reads alike everywhere; a North American number with a bare leading 1 must be
    written with its plus.

    Args:
        e: text of any writing.
        region: ISO 3166 region whose numbers are read without a country code.
    """
    return sift(e, _plain, lambda cell: _written(cell, region), worth=lambda cell: _hopeful(cell, region))


def valid(e: pl.Expr) -> pl.Expr:
    """Whether a text is a phone number in any writing; null stays null."""
    return pl.when(e.is_not_null()).then(normalise(e).is_not_null())


def mask(e: pl.Expr) -> pl.Expr:
    """`138****5678` of a mainland normal form, `+852****67` of another country's; other text `***`."""
    abroad = pl.concat_str(e.str.slice(0, 4), pl.lit("****"), e.str.tail(2))
    return pl.when(_plain(e).is_not_null()).then(_ends(e)).otherwise(show(e, _ABROAD, abroad))


def head_tail(e: pl.Expr) -> pl.Expr:
    """The masked form `138****1234` of a mainland normal form; null for everything else."""
    return pl.when(_plain(e).is_not_null()).then(_ends(e))


def normalise_masked(e: pl.Expr) -> pl.Expr:
    """The one writing of a masked mainland mobile: 11 characters with `*` for every hidden digit.

    Any number of star characters stands for four where the first three and last four digits are seen. Otherwise all
    eleven places must be there and at least four digits seen. Null when it is not a masked phone.
    """
    return sift(
        e,
        lambda cell: pl.when(cell.str.contains(_HIDDEN_FOUR)).then(cell),
        _masked,
        worth=lambda cell: cell.str.contains(STAR) & cell.str.contains("[0-9０-９]"),
    )


def _plain(cell: pl.Expr) -> pl.Expr:
    # The same as ^1[3-9][0-9]{9}$ at a third of its cost: eleven bytes that are a number this great are eleven digits.
    number = cell.cast(pl.Int64, strict=False)
    return pl.when((cell.str.len_bytes() == 11) & number.is_between(13_000_000_000, 19_999_999_999)).then(cell)


def _hopeful(cell: pl.Expr, region: str) -> pl.Expr:
    enough = cell.str.len_bytes() >= (11 if region == "CN" else 5)
    return (enough | cell.str.starts_with("+")) & ~cell.str.contains(_WORD)


def _written(cell: pl.Expr, region: str) -> pl.Expr:
    return sift(
        cell,
        lambda text: compact(text).str.extract(_WRITTEN, 1),
        lambda text: _oddly_written(text, region),
        worth=lambda text: ~text.str.contains(_NEVER_IN_PHONE),
    )


def _oddly_written(cell: pl.Expr, region: str) -> pl.Expr:
    bare = compact(tidy(cell))
    dotted = pl.when(bare.str.contains(_DOTTED)).then(bare.str.replace_all(".", "", literal=True))
    digits = bare.str.replace(_SCIENTIFIC, "${1}${2}")
    mainland = pl.coalesce(dotted, digits).str.extract(_WRITTEN, 1)
    return pl.when(mainland.is_not_null()).then(mainland).otherwise(_abroad(bare, region))


def _abroad(bare: pl.Expr, region: str) -> pl.Expr:
    dialled = bare.str.replace(r"^00", "+").str.replace_all(".", "", literal=True)
    # Without a plus nothing but a region's own number can be meant, and the mainland's own are dealt with above.
    shape = _ABROAD if region == "CN" else r"^\+?[0-9]{5,15}$"
    candidate = pl.when(dialled.str.contains(shape) & ~dialled.str.contains(r"^\+86")).then(dialled)
    return each_once(candidate, lambda text: _e164(text, region))


def _e164(text: str, region: str) -> str | None:
    import phonenumbers  # noqa: PLC0415 - most lists name nobody abroad

    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if number.country_code == 86 or not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _ends(cell: pl.Expr) -> pl.Expr:
    return pl.concat_str(cell.str.slice(0, 3), pl.lit("****"), cell.str.tail(4))


def _masked(cell: pl.Expr) -> pl.Expr:
    return sift(compact(starred(cell)).str.extract(_MASKED_WRITTEN, 1), _head_tail_seen, _partly_seen)


def _head_tail_seen(body: pl.Expr) -> pl.Expr:
    return pl.when(body.str.contains(_HEAD_TAIL)).then(_ends(body))


def _partly_seen(body: pl.Expr) -> pl.Expr:
    hidden, seen = body.str.contains("*", literal=True), body.str.contains(_FOUR_SEEN)
    return pl.when(body.str.contains(_ELEVEN_PLACES) & hidden & seen).then(body)
