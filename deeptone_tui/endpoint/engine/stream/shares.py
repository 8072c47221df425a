"""How much of some steps is speech, music and other sound."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from deeptone_tui.protocol import Answer

UNITS = 10_000
"""Shares are given in ten-thousandths: four decimals, and a sum of exactly 1."""


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
