"""``deeptone-tui`` as a process of its own, away from the files of the person at the machine."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

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
    **options: Any,  # noqa: ANN401  whatever `subprocess` takes
) -> "subprocess.Popen[bytes]":
    """Start it, with its output in pipes.

    Args:
        folder: where its configuration and state are.
        arguments: what follows the program's name.
        before: a command that runs it.
        options: as for `subprocess.Popen`.
    """
    return subprocess.Popen(
        [*before, *PROGRAM, *arguments],
        cwd=REPOSITORY,
        **{
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "env": surroundings(folder),
            **options,
        },
    )


def run_program(
    folder: Path,
    *arguments: str,
    env: Mapping[str, str] | None = None,
    stdin: bytes | None = None,
    **options: Any,  # noqa: ANN401  the same
) -> "subprocess.CompletedProcess[bytes]":
    """Run it to its end.

    Args:
        folder: where its configuration and state are.
        arguments: what follows the program's name.
        env: more of the environment.
        stdin: what it reads; None for nothing at all.
        options: as for `subprocess.run`.
    """
    return subprocess.run(
        [*PROGRAM, *arguments],
        input=stdin if stdin is not None else b"",
        check=False,
        cwd=REPOSITORY,
        env=surroundings(folder, env),
        timeout=PATIENCE,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
    )
