"""When the networks look at a stream, at which samples, and what its steps learn from it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from deeptone_tui.dsp import FULL_SCALE, STEP_SAMPLES
from deeptone_tui.endpoint.engine.features import (
    PATCH_FRAMES,
    frame_span,
    frames_before,
    log_mel_patches,
    mel_windows,
)
from deeptone_tui.protocol import Answer

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

UNITS = 10_000
"""Shares are given in ten-thousandths: four decimals, and a sum of exactly 1."""

UNSURE = 0.7
"""From 0.3 to 0.7 the answer is ``unknown``."""

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

WINDOW_STEPS = 25
"""Steps of speech that fill one window of the network: 1.6 s."""

VOICE_EVERY_STEPS = 8
"""Steps from one estimate to the next, at least: 512 ms, a sixth of the field."""

SPEECH_FROM = 0.5
"""Steps with at least this probability of speech are listened to."""

SAME_VOICE = 0.65
"""Cosine from which two windows are taken for one voice. Measured: 0.75 and more within a speaker
(186 clips, windows 1 s apart), 0.3 to 0.45 between a man and a woman."""


class RecentAudio:
    """Keeps at least the newest ``kept`` samples, as floats in -1…1.

    What lies before the first sample is zero.
    """

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._samples: Floats = np.zeros(kept, np.float32)
        self._end = 0

    @property
    def end(self) -> int:
        """Samples taken since the beginning."""
        return self._end

    def append(self, samples: npt.NDArray[np.int16]) -> None:
        """Take more samples; drops what is older than ``kept`` before them."""
        fresh = samples.astype(np.float32)
        fresh *= np.float32(1 / FULL_SCALE)
        self._samples = np.concatenate([self._samples[-self._kept :], fresh])
        self._end += len(samples)

    def between(self, start: int, end: int) -> Floats:
        """View the samples from one absolute place to another.

        Raises:
            ValueError: when they are not kept any more, or not there yet.
        """
        first = self._end - len(self._samples)
        if not first <= start <= end <= self._end:
            raise ValueError(f"samples {start} to {end} are not within {first} to {self._end}")
        return self._samples[start - first : end - first]


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


@dataclass(frozen=True, slots=True)
class Shares:
    """Ten-thousandths of speech, music and other; their sum is 10 000."""

    speech: int
    music: int
    other: int

    @property
    def raw(self) -> dict[str, float]:
        """The values of the classes, from 0 to 1."""
        return {
            "speech": self.speech / UNITS,
            "music": self.music / UNITS,
            "other": self.other / UNITS,
        }

    @property
    def answer(self) -> Answer:
        """The class with the largest share, which is the confidence; the earlier one of equals."""
        raw = self.raw
        result = max(raw, key=raw.__getitem__)
        return Answer(result, raw[result])


def shares_of(speech: npt.NDArray[np.float32], music: npt.NDArray[np.float32]) -> Shares:
    """Average over steps: what is not speech is music or other, as the second network divides it.

    Args:
        speech: probability of speech in each step, [n], n ≥ 1.
        music: probability that the rest of each step is music, [n].
    """
    spoken = round(UNITS * float(speech.mean(dtype=np.float64)))
    played = round(UNITS * float(((1 - speech) * music).mean(dtype=np.float64)))
    played = min(played, UNITS - spoken)
    return Shares(spoken, played, UNITS - spoken - played)


def gender_raw(female: float) -> dict[str, float]:
    """Both classes, four decimals, a sum of exactly 1."""
    units = round(female * UNITS)
    return {"female": units / UNITS, "male": (UNITS - units) / UNITS}


def gender_answer(shares: Shares, female: float) -> Answer:
    """Who speaks, if the speech detector found speech; otherwise ``no_speech`` with its certainty.

    Args:
        shares: of the period, as ``speech-rt`` sees it.
        female: probability of a woman's voice.
    """
    if shares.answer.result != "speech":
        return Answer("no_speech", (UNITS - shares.speech) / UNITS)
    raw = gender_raw(female)
    result = max(raw, key=raw.__getitem__)
    confidence = raw[result]
    return Answer(result if confidence >= UNSURE else "unknown", confidence)


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
        spoken = self._history.speech(start, newest) >= SPEECH_FROM
        spoken &= ~self._history.silent(start, newest)
        if newest - self._estimated < VOICE_EVERY_STEPS or not spoken.any():
            return np.empty((0, 0, 0), np.float32)
        self._estimated = newest
        self._earlier = [
            own for own in self._earlier if newest - own[0] <= VOICE_FIELD_STEPS - WINDOW_STEPS
        ]
        chosen = np.flatnonzero(spoken)[-WINDOW_STEPS if self._earlier else -VOICE_FIELD_STEPS :]
        audio = self._audio.between(start * STEP_SAMPLES, newest * STEP_SAMPLES)
        return mel_windows(audio.reshape(-1, STEP_SAMPLES)[chosen].ravel())

    def note(self, embeddings: Floats) -> Floats:
        """Take the embeddings of these windows and return all that the estimate rests on."""
        newest = embeddings[0]
        older = [*embeddings[1:], *(embedding for _, embedding in self._earlier)]
        self._earlier.append((self._estimated, newest))
        return np.stack([newest, *(own for own in older if newest @ own >= SAME_VOICE)])
