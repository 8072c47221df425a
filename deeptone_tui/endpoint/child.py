"""Local endpoint: a server in a child process, started when first needed; both ends of it.

The child reads one line of JSON from stdin, writes the port to stdout, and runs as long as stdin
stays open: the kernel closes stdin when the parent dies, for whatever reason.
"""

import asyncio
import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import IO

from deeptone_tui.core.process import command_of, end_with_parent
from deeptone_tui.core.text import clean_line, reason_of
from deeptone_tui.endpoint.options import EndpointError, OptionError, ServerOptions

LOG_LINES = 50
LOG_LINE_BYTES = 500
TERMINATE_SECONDS = 0.1
"""Seconds the child has to exit by itself before it is killed."""
KILL_SECONDS = 0.08
"""Seconds the kernel has to end it after that."""
POLL_SECONDS = 0.005

START_SECONDS = 60.0
"""Startup timeout: loading the models takes under a second here, and many seconds on a small board
with a slow card."""
IDLE_SECONDS = 24 * 3600.0
"""Idle timeout: the child ends with its parent, so a paused stream need not be ended."""
KEY_BYTES = 32
STDIN, STDOUT, STDERR = 0, 1, 2
CHUNK_BYTES = 4096


class EndpointProcess:
    """One run of the server in a child process.

    Every method may be called from any thread; `stop` also while another thread waits in
    `wait_until_listening`, which then raises.

    Raises:
        EndpointError: if the process cannot be started.
    """

    def __init__(self, command: Sequence[str], first_line: bytes) -> None:
        self.log: deque[str] = deque(maxlen=LOG_LINES)
        """Last lines the process wrote to stderr."""
        self.port: int | None = None
        """TCP port, or None before the server listens."""
        self._killed = threading.Event()  # because of the startup timeout
        try:
            self._popen = subprocess.Popen(  # noqa: S603  our own interpreter and module
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,  # shields it from the terminal's Ctrl+C and hang-up
            )
        except OSError as error:
            reason = reason_of(error)
            words = f"the local endpoint cannot be started: {command[0]}: {reason}"
            raise EndpointError(words) from error
        stdin, stdout, stderr = self._popen.stdin, self._popen.stdout, self._popen.stderr
        assert stdin is not None  # noqa: S101  all three are pipes
        assert stdout is not None  # noqa: S101
        assert stderr is not None  # noqa: S101
        self._stdin, self._stdout = stdin, stdout
        self._reader = threading.Thread(
            target=self._read_log, args=(stderr,), name="endpoint log", daemon=True
        )
        self._reader.start()
        with contextlib.suppress(OSError):  # it has died already; wait_until_listening reports why
            stdin.write(first_line)
            stdin.flush()

    @property
    def pid(self) -> int:
        """Process id."""
        return self._popen.pid

    @property
    def alive(self) -> bool:
        """True if the process is running."""
        return self._popen.poll() is None

    def wait_until_listening(self, timeout: float) -> int:
        """Block until the server listens and return its port.

        Raises:
            EndpointError: if it ends first or takes longer than ``timeout`` seconds.
        """
        alarm = threading.Timer(timeout, self._give_up)
        alarm.daemon = True
        alarm.start()
        try:
            answer = self._stdout.readline()
        except ValueError:  # closed by stop() in another thread
            answer = b""
        finally:
            alarm.cancel()
        try:
            self.port = int(json.loads(answer)["port"])
        except (ValueError, KeyError, TypeError) as error:
            late = self._killed.is_set()
            words = f"it did not listen within {timeout:g} s" if late else self._last_words()
            raise EndpointError(f"the local endpoint did not start: {words}") from error
        return self.port

    async def stop(self) -> None:
        """End the process and reap it, within 0.2 s."""
        self._popen.terminate()
        if not await self._ended(TERMINATE_SECONDS):
            self._popen.kill()
            await self._ended(KILL_SECONDS)
        self.release()

    def release(self) -> None:
        """Release the pipes of a process that has ended."""
        if self.alive:  # a thread may still be reading, and closing would block on it
            return
        with contextlib.suppress(OSError):  # the child never read the buffered bytes
            self._stdin.close()
        self._stdout.close()

    async def _ended(self, seconds: float) -> bool:
        """Return True if the process ends within ``seconds``; waits for the end of its log, too."""
        clock = asyncio.get_running_loop().time
        end = clock() + seconds
        while self.alive or self._reader.is_alive():
            if clock() >= end:
                return not self.alive
            await asyncio.sleep(POLL_SECONDS)
        return True

    def _give_up(self) -> None:
        self._killed.set()
        self._popen.kill()

    def _last_words(self) -> str:
        """Return the reason of a failed start: the last log line, or the exit signal."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._popen.wait(TERMINATE_SECONDS)
        self._reader.join(TERMINATE_SECONDS)
        words = next((line for line in reversed(self.log) if line.strip()), "")
        if words:
            return clean_line(words)
        code = self._popen.poll()
        if code is not None and code < 0:
            return f"it was ended by signal {-code} ({signal.strsignal(-code)})"
        return "it ended without a word"

    def _read_log(self, stderr: IO[bytes]) -> None:
        """Keep the last lines; continuous reading keeps the child from blocking."""
        with stderr:
            while line := stderr.readline(LOG_LINE_BYTES):
                self.log.append(line.decode(errors="replace").rstrip())


@dataclass(frozen=True, slots=True)
class Listening:
    """Address and API key of a running endpoint."""

    url: str
    """``ws://…/stream``, without query parameters."""
    api_key: str | None = field(default=None, repr=False)


class LocalEndpoint:
    """Endpoint on this machine, private to this program.

    The server runs in a child process, so that inference never shares the interpreter lock with
    the screen. It listens on a free port of 127.0.0.1, with a random key that passes only through
    the pipe to the child.
    """

    label: str = "local endpoint"
    """Short name for the status line."""
    ours: bool = True
    """True: the endpoint is our own, so its silence is by definition that of the preview."""

    def __init__(self, *, command: Sequence[str] | None = None) -> None:
        """Prepare the endpoint without starting the child.

        Args:
            command: program and arguments of the child; `main` in this interpreter by default.
        """
        self._command = tuple(command or command_of("deeptone_tui.endpoint.child"))
        self._key = secrets.token_urlsafe(KEY_BYTES)
        self._starting = threading.Lock()
        self._owning = threading.Lock()
        self._process: EndpointProcess | None = None
        self._closings = 0

    @property
    def pid(self) -> int | None:
        """Process id of the running child, or None."""
        process = self._process
        return process.pid if process is not None and process.alive else None

    async def target(self) -> Listening:
        """Return the endpoint to connect to: the running child, or a new one.

        May be called from any event loop, also concurrently.

        Raises:
            EndpointError: if the child does not start; the message gives the reason.
        """
        process = self._process
        if process is None or not process.alive or process.port is None:
            process = await asyncio.to_thread(self._started, self._closings)
        return Listening(f"ws://127.0.0.1:{process.port}/stream", self._key)

    async def close(self) -> None:
        """End the child within 0.2 s, even if it is stopped.

        The object remains usable: the next `target` starts a new child.
        """
        with self._owning:
            self._closings += 1
            process, self._process = self._process, None
        if process is not None:
            await process.stop()

    def _started(self, closings: int) -> EndpointProcess:
        """Return a child that listens; blocks. ``closings`` detects a `close` in the meantime."""
        with self._starting:
            process = self._process
            if process is None or not process.alive:
                process = self._new(closings)
            if process.port is None:
                process.wait_until_listening(START_SECONDS)
            return process

    def _new(self, closings: int) -> EndpointProcess:
        told = {"api_key": self._key, "idle_timeout": IDLE_SECONDS}
        with self._owning:
            if closings != self._closings:
                raise EndpointError("the local endpoint was closed while it started")
            if self._process is not None:
                self._process.release()
            self._process = EndpointProcess(self._command, json.dumps(told).encode() + b"\n")
            return self._process


def main() -> int:
    """Serve in the child process until the parent exits.

    Returns:
        The exit code; 1 after a line on stderr that gives the reason.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the parent
    announce = _announcement()
    told = sys.stdin.buffer.readline()
    end_with_parent(_read_until_closed)  # there is no state to save
    try:
        from deeptone_tui.endpoint.server.server import serve  # noqa: PLC0415  watch first, then load

        options = ServerOptions(host="127.0.0.1", port=0, **json.loads(told))
        asyncio.run(serve(options, on_listening=announce))
    except (EndpointError, OptionError, ImportError, json.JSONDecodeError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _announcement() -> Callable[[int], None]:
    """Return a function that reports the port to the parent; redirect stdout to the log."""
    sys.stdout.flush()
    channel = os.dup(STDOUT)
    os.dup2(STDERR, STDOUT)

    def announce(port: int) -> None:
        os.write(channel, json.dumps({"port": port}).encode() + b"\n")
        os.close(channel)

    return announce


def _read_until_closed() -> None:
    """Return when stdin is closed, by the parent or by the kernel for it."""
    while os.read(STDIN, CHUNK_BYTES):
        pass
