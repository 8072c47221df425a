"""When the voice embedding listens to a stream, and to what."""

import numpy as np
import numpy.typing as npt

from deeptone_tui.endpoint.engine.features import mel_windows
from deeptone_tui.endpoint.engine.stream.history import History
from deeptone_tui.endpoint.engine.stream.recent_audio import RecentAudio
from deeptone_tui.level import STEP_SAMPLES

FIELD = 49
"""Steps whose speech is listened to: ``gender``'s receptive field, 3130 ms, rounded up."""

PACE = 8
"""Steps from one estimate to the next, at least: 512 ms, a sixth of the field."""

SPEECH = 0.5
"""Steps with at least this probability of speech are listened to."""


class VoiceLooks:
    """Estimates the gender of the voice of one stream.

    Asked only at the end of periods that are speech; between estimates the newest one holds.
    """

    def __init__(self, audio: RecentAudio, history: History) -> None:
        self.female = 0.5
        """Probability of a woman's voice as last estimated; 0.5 before any speech."""
        self._audio = audio
        self._history = history
        self._estimated: int | None = None

    def windows(self) -> npt.NDArray[np.float32]:
        """Windows [k, 160, 40] of the speech in the field, none if the newest estimate holds."""
        newest = self._history.end
        none = np.empty((0, 0, 0), np.float32)
        if self._estimated is not None and newest - self._estimated < PACE:
            return none
        start = max(0, newest - FIELD)
        spoken = self._history.speech(start, newest) >= SPEECH
        spoken &= ~self._history.silent(start, newest)
        if not spoken.any():
            return none
        self._estimated = newest
        audio = self._audio.between(start * STEP_SAMPLES, newest * STEP_SAMPLES)
        return mel_windows(audio.reshape(-1, STEP_SAMPLES)[spoken].ravel())

    def note(self, female: float) -> None:
        """Take the estimate for the windows."""
        self.female = female
