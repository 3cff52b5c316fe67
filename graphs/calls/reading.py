"""The one way into a list of calls."""

from __future__ import annotations

from typing import Final

from graphs.calls import android, asterisk, bill
from graphs.calls.call import Entry
from graphs.registry import Format, Registry

CALL_LISTS: Final[Registry[Entry]] = Registry(
    "call list",
    (
        Format("android-xml", android.recognises, android.read),
        Format("asterisk-cdr", asterisk.recognises, asterisk.read),
        Format("table", bill.recognises, bill.read),
    ),
)
