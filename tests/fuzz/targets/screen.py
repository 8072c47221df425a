"""The monitor itself in a terminal of any size, typed at with anything."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

from support.programs.program import PROGRAM, surroundings
from support.terminals.terminal import Terminal

from fuzz.mutation import mutated
from fuzz.target import Judge, Target
from fuzz.targets.terminal import SEEDS

_KEYS: Final = tuple(b"dseamtxghfrp?[]{}.,;:0123456789+-< >nNlvwuby\t\r ")
_ENDS: Final = (b"q", b"\x03", b"\x11", b"\x1a", b"\x1c")
_INJECTED: Final = b"\x1b]52;c;UFdORUQ="
_SIZES: Final = ((80, 24), (100, 30), (200, 50), (60, 20), (10, 5), (1, 1), (3, 2), (40, 10))


@dataclass(frozen=True, slots=True)
class _Typed:
    said: bytes
    size: tuple[int, int]


def _made(random: Random) -> _Typed:
    """Keys, sequences and bytes, none of which is meant to end the program."""
    parts = [
        bytes([random.choice(_KEYS)])
        if random.random() < 0.6
        else mutated(random, SEEDS, longest=200)
        for _ in range(random.randint(1, 8))
    ]
    said = b"".join(parts)
    for end in _ENDS:
        said = said.replace(end, b"z")
    return _Typed(said, random.choice(_SIZES))


class _Running:
    """A monitor, and the next one when it was asked to end after all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._terminal = self._started()

    def _started(self) -> Terminal:
        made = Terminal([*PROGRAM, "demo"], env=surroundings(self._folder), cwd=self._folder)
        made.wait_for("STREAMING", 60)
        return made

    def judge(self, typed: _Typed) -> None:
        columns, rows = typed.size
        self._terminal.process.setwinsize(rows, columns)
        self._terminal.send(typed.said)
        self._terminal.pump(0.05)
        assert _INJECTED not in self._terminal.output
        self._assert_no_crash()
        if not self._terminal.alive():  # somebody who types anything finds the way out in the end
            assert self._terminal.wait_for_exit() in {0, 130}
            self._terminal.close()
            self._terminal = self._started()
        self._terminal.output.clear()

    def _assert_no_crash(self) -> None:
        """And go on with another one where there was."""
        crashes = list(self._folder.rglob("crash*"))
        if crashes:
            said = crashes[0].read_text()[-2000:]
            for crash in crashes:
                crash.unlink()
            self._terminal.wait_for_exit()
            self._terminal.close()
            self._terminal = self._started()
            raise AssertionError(said)

    def end(self) -> None:
        self._terminal.process.setwinsize(24, 80)
        self._terminal.process.kill(15)
        try:
            code = self._terminal.wait_for_exit(60)
            self._assert_no_crash()
            assert code == 0, f"{code}: {self._terminal.output[-2000:]!r}"
        finally:
            self._terminal.close()


@contextlib.contextmanager
def _opened() -> Iterator[Judge]:
    with tempfile.TemporaryDirectory() as folder:
        os.environ.pop("DEEPTONE_URL", None)
        running = _Running(Path(folder))
        try:
            yield running.judge
        finally:
            running.end()


SCREEN: Final = Target("screen", _made, _opened, short=3)
