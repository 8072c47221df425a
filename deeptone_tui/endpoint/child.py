"""The local endpoint: a server in a child process, started when it is first needed."""

import asyncio
import json
import secrets
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from deeptone_tui.core.process import command_of
from deeptone_tui.endpoint.child_process import EndpointProcess
from deeptone_tui.endpoint.errors import EndpointError

START_SECONDS = 60.0
"""Loading the models takes under a second here, and many on a small board with a slow card."""
IDLE_SECONDS = 24 * 3600.0
"""The child ends with its parent, so a paused stream need not be ended for it."""
KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Listening:
    """An endpoint that runs, and the key to it."""

    url: str
    """``ws://…/stream``, without the query of parameters."""
    api_key: str | None = field(default=None, repr=False)


class LocalEndpoint:
    """Provides the endpoint of this machine, of this program alone.

    The server runs in a child process, so that inference never shares the screen's interpreter
    lock. It listens on 127.0.0.1 on a free port, with a random key that only ever passes through
    the pipe to the child.
    """

    def __init__(self, *, threads: int = 1, command: Sequence[str] | None = None) -> None:
        """Prepare; nothing is started yet.

        Args:
            threads: worker threads of the models.
            command: the child's program and arguments; this interpreter's own by default.
        """
        self._threads = threads
        self._command = tuple(command or command_of("deeptone_tui.endpoint.child_main"))
        self._key = secrets.token_urlsafe(KEY_BYTES)
        self._starting = threading.Lock()
        self._owning = threading.Lock()
        self._process: EndpointProcess | None = None
        self._closings = 0

    @property
    def label(self) -> str:
        """Short name for the status line."""
        return "local endpoint"

    @property
    def ours(self) -> bool:
        """It is our own: its silence is by definition the preview's."""
        return True

    @property
    def pid(self) -> int | None:
        """Process id of the child that runs, or None."""
        process = self._process
        return process.pid if process is not None and process.alive else None

    @property
    def log(self) -> tuple[str, ...]:
        """The last lines that the child wrote."""
        process = self._process
        return process.log if process is not None else ()

    async def target(self) -> Listening:
        """The endpoint to connect to now: the child that runs, or a new one.

        May be called from any event loop, and by several at once.

        Raises:
            EndpointError: when it does not start; the line says why.
        """
        process = self._process
        if process is None or not process.alive or process.port is None:
            process = await asyncio.to_thread(self._started, self._closings)
        return Listening(f"ws://127.0.0.1:{process.port}/stream", self._key)

    async def close(self) -> None:
        """End the child; it is gone afterwards. Takes at most 0.2 s, even if it is stopped.

        The object can be used again; the next target is a new child.
        """
        with self._owning:
            self._closings += 1
            process, self._process = self._process, None
        if process is not None:
            await process.stop()

    def _started(self, closings: int) -> EndpointProcess:
        """A child that listens; blocks. ``closings`` tells whether it was closed meanwhile."""
        with self._starting:
            process = self._process
            if process is None or not process.alive:
                process = self._new(closings)
            if process.port is None:
                process.wait_until_listening(START_SECONDS)
            return process

    def _new(self, closings: int) -> EndpointProcess:
        told = {"api_key": self._key, "idle_timeout": IDLE_SECONDS, "threads": self._threads}
        with self._owning:
            if closings != self._closings:
                raise EndpointError("the local endpoint was closed while it started")
            if self._process is not None:
                self._process.release()
            self._process = EndpointProcess(self._command, json.dumps(told).encode() + b"\n")
            return self._process
