"""The long form: ``make fuzz``.

python -m fuzz                          a minute of each target, on a fresh seed
python -m fuzz messages --inputs 100000 so many of one
python -m fuzz web --seed 7 --first 41 --inputs 1   one of them again
"""

import argparse
import faulthandler
import secrets
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Final, cast

from fuzz.run import HANG_S, Figures, made, run
from fuzz.targets import TARGETS

_STUCK_S: Final = 60
"""Seconds after which all stacks are printed and the target is given up."""


def main() -> int:
    """Run each target in a process of its own, so that a crash of a C library is one of its."""
    given = _arguments()
    if len(given.targets) == 1:
        return _one(given)
    codes = [
        subprocess.run([sys.executable, "-m", "fuzz", name, *_again(given)], check=False).returncode
        for name in given.targets
    ]
    return int(any(codes))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m fuzz")
    parser.add_argument("targets", nargs="*", default=list(TARGETS), metavar="TARGET")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--inputs", type=int, default=None, help="so many, however long it takes")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1 << 32))
    parser.add_argument("--first", type=int, default=0, help="number of the first input")
    given = parser.parse_args()
    if unknown := set(given.targets) - set(TARGETS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(TARGETS)}")
    return given


def _again(given: argparse.Namespace) -> list[str]:
    """The options, for one of the processes."""
    names = ("seconds", "seed", "first", *(["inputs"] if given.inputs is not None else []))
    return [f"--{name}={getattr(given, name)}" for name in names]


def _one(given: argparse.Namespace) -> int:
    """Run one target, and print a line about it."""
    target = TARGETS[given.targets[0]]
    if given.inputs == 1:
        sys.stdout.write(f"{made(target, given.seed, given.first)!r}\n")
    figures = run(target, given.seed, first=given.first, more=_limit(given))
    sys.stdout.write(f"{target.name:14} {_told(figures)}; seed {given.seed}\n")
    for failure in figures.failures:
        sys.stdout.write(f"  {failure}\n")
    return int(bool(figures.failures or figures.slow))


def _limit(given: argparse.Namespace) -> Callable[[int], bool]:
    """Whether there is to be one more; the watch for what hangs begins anew with each."""
    end, most = time.monotonic() + given.seconds, cast("int | None", given.inputs)

    def more(inputs: int) -> bool:
        faulthandler.dump_traceback_later(_STUCK_S, exit=True)
        return inputs < most if most is not None else time.monotonic() < end

    return more


def _told(figures: Figures) -> str:
    """Figures as words."""
    return (
        f"{figures.inputs} inputs, {len(figures.failures)} failed, "
        f"{len(figures.slow)} over {HANG_S:g} s {figures.slow or ''}"
        f"(slowest {figures.slowest_s:.2f} s), memory {figures.grown_bytes / 1e6:+.1f} MB"
    )


sys.exit(main())
