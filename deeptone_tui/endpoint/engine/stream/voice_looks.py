"""When the voice embedding listens to a stream, and to what."""

import numpy as np
import numpy.typing as npt

from deeptone_tui.dsp import STEP_SAMPLES
from deeptone_tui.endpoint.engine.features import mel_windows
from deeptone_tui.endpoint.engine.stream.history import History
from deeptone_tui.endpoint.engine.stream.recent_audio import RecentAudio

Floats = npt.NDArray[np.float32]

FIELD = 49
"""Steps whose speech is listened to: ``gender``'s receptive field, 3130 ms, rounded up."""

WINDOW = 25
"""Steps of speech that fill one window of the network: 1.6 s."""

PACE = 8
"""Steps from one estimate to the next, at least: 512 ms, a sixth of the field."""

SPEECH = 0.5
"""Steps with at least this probability of speech are listened to."""


SAME_VOICE = 0.65
"""Cosine from which two windows are taken for one voice. Measured: 0.75 and more within a speaker
(186 clips, windows 1 s apart), 0.3 to 0.45 between a man and a woman."""


class VoiceLooks:
    """Estimates the gender of the voice of one stream.

    Asked only at the end of periods that are speech; between estimates the newest one holds. An
    estimate rests on the newest 1.6 s of the speech in the field, and for the older half of the
    field on the windows of earlier estimates, if there are any, or else on a second window; what
    is older and another voice is left out, so that a change of speaker shows at once.
    """

    def __init__(self, audio: RecentAudio, history: History) -> None:
        self.female = 0.5
        """Probability of a woman's voice as last estimated; 0.5 before any speech."""
        self._audio = audio
        self._history = history
        self._estimated = -PACE
        self._earlier: list[tuple[int, Floats]] = []  # step and embedding of the newest windows

    def windows(self) -> Floats:
        """Windows [k, 160, 40] to listen to, the newest first; none if the estimate holds."""
        newest = self._history.end
        start = max(0, newest - FIELD)
        spoken = self._history.speech(start, newest) >= SPEECH
        spoken &= ~self._history.silent(start, newest)
        if newest - self._estimated < PACE or not spoken.any():
            return np.empty((0, 0, 0), np.float32)
        self._estimated = newest
        self._earlier = [own for own in self._earlier if newest - own[0] <= FIELD - WINDOW]
        chosen = np.flatnonzero(spoken)[-WINDOW if self._earlier else -FIELD :]
        audio = self._audio.between(start * STEP_SAMPLES, newest * STEP_SAMPLES)
        return mel_windows(audio.reshape(-1, STEP_SAMPLES)[chosen].ravel())

    def note(self, embeddings: Floats) -> Floats:
        """Take the embeddings of these windows and return all that the estimate rests on."""
        newest = embeddings[0]
        older = [*embeddings[1:], *(embedding for _, embedding in self._earlier)]
        self._earlier.append((self._estimated, newest))
        return np.stack([newest, *(own for own in older if newest @ own >= SAME_VOICE)])
