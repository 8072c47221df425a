"""Schedules of the sound and voice networks for a stream, and the answers from their outputs."""

from dataclasses import dataclass

import numpy as np

from deeptone_tui.dsp import Flags, SlidingArray
from deeptone_tui.endpoint.engine.features import (
    PATCH_FRAMES,
    Floats,
    frame_span,
    frames_before,
    log_mel_patches,
    mel_windows,
)
from deeptone_tui.protocol import STEP_SAMPLES, Answer

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


def recent_audio(kept: int) -> SlidingArray[np.float32]:
    """Return at least the newest ``kept`` samples, so far zeros: those before the first."""
    audio = SlidingArray(np.float32, kept, first=-kept)
    audio.append(np.zeros(kept, np.float32))
    return audio


class History:
    """Silence, probability of speech, and probability of music if not speech, of each step.

    Keeps at least the newest ``kept`` steps.
    """

    def __init__(self, kept: int) -> None:
        self.silent = SlidingArray(np.bool_, kept)
        self.speech = SlidingArray(np.float32, kept)
        self.music = SlidingArray(np.float32, kept)

    @property
    def end(self) -> int:
        """Number of steps since the beginning."""
        return self.speech.end

    def append(self, silent: Flags, speech: Floats) -> None:
        """Append steps; music is 0 until it is written."""
        self.silent.append(silent)
        self.speech.append(speech)
        self.music.append(np.zeros_like(speech))


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

    def __init__(self, audio: SlidingArray[np.float32], history: History) -> None:
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
        samples = self._audio.view(*frame_span(first, counts[-1]))
        return log_mel_patches(samples, [count - first for count in counts])

    def note(self, classes: Floats) -> None:
        """Assign the classes of the patches to their steps: [k, 3], speech, music and noise."""
        seen = iter(classes)
        for start, end, fresh in self._waiting:
            if fresh:
                self._music = float(next(seen)[MUSIC])
            self._history.music.writable(start, end)[:] = self._music
        self._waiting.clear()

    def _decide(self, end: int) -> None:
        start, self._decided = self._decided, end
        audible = self._history.speech.view(start, end)[~self._history.silent.view(start, end)]
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

    def __init__(self, audio: SlidingArray[np.float32], history: History) -> None:
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
        spoken = self._history.speech.view(start, newest) >= SPEECH_FROM
        spoken &= ~self._history.silent.view(start, newest)
        if newest - self._estimated < VOICE_EVERY_STEPS or not spoken.any():
            return np.empty((0, 0, 0), np.float32)
        self._estimated = newest
        self._earlier = [
            own for own in self._earlier if newest - own[0] <= VOICE_FIELD_STEPS - WINDOW_STEPS
        ]
        chosen = np.flatnonzero(spoken)[-WINDOW_STEPS if self._earlier else -VOICE_FIELD_STEPS :]
        audio = self._audio.view(start * STEP_SAMPLES, newest * STEP_SAMPLES)
        return mel_windows(audio.reshape(-1, STEP_SAMPLES)[chosen].ravel())

    def note(self, embeddings: Floats) -> Floats:
        """Take the embeddings of these windows and return all embeddings the estimate uses."""
        newest = embeddings[0]
        older = [*embeddings[1:], *(embedding for _, embedding in self._earlier)]
        self._earlier.append((self._estimated, newest))
        return np.stack([newest, *(own for own in older if newest @ own >= SAME_VOICE)])
