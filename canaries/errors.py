"""What canaries refuse, each with a hint; the command line turns it into its own error."""

from __future__ import annotations


class CanaryFault(ValueError):
    """Something that was asked for cannot be done safely, or a file is not what it should be.

    The message never holds personal data.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Locked(CanaryFault):
    """A register does not open: a passphrase or a key lacks or is wrong."""
