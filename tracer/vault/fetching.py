"""Objects of a store on their way or just fetched, so that several come at once and none comes twice."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Final

AT_ONCE: Final = 8
"""Requests that are under way at once."""
_ROOM: Final = 256 << 20
"""Bytes that are kept."""


class Fetched:
    """What was asked for, and what will be; what nobody has asked for lately makes room."""

    def __init__(self, room: int = _ROOM) -> None:
        """Nothing yet."""
        self._room, self._held = room, 0
        self._asked: dict[str, Future[bytes]] = {}
        self._ahead: dict[str, int] = {}
        """Bytes of what nobody has asked for yet."""
        self._sizes: dict[str, int] = {}
        """Of what has arrived, the latest that was asked for last."""
        self._lock = Lock()
        self._pool = ThreadPoolExecutor(AT_ONCE, "luobo-fetch")

    def ahead(self, name: str, size: int, fetch: Callable[[], bytes]) -> None:
        """Begin to fetch what will be asked for, if all such has room."""
        with self._lock:
            if name not in self._asked and sum(self._ahead.values()) + size <= self._room:
                self._ahead[name] = size
                self._asked[name] = self._pool.submit(self._fetched, name, fetch)

    def ask(self, name: str, fetch: Callable[[], bytes]) -> Future[bytes]:
        """What `fetch` gives, now or later; nothing is fetched again while it is under way or kept."""
        with self._lock:
            self._ahead.pop(name, None)
            if name in self._sizes:
                self._sizes[name] = self._sizes.pop(name)
            if name not in self._asked:
                self._asked[name] = self._pool.submit(self._fetched, name, fetch)
            return self._asked[name]

    def _fetched(self, name: str, fetch: Callable[[], bytes]) -> bytes:
        try:
            data = fetch()
        except BaseException:
            with self._lock:
                self._ahead.pop(name, None)
                del self._asked[name]
            raise
        with self._lock:
            self._sizes[name] = len(data)
            self._held += len(data)
            for oldest in [one for one in self._sizes if one not in self._ahead]:
                if self._held <= self._room:
                    break
                self._held -= self._sizes.pop(oldest)
                del self._asked[oldest]
        return data


FETCHED: Final = Fetched()
