"""``deeptone-tui`` as a process of its own, away from the files of the person at the machine."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

PROGRAM = (sys.executable, "-m", "deeptone_tui")
REPOSITORY = Path(__file__).parents[3]
PATIENCE = 60
"""Seconds after which a test hangs."""


def surroundings(folder: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """An environment with its own folders for configuration and state, and no options."""
    kept = {name: value for name, value in os.environ.items() if "DEEPTONE" not in name}
    return {
        **kept,
        "XDG_CONFIG_HOME": str(folder / "config"),
        "XDG_STATE_HOME": str(folder / "state"),
        **(extra or {}),
    }


def started(
    folder: Path,
    *arguments: str,
    before: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
    stdout: int = subprocess.PIPE,
    stderr: int = subprocess.PIPE,
    bufsize: int = -1,
    start_new_session: bool = False,
) -> "subprocess.Popen[bytes]":
    """Start it, with nothing to read.

    Args:
        folder: where its configuration and state are.
        arguments: what follows the program's name.
        before: a command that runs it.
        env: more of the environment.
        stdout: as for `subprocess.Popen`, as are the following.
        stderr: the same.
        bufsize: the same.
        start_new_session: the same.
    """
    return subprocess.Popen(
        [*before, *PROGRAM, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        bufsize=bufsize,
        start_new_session=start_new_session,
        cwd=REPOSITORY,
        env=surroundings(folder, env),
    )


def run_program(
    folder: Path,
    *arguments: str,
    env: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    stdout: int | IO[bytes] = subprocess.PIPE,
) -> "subprocess.CompletedProcess[bytes]":
    """Run it to its end.

    Args:
        folder: where its configuration and state are.
        arguments: what follows the program's name.
        env: more of the environment.
        stdin: what it reads.
        stdout: as for `subprocess.run`.
    """
    return subprocess.run(
        [*PROGRAM, *arguments],
        input=stdin,
        stdout=stdout,
        stderr=subprocess.PIPE,
        check=False,
        cwd=REPOSITORY,
        env=surroundings(folder, env),
        timeout=PATIENCE,
    )
