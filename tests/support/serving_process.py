"""The server in the foreground, as a program of its own."""

import contextlib
import os
import queue
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO

PATIENCE = 30
"""Seconds after which a test hangs."""
PROGRAM = (
    "import json, sys; from deeptone_tui.endpoint import ServerOptions, run_server; "
    "sys.exit(run_server(ServerOptions(**json.loads(sys.stdin.readline()))))"
)


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
def serving(options: str = "{}", environment: Mapping[str, str] | None = None) -> Iterator[Serving]:
    """A server started with these options, as JSON; killed in the end if it still runs."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **(environment or {})},
    ) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        lines: queue.Queue[str] = queue.Queue()
        reader = threading.Thread(target=_read, args=(process.stderr, lines))
        reader.start()
        try:
            process.stdin.write(options + "\n")
            process.stdin.flush()
            opening = [lines.get(timeout=PATIENCE) for _ in range(3)]
            port = re.search(r"ws://[^/]*:(\d+)/stream", opening[0])
            assert port is not None, opening
            yield Serving(process, lines, opening, int(port[1]))
        finally:
            process.kill()
            process.wait(PATIENCE)
            reader.join(PATIENCE)


def _read(stderr: IO[str], lines: "queue.Queue[str]") -> None:
    for line in stderr:
        lines.put(line.rstrip("\n"))
