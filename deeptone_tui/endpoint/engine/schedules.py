"""Schedules of the sound and voice networks for a stream, and the answers from their outputs."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from deeptone_tui.dsp import FULL_SCALE, STEP_SAMPLES, Samples
from deeptone_tui.endpoint.engine.features import (
    PATCH_FRAMES,
    Floats,
    frame_span,
    frames_before,
    log_mel_patches,
    mel_windows,
)
from deeptone_tui.protocol import Answer

Flags = npt.NDArray[np.bool_]

UNITS = 10_000
"""Resolution of shares, ten-thousandths: four decimals, and a sum of exactly 1."""

UNSURE = 0.7
"""Confidence below which the gender is ``unknown``: a probability between 0.3 and 0.7."""

SOUND_EVERY_STEPS = 4
"""Least number of steps between two classifications: 256 ms."""

CLEAR = 0.8
"""Mean probability of speech from which steps are not classified: hardly any non-speech is left to
divide, and it counts as other."""

MUSIC = 1
"""Index of music among the classifier's classes. Its speech and noise both count as other: if the
two networks disagree about speech, that is no reason to call the end of a word music."""

SOUND_FIELD_STEPS = 12
"""Steps of audio kept before new ones: a patch of 0.695 s, rounded up."""

VOICE_FIELD_STEPS = 49
"""Receptive field of ``gender`` in steps: 3130 ms, rounded up."""

WINDOW_STEPS = 25
"""Steps of speech that fill one window of the voice embedding: 1.6 s."""

VOICE_EVERY_STEPS = 8
"""Least number of steps between two estimates: 512 ms, a sixth of the receptive field."""

SPEECH_FROM = 0.5
"""Probability of speech from which a step is used for the voice embedding."""

SAME_VOICE = 0.65
"""Cosine similarity from which two windows count as one voice. Measured: 0.75 and more within a
speaker (186 clips, windows 1 s apart), 0.3 to 0.45 between a man and a woman."""


class RecentAudio:
    """Buffer of at least the newest ``kept`` samples, as floats in -1…1.

    Samples before the first one are zero.
    """

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._samples: Floats = np.zeros(kept, np.float32)
        self._end = 0

    @property
    def end(self) -> int:
        """Number of samples since the beginning."""
        return self._end

    def append(self, samples: Samples) -> None:
        """Append samples; drop those more than ``kept`` samples before them."""
        fresh = samples.astype(np.float32)
        fresh *= np.float32(1 / FULL_SCALE)
        self._samples = np.concatenate([self._samples[-self._kept :], fresh])
        self._end += len(samples)

    def between(self, start: int, end: int) -> Floats:
        """View the samples between two absolute positions.

        Raises:
            ValueError: if some are no longer kept or not yet available.
        """
        first = self._end - len(self._samples)
        if not first <= start <= end <= self._end:
            raise ValueError(f"samples {start} to {end} are not within {first} to {self._end}")
        return self._samples[start - first : end - first]


class History:
    """Silence, probability of speech, and probability of music if not speech, of each step.

    Keeps at least the newest ``kept`` steps.
    """

    def __init__(self, kept: int) -> None:
        self.end = 0
        """Number of steps since the beginning."""
        self._kept = kept
        self._first = 0  # step number at index 0
        self._silent = np.zeros(2 * kept, np.bool_)
        self._speech = np.zeros(2 * kept, np.float32)
        self._music = np.zeros(2 * kept, np.float32)

    def append(self, silent: Flags, speech: Floats) -> None:
        """Append at most ``kept`` steps; music is 0 until it is set through `music`."""
        if self.end - self._first + len(silent) > len(self._silent):
            self._make_room()
        place = slice(self.end - self._first, self.end - self._first + len(silent))
        self._silent[place], self._speech[place], self._music[place] = silent, speech, 0.0
        self.end += len(silent)

    def silent(self, start: int, end: int) -> Flags:
        """View the silence flags of the steps from ``start`` up to ``end``."""
        return self._silent[start - self._first : end - self._first]

    def speech(self, start: int, end: int) -> Floats:
        """View the probabilities of speech of the same steps."""
        return self._speech[start - self._first : end - self._first]

    def music(self, start: int, end: int) -> Floats:
        """View the probabilities of music if not speech, of the same steps; writable."""
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
        """Values of the classes from 0 to 1."""
        return {
            "speech": self.speech / UNITS,
            "music": self.music / UNITS,
            "other": self.other / UNITS,
        }

    @property
    def answer(self) -> Answer:
        """Class with the largest share, which is the confidence; ties go to the earlier class."""
        raw = self.raw
        result = max(raw, key=raw.__getitem__)
        return Answer(result, raw[result])


def shares_of(speech: Floats, music: Floats) -> Shares:
    """Return shares averaged over steps, non-speech divided as the sound classifier says.

    Args:
        speech: probability of speech in each step, [n], n ≥ 1.
        music: probability that the rest of each step is music, [n].
    """
    spoken = round(UNITS * float(speech.mean(dtype=np.float64)))
    played = round(UNITS * float(((1 - speech) * music).mean(dtype=np.float64)))
    played = min(played, UNITS - spoken)
    return Shares(spoken, played, UNITS - spoken - played)


def gender_raw(female: float) -> dict[str, float]:
    """Return the values of both classes, with four decimals and a sum of exactly 1."""
    units = round(female * UNITS)
    return {"female": units / UNITS, "male": (UNITS - units) / UNITS}


def gender_answer(shares: Shares, female: float) -> Answer:
    """Return the gender of speech, or ``no_speech`` with 1 - the share of speech as confidence.

    Args:
        shares: shares of ``speech-rt`` in the period.
        female: probability of a woman's voice.
    """
    if shares.answer.result != "speech":
        return Answer("no_speech", (UNITS - shares.speech) / UNITS)
    raw = gender_raw(female)
    result = max(raw, key=raw.__getitem__)
    confidence = raw[result]
    return Answer(result if confidence >= UNSURE else "unknown", confidence)


class SoundSchedule:
    """Schedule of the sound classifier for one stream.

    Every fourth step, and at the end of a period, it decides whether the steps since the last
    decision need a classification: not if they are silent or clearly speech. A classification
    covers the audio up to the position of the decision and holds for four steps, so that short
    periods cost no more than long ones.
    """

    def __init__(self, audio: RecentAudio, history: History) -> None:
        self._audio = audio
        self._history = history
        self._decided = 0
        self._looked: int | None = None
        self._music = 0.0
        self._waiting: list[tuple[int, int, bool]] = []  # start, end, classified itself

    def patches(self, *, period_ends: bool) -> Floats:
        """Decide up to the newest step and return the patches to classify, [k, 68, 21]."""
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
        """Assign the classes of the patches to their steps: [k, 3], speech, music and noise."""
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
    """Schedule of the gender estimates for one stream.

    Used only at the end of periods that are speech; between estimates the newest one holds. An
    estimate uses the newest 1.6 s of speech in the receptive field, and for the older half of the
    field the windows of earlier estimates, if any, or else a second window; older windows of
    another voice are left out, so that a change of speaker shows at once.
    """

    def __init__(self, audio: RecentAudio, history: History) -> None:
        self.female = 0.5
        """Newest estimate of the probability of a woman's voice; 0.5 before any speech."""
        self._audio = audio
        self._history = history
        self._estimated = -VOICE_EVERY_STEPS
        self._earlier: list[tuple[int, Floats]] = []  # step and embedding of the newest windows

    def windows(self) -> Floats:
        """Return windows [k, 160, 40] to embed, the newest first; none if the estimate holds."""
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
        """Take the embeddings of these windows and return all embeddings the estimate uses."""
        newest = embeddings[0]
        older = [*embeddings[1:], *(embedding for _, embedding in self._earlier)]
        self._earlier.append((self._estimated, newest))
        return np.stack([newest, *(own for own in older if newest @ own >= SAME_VOICE)])
