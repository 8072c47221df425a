"""A terminal that answers questions as real ones do, and can be at the end of a slow link."""

import contextlib
import os
import select
import time
from collections.abc import Callable, Sequence
from typing import Any

from support.terminals.emulator import Emulator
from support.terminals.terminal import Terminal

_SLICES = 20
"""Parts of a second in which a slow link delivers."""


class AnsweringTerminal(Terminal):
    """Tells where its cursor is, and that it has synchronised frames."""

    def __init__(self, command: Sequence[str], **options: Any) -> None:  # noqa: ANN401  `Terminal`'s
        super().__init__(command, **options)
        self.emulator = Emulator(self.screen.columns, self.screen.lines, self.send)
        self.rate: int | None = None
        """Bytes a second that the link takes; None for all there are."""

    @property
    def text(self) -> str:
        """The screen as lines of text."""
        return self.emulator.text

    def pump(self, seconds: float = 0.0) -> None:
        """Read what the program writes for a while, at the rate of the link."""
        end = time.monotonic() + seconds
        while True:
            began = time.monotonic()
            self._take(65536 if self.rate is None else self.rate // _SLICES)
            if self.rate is not None:
                time.sleep(max(began + 1 / _SLICES - time.monotonic(), 0))
            if time.monotonic() >= end:
                return

    def _take(self, size: int) -> None:
        """Read at most so many bytes."""
        descriptor = self.process.child_fd
        with contextlib.suppress(OSError):
            if select.select([descriptor], [], [], 0.02)[0]:
                self._show(os.read(descriptor, size))

    def _show(self, data: bytes) -> None:
        """Show what the program wrote."""
        self.output += data
        self.emulator.feed(data)

    def bytes_until(self, condition: Callable[[], bool], most: int) -> int:
        """Bytes that the link has room for until the condition holds, and at most so many."""
        assert self.rate is not None
        room = 0
        while not condition():
            assert room <= most, f"not within {most} bytes; the screen is:\n{self.text}"
            self.pump()
            room += self.rate // _SLICES
        return room


answering_terminal = AnsweringTerminal
