"""What about the source makes its levels misleading, of its last minutes."""

from collections import deque
from collections.abc import Callable
from typing import Final

from deeptone_tui.dsp import ChannelFigures, Fault, InputMeter, Samples, input_faults

KEPT_SECONDS: Final = 180.0
"""Audio that is judged: long enough for some pauses, short enough that a mended fault is
forgotten."""
LOOK_EVERY: Final = 2.0
"""Seconds between two judgements, which cost more than measuring."""


class FaultWatch:
    """Measures what the source delivers, and judges it now and then.

    Args:
        clock: seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.restart()

    def restart(self) -> None:
        """Begin again, with another source."""
        self._meter = InputMeter(KEPT_SECONDS)
        self._channels: deque[ChannelFigures] = deque(maxlen=round(KEPT_SECONDS / LOOK_EVERY))
        self._faults: tuple[Fault, ...] = ()
        self._fresh = False  # audio has come since it was judged
        self._judged = -LOOK_EVERY

    def feed(self, samples: Samples) -> None:
        """Take a block of any length."""
        self._meter.feed(samples)
        self._fresh = True

    def faults(self, channels: ChannelFigures | None, *, ended: bool) -> tuple[Fault, ...]:
        """Return what is wrong; as new as `LOOK_EVERY`, or of everything at the end.

        Args:
            channels: what the source has mixed since it was opened; None where it mixes nothing.
            ended: whether no more audio is to come.
        """
        now = self._clock()
        if self._fresh and (ended or now - self._judged >= LOOK_EVERY):
            self._fresh, self._judged = False, now
            self._faults = input_faults(self._meter.figures(), self._recent(channels))
        return self._faults

    def _recent(self, channels: ChannelFigures | None) -> ChannelFigures | None:
        """Return what was mixed in the time that is judged."""
        kept = self._channels
        if channels is None or (kept and channels.frames < kept[-1].frames):
            kept.clear()  # the source was opened again, and counts from nothing
        if channels is None:
            return None
        recent = channels.since(kept[0]) if len(kept) == kept.maxlen else channels
        kept.append(channels)
        return recent
