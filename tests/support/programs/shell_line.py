"""A line for the shell, running: what it prints, and the end of all that it began."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

WITH_VENV = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
"""A search path with the commands of the environment first."""


@contextlib.contextmanager
def shell_line(
    line: str, env: Mapping[str, str], path: str = WITH_VENV
) -> Iterator[tuple[IO[str], "subprocess.Popen[str]"]]:
    """Run a line in bash, as a group of processes that is killed in the end.

    Yields:
        What it prints, and its process.
    """
    with subprocess.Popen(
        ["bash", "-c", line],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**env, "PATH": path},
        start_new_session=True,
    ) as client:
        assert client.stdout is not None
        try:
            yield client.stdout, client
        finally:
            with contextlib.suppress(ProcessLookupError):  # it has ended by itself
                os.killpg(client.pid, signal.SIGKILL)
