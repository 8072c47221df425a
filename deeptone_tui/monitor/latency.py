"""How long results take."""

STEPS = 1024
"""Steps whose capture is remembered: 65 s."""
SMOOTHING = 0.25
"""Weight of the newest result."""


class Latency:
    """Seconds from the capture of a period's last sample to its result, smoothed."""

    def __init__(self, step_samples: int) -> None:
        self._step = step_samples
        self._times = [0.0] * STEPS
        self._captured = 0
        self.seconds: float | None = None

    def capture(self, captured: int, now: float) -> None:
        """Audio up to a sample has been captured now."""
        first, end = self._captured // self._step, captured // self._step
        for step in range(max(first, end - STEPS), end):
            self._times[step % STEPS] = now
        self._captured = captured

    def answer(self, end: int, now: float) -> None:
        """A result up to before a sample has come now."""
        step = (end - 1) // self._step
        newest = self._captured // self._step - 1
        if not newest - STEPS < step <= newest:
            return
        measured = max(0.0, now - self._times[step % STEPS])
        before = measured if self.seconds is None else self.seconds
        self.seconds = before + SMOOTHING * (measured - before)
