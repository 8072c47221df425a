"""A monitor that records while everything comes at it at once: terminal, endpoint and sizes.

    python -m fuzz.siege --seconds 600

The endpoint refuses oddly, breaks off, sends broken frames, and floods with errors, tiny frames and
fat results; somebody types bytes that are no text, cut sequences and keys at sizes down to 1×1; at
times nobody reads the terminal. The recording has to equal what was said, to the sample.
"""

import argparse
import contextlib
import os
import secrets
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

import numpy as np
from support.programs.program import PROGRAM, surroundings
from support.sources.recordings import audio_of
from support.sources.sounds import Samples
from support.terminals.terminal import Terminal, after_the_screen, resident_bytes

from fuzz.siege_endpoint import besieged_endpoint
from fuzz.targets.terminal import SEEDS

_STEP: Final = 1024
"""Samples."""
_RATE: Final = 16_000
_SAFE_KEYS: Final = b"agtx?mfcp[]=0{}v;:\t <>\x1b"
"""Keys that leave source, endpoint and recording alone."""
_SIZES: Final = ((80, 24), (100, 30), (200, 50), (10, 5), (1, 1), (4, 3), (60, 20), (30, 2))
_DEAF: Final = 0.1
"""Share of the moments in which nobody reads the terminal."""
_PATIENCE_S: Final = 30.0
_MEMORY_LIMIT_BYTES: Final = 500_000_000


@dataclass(slots=True)
class Outcome:
    """What became of it."""

    problems: list[str] = field(default_factory=list)
    samples: int = 0
    connections: int = 0
    typed_bytes: int = 0
    largest_bytes: int = 0
    """Of the monitor's resident memory."""


class _Speaker(threading.Thread):
    """Says noise into a pipe, at the pace of the clock, and keeps what it said."""

    def __init__(self, pipe: Path, seconds: float, seed: int) -> None:
        super().__init__(daemon=True)
        self._pipe = pipe
        self._steps = round(seconds * _RATE / _STEP)
        self._noise = np.random.default_rng(seed)
        self.said: list[Samples] = []

    def run(self) -> None:
        """Say all of it, and close the pipe."""
        with self._pipe.open("wb", buffering=0) as pipe:
            begun = time.monotonic()
            for number in range(self._steps):
                loud = 3000 if number // 32 % 2 else 30
                step = self._noise.normal(0, loud, _STEP).astype("<i2")
                pipe.write(step.tobytes())
                self.said.append(step)
                time.sleep(max(0.0, begun + (number + 1) * _STEP / _RATE - time.monotonic()))


def besiege(seconds: float, seed: int, folder: Path) -> Outcome:
    """Record for so long, and say what was wrong."""
    outcome = Outcome()
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    speaker = _Speaker(pipe, seconds, seed)
    with besieged_endpoint(seed) as endpoint:
        command = [*PROGRAM, "-", "--url", endpoint.url, "--record", str(folder / "recordings")]
        shell = ["sh", "-c", 'exec "$@" <"$0"', str(pipe), *command]
        with contextlib.closing(Terminal(shell, env=surroundings(folder), cwd=folder)) as terminal:
            speaker.start()
            terminal.wait_until(lambda: bool(speaker.said))
            _disturb(terminal, Random(seed), speaker.is_alive, outcome)
            _end(terminal, outcome)
        outcome.connections = endpoint.connections
    _compare(folder, speaker.said, outcome)
    return outcome


def _disturb(
    terminal: Terminal, random: Random, going_on: Callable[[], bool], outcome: Outcome
) -> None:
    """Type and turn until the source ends."""
    while going_on() and terminal.alive():
        columns, rows = random.choice(_SIZES)
        terminal.process.setwinsize(rows, columns)
        typed = _typed(random)
        terminal.send(typed)
        outcome.typed_bytes += len(typed)
        moment = random.choice((0.05, 0.2, 1.0))
        if random.random() < _DEAF:
            time.sleep(3 * moment)
        else:
            _read(terminal, moment)
        outcome.largest_bytes = max(outcome.largest_bytes, resident_bytes(terminal.pid))


def _typed(random: Random) -> bytes:
    """Safe keys, bytes that are no text, and the beginnings of sequences."""
    match random.randrange(4):
        case 0:
            return bytes(random.choices(_SAFE_KEYS, k=random.randint(1, 4)))
        case 1:
            return bytes(random.randrange(0x80, 0x100) for _ in range(random.randint(1, 30)))
        case 2:
            return b"\x1b[M" + bytes(random.randrange(0x20, 0x100) for _ in range(3))
        case _:
            sequence = random.choice([each for each in SEEDS if each.startswith(b"\x1b[")])
            return sequence[: random.randint(1, len(sequence))] + b"\x1b\x1b"


def _read(terminal: Terminal, seconds: float) -> None:
    """Read what is written without showing it: an emulator of so many sizes is none."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(Exception):
            terminal.output += terminal.process.read_nonblocking(65536, timeout=0.02)
        del terminal.output[: -(1 << 20)]


def _end(terminal: Terminal, outcome: Outcome) -> None:
    """Leave dialogs, and quit."""
    terminal.process.setwinsize(24, 80)
    _read(terminal, 3.0)  # the recorder writes four times a second
    end = time.monotonic() + _PATIENCE_S
    while terminal.alive() and time.monotonic() < end:
        terminal.send(b"\x1b")
        _read(terminal, 0.3)
        for _ in range(2):  # the first may ask whether the threshold is to be saved
            if terminal.alive():
                terminal.send(b"q")
            _read(terminal, 0.5)
    if terminal.alive():
        outcome.problems.append("it did not end when asked")
        return
    code = terminal.wait_for_exit()
    if code:
        words = after_the_screen(terminal).decode(errors="replace")
        outcome.problems.append(f"exit code {code}: {words[-1000:]}")


def _compare(folder: Path, said: list[Samples], outcome: Outcome) -> None:
    """The recording is what was said."""
    spoken = np.concatenate(said)
    outcome.samples = len(spoken)
    recordings = [each for each in (folder / "recordings").glob("*") if each.is_dir()]
    if len(recordings) != 1:
        outcome.problems.append(f"{len(recordings)} recordings")
        return
    heard = audio_of(recordings[0])
    if not np.array_equal(heard, spoken):
        same = min(len(heard), len(spoken))
        differ = np.flatnonzero(heard[:same] != spoken[:same])
        outcome.problems.append(
            f"recorded {len(heard)} of {len(spoken)} samples"
            + (f", the first that differs is {differ[0]}" if len(differ) else "")
        )
    if crashes := list(folder.rglob("crash*")):
        outcome.problems.append(crashes[0].read_text()[-2000:])
    if outcome.largest_bytes > _MEMORY_LIMIT_BYTES:
        outcome.problems.append(f"{outcome.largest_bytes / 1e6:.0f} MB of memory")


def main() -> int:
    """Print what became of it."""
    parser = argparse.ArgumentParser(prog="python -m fuzz.siege")
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1 << 32))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        outcome = besiege(given.seconds, given.seed, Path(folder))
    sys.stdout.write(
        f"{outcome.samples} samples said, {outcome.connections} connections, "
        f"{outcome.typed_bytes} bytes typed, at most {outcome.largest_bytes / 1e6:.0f} MB; "
        f"seed {given.seed}: {'; '.join(outcome.problems) or 'the recording equals the source'}\n"
    )
    return int(bool(outcome.problems))


if __name__ == "__main__":
    sys.exit(main())
