"""A child process with a server in it, owned by whoever made this object."""

import asyncio
import contextlib
import json
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Sequence
from typing import IO

from deeptone_tui.core.errors import reason_of
from deeptone_tui.core.text import clean_line
from deeptone_tui.endpoint.errors import EndpointError

LOG_LINES = 50
LOG_LINE_BYTES = 500
TERMINATE_SECONDS = 0.1
"""What the child has to end by itself before it is killed."""
KILL_SECONDS = 0.08
"""What the kernel has to end it after that."""
POLL_SECONDS = 0.005


class EndpointProcess:
    """One run of the server.

    Every method may be called from any thread; `stop` also while another thread waits in
    `wait_until_listening`, which then raises.

    Raises:
        EndpointError: when it cannot be started at all.
    """

    def __init__(self, command: Sequence[str], first_line: bytes) -> None:
        self._log: deque[str] = deque(maxlen=LOG_LINES)
        self._port: int | None = None
        self._killed = threading.Event()  # because it took too long
        try:
            self._popen = subprocess.Popen(  # noqa: S603  our own interpreter and module
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,  # the terminal's ctrl+c and hang-up go to its own group
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
        with contextlib.suppress(OSError):  # it died already; wait_until_listening says why
            stdin.write(first_line)
            stdin.flush()

    @property
    def pid(self) -> int:
        """Process id."""
        return self._popen.pid

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._popen.poll() is None

    @property
    def port(self) -> int | None:
        """Where it listens, once it does."""
        return self._port

    @property
    def log(self) -> tuple[str, ...]:
        """The last lines that it wrote."""
        return tuple(self._log)

    def wait_until_listening(self, timeout: float) -> int:
        """Block until the server listens; its port.

        Raises:
            EndpointError: when it ends before, or takes longer than ``timeout`` seconds.
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
            self._port = int(json.loads(answer)["port"])
        except (ValueError, KeyError, TypeError) as error:
            late = self._killed.is_set()
            words = f"it did not listen within {timeout:g} s" if late else self._last_words()
            raise EndpointError(f"the local endpoint did not start: {words}") from error
        return self._port

    async def stop(self) -> None:
        """End the process and take it out of the process table; at most 0.2 s."""
        self._popen.terminate()
        if not await self._ended(TERMINATE_SECONDS):
            self._popen.kill()
            await self._ended(KILL_SECONDS)
        self.release()

    def release(self) -> None:
        """Give back the pipes of a process that has ended."""
        if self.alive:  # a thread may still be reading, and closing would wait for it
            return
        with contextlib.suppress(OSError):  # bytes that the child never took
            self._stdin.close()
        self._stdout.close()

    async def _ended(self, seconds: float) -> bool:
        """Whether it ends within the time, its log read to the end."""
        clock = asyncio.get_running_loop().time
        end = clock() + seconds
        while self.alive or self._reader.is_alive():
            if clock() >= end:
                return not self.alive
            await asyncio.sleep(POLL_SECONDS)
        return True

    def _give_up(self) -> None:
        """End a process that takes too long to start."""
        self._killed.set()
        self._popen.kill()

    def _last_words(self) -> str:
        """Why it did not start, from what it wrote last or how it ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._popen.wait(TERMINATE_SECONDS)
        self._reader.join(TERMINATE_SECONDS)
        words = next((line for line in reversed(self._log) if line.strip()), "")
        if words:
            return clean_line(words)
        code = self._popen.poll()
        if code is not None and code < 0:
            return f"it was ended by signal {-code} ({signal.strsignal(-code)})"
        return "it ended without a word"

    def _read_log(self, stderr: IO[bytes]) -> None:
        """Keep the last lines; reading on keeps the child from blocking."""
        with stderr:
            while line := stderr.readline(LOG_LINE_BYTES):
                self._log.append(line.decode(errors="replace").rstrip())
