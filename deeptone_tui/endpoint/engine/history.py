"""What is known of the newest steps and samples of a stream, and the shares and genders in them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from deeptone_tui.dsp import FULL_SCALE
from deeptone_tui.protocol import Answer

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

UNITS = 10_000
"""Shares are given in ten-thousandths: four decimals, and a sum of exactly 1."""

UNSURE = 0.7
"""From 0.3 to 0.7 the answer is ``unknown``."""


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
