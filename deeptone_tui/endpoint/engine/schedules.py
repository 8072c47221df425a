"""When the networks for sounds and voices look at a stream, and what its steps learn from it."""

import numpy as np
import numpy.typing as npt

from deeptone_tui.dsp import STEP_SAMPLES
from deeptone_tui.endpoint.engine.features import (
    PATCH_FRAMES,
    frame_span,
    frames_before,
    log_mel_patches,
    mel_windows,
)
from deeptone_tui.endpoint.engine.history import History, RecentAudio

Floats = npt.NDArray[np.float32]

SOUND_EVERY_STEPS = 4
"""Steps from one look to the next, at least: 256 ms."""

CLEAR = 0.8
"""Steps whose mean probability of speech is not less need no look: hardly anything is left to
divide, and it counts as other."""

MUSIC = 1
"""Place of music among the network's classes. Its speech and noise alike are other sound here:
where the two networks disagree about speech, it is no reason to call the end of a word music."""

SOUND_FIELD_STEPS = 12
"""Steps of audio that must be kept before new ones: a patch of 0.695 s, rounded up."""

VOICE_FIELD_STEPS = 49
"""Steps whose speech is listened to: ``gender``'s receptive field, 3130 ms, rounded up."""

WINDOW = 25
"""Steps of speech that fill one window of the network: 1.6 s."""

VOICE_EVERY_STEPS = 8
"""Steps from one estimate to the next, at least: 512 ms, a sixth of the field."""

SPEECH = 0.5
"""Steps with at least this probability of speech are listened to."""

SAME_VOICE = 0.65
"""Cosine from which two windows are taken for one voice. Measured: 0.75 and more within a speaker
(186 clips, windows 1 s apart), 0.3 to 0.45 between a man and a woman."""


class SoundSchedule:
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
            if end % SOUND_EVERY_STEPS == 0 or (period_ends and end == newest):
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
        fresh = self._looked is None or end - self._looked >= SOUND_EVERY_STEPS
        if fresh:
            self._looked = end
        self._waiting.append((start, end, fresh))


class VoiceSchedule:
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
        self._estimated = -VOICE_EVERY_STEPS
        self._earlier: list[tuple[int, Floats]] = []  # step and embedding of the newest windows

    def windows(self) -> Floats:
        """Windows [k, 160, 40] to listen to, the newest first; none if the estimate holds."""
        newest = self._history.end
        start = max(0, newest - VOICE_FIELD_STEPS)
        spoken = self._history.speech(start, newest) >= SPEECH
        spoken &= ~self._history.silent(start, newest)
        if newest - self._estimated < VOICE_EVERY_STEPS or not spoken.any():
            return np.empty((0, 0, 0), np.float32)
        self._estimated = newest
        self._earlier = [
            own for own in self._earlier if newest - own[0] <= VOICE_FIELD_STEPS - WINDOW
        ]
        chosen = np.flatnonzero(spoken)[-WINDOW if self._earlier else -VOICE_FIELD_STEPS :]
        audio = self._audio.between(start * STEP_SAMPLES, newest * STEP_SAMPLES)
        return mel_windows(audio.reshape(-1, STEP_SAMPLES)[chosen].ravel())

    def note(self, embeddings: Floats) -> Floats:
        """Take the embeddings of these windows and return all that the estimate rests on."""
        newest = embeddings[0]
        older = [*embeddings[1:], *(embedding for _, embedding in self._earlier)]
        self._earlier.append((self._estimated, newest))
        return np.stack([newest, *(own for own in older if newest @ own >= SAME_VOICE)])
