"""E-mail addresses: one writing for each."""

from __future__ import annotations

import polars as pl

from tracer.identifiers.mask import show
from tracer.identifiers.sieve import once, sift
from tracer.identifiers.text import tidy

_NORMAL = r"^[!-9=?\[-~]+@[!-9=?\[-~]+$"  # ASCII without @, capitals and colons on both sides
_SHAPE = r"^[^@\s]+@[^@\s]+$"
# The letters providers give out, fewer than RFC 5321 allows: a star or hash stands for something hidden.
_VALID = (
    r"^[a-z0-9_%+'&~=-]+(?:\.[a-z0-9_%+'&~=-]+)*@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:[a-z]{2,}|xn--[a-z0-9-]+)$"
)
_ADDRESSED = r"^[^<>]*<([^<>]*@[^<>]*)>[ ,;]*$"
"""An address in angle brackets, behind whose it is (RFC 5322, section 3.4)."""
_LABELLED = r"^[^@+]+\+[^@]*@|@g(?:oogle)?mail\.com$"
_LABEL = r"^([^@+]+)\+[^@]*@"
_GMAIL = r"^[^@]+@g(?:oogle)?mail\.com$"
_LONGEST_LOCAL, _LONGEST = 64, 254  # octets, RFC 5321 section 4.5.3.1


def normalise(e: pl.Expr) -> pl.Expr:
    """Lower-case address without spaces round it; null when there is not one `@` between two parts.

    RFC 5321 lets providers tell capitals apart in the local part; none of those in dumps does.
    """
    return sift(
        e,
        lambda cell: pl.when(cell.str.contains(_NORMAL)).then(cell),
        _written,
        worth=lambda cell: cell.str.contains("[@＠﹫]"),
    )


def mailbox(e: pl.Expr) -> pl.Expr:
    """The one address of the mailbox that a text of any writing reaches; null as in `normalise`.

    What follows a plus in the local part is a label of the owner's own (RFC 5233), and Google reads no dots there and
    calls one service by two names.
    """
    return sift(
        normalise(e),
        lambda cell: pl.when(~cell.str.contains(_LABELLED)).then(cell),
        lambda cell: once(cell.str.replace(_LABEL, "${1}@"), _undotted),
    )


def valid(e: pl.Expr) -> pl.Expr:
    """Whether a text of any writing is an address that a mailbox can have; null stays null."""
    address = normalise(e)
    short = (address.str.len_bytes() <= _LONGEST) & (address.str.find("@", literal=True) <= _LONGEST_LOCAL)
    return pl.when(e.is_not_null()).then((address.str.contains(_VALID) & short).fill_null(False))


def mask(e: pl.Expr) -> pl.Expr:
    """`z***@qq.com` of a normal form; other text `***`."""
    return show(e, _SHAPE, pl.concat_str(e.str.slice(0, 1), pl.lit("***@"), e.str.extract(r"@([^@]*)$", 1)))


def _written(cell: pl.Expr) -> pl.Expr:
    # Tidied twice: a lower-case letter may be composed of parts that its capital was not.
    bare = tidy(cell).str.to_lowercase().str.replace(_ADDRESSED, "$1").str.replace("^(?:mailto: ?)+", "")
    address = tidy(bare).str.replace(" ?@ ?", "@")
    return pl.when(address.str.contains(_SHAPE)).then(address)


def _undotted(address: pl.Expr) -> pl.Expr:
    local = address.str.extract("^([^@]*)", 1).str.replace_all(".", "", literal=True)
    gmail = address.str.contains(_GMAIL) & (local.str.len_bytes() > 0)
    return pl.when(gmail).then(local + "@gmail.com").otherwise(address)
