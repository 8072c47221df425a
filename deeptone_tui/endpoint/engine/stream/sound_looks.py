"""When the speech/music/noise network looks at a stream, and what its steps learn from it."""

import numpy as np
import numpy.typing as npt

from deeptone_tui.dsp import STEP_SAMPLES
from deeptone_tui.endpoint.engine.features import log_mel_patches
from deeptone_tui.endpoint.engine.features.frames import frame_span, frames_before
from deeptone_tui.endpoint.engine.features.log_mel import PATCH_FRAMES
from deeptone_tui.endpoint.engine.stream.history import History
from deeptone_tui.endpoint.engine.stream.recent_audio import RecentAudio

Floats = npt.NDArray[np.float32]

PACE = 4
"""Steps from one look to the next, at least: 256 ms."""

CLEAR = 0.8
"""Steps whose mean probability of speech is not less need no look: hardly anything is left to
divide, and it counts as other."""

MUSIC = 1
"""Place of music among the network's classes. Its speech and noise alike are other sound here:
where the two networks disagree about speech, it is no reason to call the end of a word music."""

FIELD = 12
"""Steps of audio that must be kept before new ones: a patch of 0.695 s, rounded up."""


class SoundLooks:
    """Looks at one stream.

    It is decided at every fourth step, and at the end of a period, whether the steps since the
    last decision need a look: not if they are silent or clearly speech. A look sees the audio up
    to the place of the decision and is good for four steps, so that short periods cost no more
    than long ones.
    """

    def __init__(self, audio: RecentAudio, history: History) -> None:
        self._audio = audio
        self._history = history
        self._decided = 0
        self._looked: int | None = None
        self._music = 0.0
        self._waiting: list[tuple[int, int, bool]] = []  # steps from, to; with a look of their own

    def patches(self, *, period_ends: bool) -> Floats:
        """Decide up to the newest step and return what has to be looked at, [k, 68, 21]."""
        newest = self._history.end
        for end in range(self._decided + 1, newest + 1):
            if end % PACE == 0 or (period_ends and end == newest):
                self._decide(end)
        ends = [end for _, end, fresh in self._waiting if fresh]
        if not ends:
            return np.empty((0, 0, 0), np.float32)
        counts = [frames_before(end * STEP_SAMPLES) for end in ends]
        first = max(0, counts[0] - PATCH_FRAMES)
        samples = self._audio.between(*frame_span(first, counts[-1]))
        return log_mel_patches(samples, [count - first for count in counts])

    def note(self, classes: Floats) -> None:
        """Tell the steps what was seen in the patches: [k, 3], speech, music and noise."""
        seen = iter(classes)
        for start, end, fresh in self._waiting:
            if fresh:
                self._music = float(next(seen)[MUSIC])
            self._history.music(start, end)[:] = self._music
        self._waiting.clear()

    def _decide(self, end: int) -> None:
        start, self._decided = self._decided, end
        audible = self._history.speech(start, end)[~self._history.silent(start, end)]
        if not audible.size or float(audible.mean()) >= CLEAR:
            return
        fresh = self._looked is None or end - self._looked >= PACE
        if fresh:
            self._looked = end
        self._waiting.append((start, end, fresh))
