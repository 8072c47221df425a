"""An endpoint that keeps the bytes it gets and judges every whole step as silence."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from support.endpoints.in_thread import in_thread
from support.endpoints.scripted_endpoint import ScriptedEndpoint, served

from deeptone_tui.protocol import Answer


@dataclass(frozen=True)
class RecordingEndpoint:
    """A websocket server in a thread of its own."""

    _endpoint: ScriptedEndpoint

    @property
    def url(self) -> str:
        """Its address."""
        return self._endpoint.url

    @property
    def connections(self) -> list[bytearray]:
        """What each connection has sent, in order of their beginning."""
        return [peer.audio for peer in self._endpoint.peers]


@contextlib.contextmanager
def recording_endpoint() -> Iterator[RecordingEndpoint]:
    """A running one, stopped in the end."""
    with in_thread(served(verdict=lambda _: Answer("silence", 1.0))) as endpoint:
        yield RecordingEndpoint(endpoint)
