"""A JSON text of any size, walked without holding more than one element of it.

The standard library's decoder does the parsing (in C); this only finds where values begin, and feeds it.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from graphs.lines import encoding_of

_DECODE = json.JSONDecoder(strict=False).raw_decode
_SPACE = re.compile(r"[ \t\r\n]*")
_PIECE = 1 << 20
_GREATEST = 1 << 26
"""Characters that one value may have."""


class JsonFault(ValueError):
    """The text is no JSON from here on."""

    def __init__(self, offset: int, reason: str) -> None:
        super().__init__(reason)
        self.offset = offset
        self.reason = reason


class JsonText:
    """A reading position in a JSON text. Every method raises JsonFault where the text breaks off or is no JSON."""

    def __init__(self, stream: BinaryIO) -> None:
        stream.seek(0)
        encoding, mark = encoding_of(stream.read(1 << 16))
        stream.seek(mark)
        self._stream, self._encoding = stream, encoding
        self._decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
        self._text, self._at = "", 0
        self._counted, self._offset = 0, mark  # byte offset of the character `_counted` of `_text`
        self._done = False

    def peek(self) -> str:
        """The first character of what comes next; empty at the end."""
        while True:
            found = _SPACE.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text) or not self._more():
                return self._text[self._at : self._at + 1]

    def offset(self) -> int:
        """The byte at which the next value begins."""
        self.peek()
        passed = self._text[self._counted : self._at]
        self._offset += len(passed) if passed.isascii() and "16" not in self._encoding else self._bytes(passed)
        self._counted = self._at
        return self._offset

    def value(self) -> Any:
        """Read the next value whole."""
        self.peek()
        while True:
            try:
                value, end = _DECODE(self._text, self._at)
            except RecursionError:
                raise JsonFault(self.offset(), "nested too deeply") from None
            except ValueError as fault:
                # It may only be cut short by the end of the piece.
                if len(self._text) - self._at > _GREATEST or not self._more():
                    raise JsonFault(self.offset(), getattr(fault, "msg", "a number too great")) from None
                continue
            # A number at the very end may go on in the next piece.
            if end == len(self._text) and not self._done and self._more():
                continue
            self._at = end
            return value

    def items(self) -> Iterator[str]:
        """Step into an object: after each key given, read or skip its value."""
        self._expect("{")
        while self.peek() != "}":
            key = self.value()
            self._expect(":")
            yield str(key)
            self._comma("}")
        self._at += 1

    def elements(self) -> Iterator[int]:
        """Step into an array: after each index given, read or skip the element."""
        self._expect("[")
        index = 0
        while self.peek() != "]":
            yield index
            index += 1
            self._comma("]")
        self._at += 1

    def _expect(self, char: str) -> None:
        if self.peek() != char:
            raise JsonFault(self.offset(), f"no {char} where one must be" if self.peek() else "breaks off")
        self._at += 1

    def _comma(self, end: str) -> None:
        found = self.peek()
        if found == ",":
            self._at += 1
        elif found != end:
            raise JsonFault(self.offset(), "no comma between two values" if found else "breaks off")

    def _bytes(self, text: str) -> int:
        return len(text.encode(self._encoding, errors="replace"))

    def _more(self) -> bool:
        if self._done:
            return False
        raw = self._stream.read(max(_PIECE, len(self._text) - self._at))
        self._done = not raw
        self.offset_of_passed()
        self._text = self._text[self._at :] + self._decoder.decode(raw, final=self._done)
        self._at = self._counted = 0
        return not self._done

    def offset_of_passed(self) -> None:
        """Count the bytes of what has been passed, before it is let go."""
        self._offset += self._bytes(self._text[self._counted : self._at])
        self._counted = self._at
