"""A program in a pseudo-terminal, its screen read back by a terminal emulator."""

import contextlib
import os
import select
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

import pexpect
import pyte
from support.programs.program import PROGRAM, REPOSITORY, surroundings
from support.terminals.emulator import UNKNOWN_TO_PYTE

GONE_WITHIN = 20.0
"""Seconds; more than any machine takes to end what was killed."""


class Terminal:
    """A child process in a terminal of ``columns`` × ``rows``, closed at the end of a ``with``.

    Nothing is read unless a method here is called: a terminal that is not pumped is a stalled one.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        columns: int = 80,
        rows: int = 24,
        env: Mapping[str, str] | None = None,
        cwd: Path = REPOSITORY,
    ) -> None:
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.output = bytearray()
        """Every byte the program wrote so far."""
        shell = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        for name in ("NO_COLOR", "PYTHONDONTWRITEBYTECODE"):
            shell.pop(name, None)
        self.process = pexpect.spawn(
            command[0],
            list(command[1:]),
            dimensions=(rows, columns),
            env={**shell, **(env or {})},
            cwd=str(cwd),
            timeout=None,
        )
        self.process.delaybeforesend = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """Process id of the child."""
        return int(self.process.pid)

    @property
    def text(self) -> str:
        """The screen as lines of text."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def pump(self, seconds: float = 0.0) -> None:
        """Read what the program writes for a while."""
        end = time.monotonic() + seconds
        while True:
            with contextlib.suppress(pexpect.TIMEOUT, pexpect.EOF, OSError):
                self._show(self.process.read_nonblocking(65536, timeout=0.02))
            if time.monotonic() >= end:
                return

    def wait_until(
        self, condition: Callable[[], bool], seconds: float = 30.0, *, pumping: bool = True
    ) -> None:
        """Pump until the condition holds; the bound only catches a hang.

        Without ``pumping`` nothing is read meanwhile: the terminal stalls.
        """
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise AssertionError(f"not within {seconds} s; the screen is:\n{self.text}")
            if pumping:
                self.pump()
            else:
                time.sleep(0.02)

    def wait_for(self, text: str, seconds: float = 30.0) -> None:
        """Pump until the text stands on the screen."""
        self.wait_until(lambda: text in self.text, seconds)

    def send(self, keys: str | bytes) -> None:
        """Type, or send any bytes."""
        self.process.send(keys)

    def alive(self) -> bool:
        """Whether the program still runs."""
        return bool(self.process.isalive())

    def leave(self, key: str = "q") -> None:
        """End the program by a key, as it should."""
        self.send(key)
        assert self.wait_for_exit(60) == 0

    def wait_for_exit(self, seconds: float = 10.0) -> int:
        """Pump until the program ends; returns its exit status, negative for a signal."""
        self.wait_until(lambda: not self.alive(), seconds)
        self._drain()
        status = self.process.exitstatus
        return int(status) if status is not None else -int(self.process.signalstatus or 0)

    def _show(self, data: bytes) -> None:
        """Show what the program wrote."""
        self.output += data
        self._stream.feed(UNKNOWN_TO_PYTE.sub(b"", data))

    def _drain(self) -> None:
        """Read to the end, which is an error (EIO) once nobody holds the other side.

        What a program wrote last reaches this side after its end on a busy machine; a child that
        still holds the terminal keeps the end from coming.
        """
        while select.select([self.process.child_fd], [], [], 1.0)[0]:
            try:
                data = os.read(self.process.child_fd, 65536)
            except OSError:
                return
            if not data:
                return
            self._show(data)

    def hang_up(self) -> None:
        """Close the terminal, as closing its window does; the child is left to itself."""
        self.process.ptyproc.fileobj.close()
        self.process.closed = self.process.ptyproc.closed = True

    def close(self) -> None:
        """Close the terminal, and make sure that the child is gone."""
        if not self.process.closed:
            try:
                self.process.close(force=True)
            except pexpect.ExceptionPexpect:  # it was killed, and had a tenth of a second to go
                end = time.monotonic() + GONE_WITHIN
                while self.process.ptyproc.isalive():
                    assert time.monotonic() < end, "the child cannot be killed"
                    time.sleep(0.05)
        elif self.process.ptyproc.isalive():
            os.kill(self.pid, signal.SIGKILL)


def after_the_screen(session: Terminal) -> bytes:
    """What was written since the terminal was given back.

    The emulators do not give it back: there these words stand where the cursor was in the end, and
    may be cut in two by the edge.
    """
    _, closed, rest = bytes(session.output).rpartition(b"\x1b[?1049l")
    return rest if closed else b""


terminal = Terminal


def program_terminal(
    folder: Path,
    *words: str,
    env: Mapping[str, str] | None = None,
    columns: int = 80,
    rows: int = 24,
) -> Terminal:
    """The program in a terminal, away from the files of the person at the machine.

    Args:
        folder: where its configuration and state are.
        words: what follows the program's name.
        env: more of the environment.
        columns: of the terminal, as its rows.
        rows: the same.
    """
    around = surroundings(folder, env)
    return terminal([*PROGRAM, *words], columns=columns, rows=rows, env=around)


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_bytes(pid: int) -> int:
    """Memory that a process has in use now; 0 where the system does not tell."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def child_named(pid: int, name: str) -> int:
    """Process id of the one direct child with this name (Linux)."""
    named = {child: Path(f"/proc/{child}/comm").read_text().strip() for child in children_of(pid)}
    (found,) = [child for child, called in named.items() if called == name]
    return found


def children_of(pid: int) -> list[int]:
    """Process ids of the direct children of a process (Linux).

    By the parent that each process has: the lists of each thread's children miss some while the
    thread that started them ends.
    """
    found: list[int] = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            fields = path.read_text().rsplit(")", 1)[1].split()
            if int(fields[1]) == pid:
                found.append(int(path.parent.name))
    return found


def is_running(pid: int) -> bool:
    """Whether the process exists and is no zombie (Linux)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def stop_process(pid: int) -> None:
    """Freeze a process, as a hung endpoint would be."""
    os.kill(pid, signal.SIGSTOP)
