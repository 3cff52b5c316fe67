"""Everything that can go wrong, in one tree; every error can speak to a person.

TracerError
├── UnreadableInput      a file that is not there, is no file, is empty, or cannot be read as records
├── KeyFault             the key file is missing, damaged, open to others, or not the one that made these tokens
├── VaultFault           a vault that is not there, is damaged, or is being written by somebody else
├── CaseFault            a case that is not there, is damaged, or does not allow what was asked
├── EngineFault          the cluster that does the bulk work is not there, or gave up
├── UnknownName          a platform or a column that does not exist
└── MissingExtra         a part of luobo that was not installed
"""

from __future__ import annotations


class TracerError(Exception):
    """The root of every error luobo raises on purpose.

    `message` says what happened and where, `hint` what to do next. Neither may ever hold personal data: a place is
    named by file, row and byte offset, never by its content.
    """

    exit_code = 2

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UnreadableInput(TracerError):
    """The input cannot be read as records."""


class KeyFault(TracerError):
    """The key is missing, locked, damaged or belongs to another vault."""

    def __init__(self, message: str, *, hint: str = "", locked: bool = False) -> None:
        super().__init__(message, hint=hint)
        self.locked = locked
        """Whether a passphrase is all that lacks."""


class VaultFault(TracerError):
    """The vault is missing, damaged or locked."""


class UnknownName(TracerError):
    """A platform, table or column was named that does not exist."""


class MissingExtra(TracerError):
    """A part of luobo is needed that was not installed."""


class CaseFault(TracerError):
    """A case that is not there, is damaged, or does not allow what was asked."""


class EngineFault(TracerError):
    """The machines that do the bulk work are not there, or gave up."""
