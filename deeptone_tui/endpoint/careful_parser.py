"""aiohttp's parser of websocket frames, watched for what takes it long."""

import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp._websocket.reader import WebSocketReader
    from aiohttp.web_protocol import RequestHandler

_SLOW: Final = 12e-9
"""Seconds a byte: ten times what frames of audio take, a third of what fragments of a byte do."""
_SLOW_FROM: Final = 100e-6
"""Seconds under which it does not matter."""


class CarefulParser:
    """Tells whether the newest bytes took long to parse for what they are.

    A message in a million fragments is none to anybody until it is whole, so only here can it
    be seen, and what was read is parsed in one go.

    Args:
        parser: does it.
        clock: seconds that only grow; those of the thread, whatever else the machine does.
    """

    def __init__(
        self, parser: "WebSocketReader", clock: "Callable[[], float]" = time.thread_time
    ) -> None:
        self._parser = parser
        self._clock = clock
        self.on_parsed: Callable[[float], None] | None = None
        """Hears how many seconds they took."""
        self.slow = False

    def __getattr__(self, name: str) -> object:
        return getattr(self._parser, name)

    def feed_data(self, data: bytes) -> tuple[bool, bytes]:
        """As the parser's."""
        begun = self._clock()
        try:
            return self._parser.feed_data(data)
        finally:
            cost = self._clock() - begun
            self.slow = cost > max(_SLOW_FROM, _SLOW * len(data))
            if self.on_parsed is not None:
                self.on_parsed(cost)


def watched(protocol: "RequestHandler") -> CarefulParser | None:
    """Watch the parser of a connection that has become a websocket; None when it has ended."""
    parser = protocol._payload_parser  # noqa: SLF001  set_parser takes none after the first
    if parser is None:
        return None
    careful = CarefulParser(parser)
    protocol._payload_parser = careful  # noqa: SLF001  as above
    return careful
