"""How far ``tune`` is, on stderr: one line that is written over on a terminal."""

import sys
import time
from collections.abc import Callable, Sequence

from deeptone_tui.archive.listening import Progress
from deeptone_tui.cli.errors import tell
from deeptone_tui.core.clock import short_clock
from deeptone_tui.core.diagnostics import draw_on_stderr

_PACE = 0.2
"""Seconds between two drawings."""
_ERASE = "\r\x1b[K"


class ProgressLine:
    """Shown on a terminal only; with ``verbose`` each source gets a line anywhere.

    Args:
        sources: how many there are.
        verbose: whether each gets a line.
        clock: seconds that only grow.
    """

    def __init__(
        self, sources: int, *, verbose: bool, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._sources = sources
        self._verbose = verbose
        self._clock = clock
        self._terminal = sys.stderr is not None and sys.stderr.isatty()
        self._began = clock()
        self._drawn: float | None = None

    def update(self, progress: Progress, through: Sequence[str] = ()) -> None:
        """Show how far it is, and which sources are newly through."""
        if self._verbose and through:
            self.clear()
            for name in through:
                tell(f"done with {name}")
        now = self._clock()
        if self._terminal and (self._drawn is None or now - self._drawn >= _PACE):
            draw_on_stderr(_ERASE + self.words(progress))
            self._drawn = now

    def words(self, progress: Progress) -> str:
        """``heard 12 of 60 sources, 11:32, 130 × real time``; of a single one how long it is."""
        if self._sources == 1:
            heard = f"{short_clock(progress.heard)} of {short_clock(progress.length)}"
        else:
            heard = f"{progress.done} of {self._sources} sources, {short_clock(progress.heard)}"
        passed = self._clock() - self._began
        speed = f", {progress.heard / passed:.0f} × real time" if passed > 1 else ""
        return f"heard {heard}{speed}"

    def clear(self) -> None:
        """Take the line away."""
        if self._drawn is not None:
            draw_on_stderr(_ERASE)
            self._drawn = None
