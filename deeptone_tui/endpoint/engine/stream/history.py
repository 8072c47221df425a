"""What is known of each of the newest steps, found by their number in the stream."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]


class History:
    """Three values for each step: is it silent, how likely speech, how likely music if not speech.

    Keeps at least the newest ``kept`` steps.
    """

    def __init__(self, kept: int) -> None:
        self.end = 0
        """Steps since the beginning."""
        self._kept = kept
        self._first = 0  # number of the step in the first place
        self._silent = np.zeros(2 * kept, np.bool_)
        self._speech = np.zeros(2 * kept, np.float32)
        self._music = np.zeros(2 * kept, np.float32)

    def append(self, silent: Flags, speech: Floats) -> None:
        """Take at most ``kept`` more steps; music is 0 until it is said to be otherwise."""
        if self.end - self._first + len(silent) > len(self._silent):
            self._make_room()
        place = slice(self.end - self._first, self.end - self._first + len(silent))
        self._silent[place], self._speech[place], self._music[place] = silent, speech, 0.0
        self.end += len(silent)

    def silent(self, start: int, end: int) -> Flags:
        """View which of the steps from ``start`` up to ``end`` are silent."""
        return self._silent[start - self._first : end - self._first]

    def speech(self, start: int, end: int) -> Floats:
        """View the probabilities of speech of the same steps."""
        return self._speech[start - self._first : end - self._first]

    def music(self, start: int, end: int) -> Floats:
        """View the probabilities of music, should it not be speech; may be written to."""
        return self._music[start - self._first : end - self._first]

    def _make_room(self) -> None:
        dropped = self.end - self._kept - self._first
        for values in (self._silent, self._speech, self._music):
            values[: self._kept] = values[dropped : dropped + self._kept].copy()
        self._first += dropped
