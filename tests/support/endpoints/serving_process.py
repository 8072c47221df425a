"""``deeptone-tui serve``, as a program of its own."""

import contextlib
import os
import queue
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO

PATIENCE = 30
"""Seconds after which a test hangs."""
COMMAND = (sys.executable, "-m", "deeptone_tui", "serve", "--port", "0")
OPENING = 3
"""Lines that it writes when it listens."""


@dataclass
class Serving:
    """A running server."""

    process: subprocess.Popen[str]
    lines: "queue.Queue[str]"
    """What it wrote to stderr and nobody has read yet."""
    opening: list[str]
    """What it wrote until it listened."""
    port: int

    @property
    def stream(self) -> str:
        """Address of the stream, without a query."""
        return f"ws://127.0.0.1:{self.port}/stream"

    def next_line(self) -> str:
        """The next line on its stderr."""
        return self.lines.get(timeout=PATIENCE)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal; the exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@contextlib.contextmanager
def serving(
    *arguments: str,
    key: str = "",
    env: Mapping[str, str] | None = None,
    before: Sequence[str] = (),
) -> Iterator[Serving]:
    """A server on a free port, with more arguments; killed in the end if it still runs.

    Args:
        arguments: what follows ``serve``.
        key: what clients need; none for none.
        env: more of the environment.
        before: what goes before the command, and starts it in its own place.
    """
    with subprocess.Popen(
        [*before, *COMMAND, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**environment(key), **(env or {})},
    ) as process:
        assert process.stderr is not None
        lines: queue.Queue[str] = queue.Queue()
        reader = threading.Thread(target=_read, args=(process.stderr, lines))
        reader.start()
        try:
            opening = [lines.get(timeout=PATIENCE) for _ in range(OPENING)]
            port = re.search(r"ws://[^/]*:(\d+)/stream", opening[0])
            assert port is not None, opening
            yield Serving(process, lines, opening, int(port[1]))
        finally:
            process.kill()
            process.wait(PATIENCE)
            reader.join(PATIENCE)


def environment(key: str = "") -> dict[str, str]:
    """This process's environment, without the options of the person at the machine."""
    ours = {k: v for k, v in os.environ.items() if not k.startswith("DEEPTONE_")}
    return {**ours, "DEEPTONE_API_KEY": key}


def _read(stderr: IO[str], lines: "queue.Queue[str]") -> None:
    for line in stderr:
        lines.put(line.rstrip("\n"))
