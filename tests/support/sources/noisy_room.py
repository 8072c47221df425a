"""A noisy room: voices of the demo in turn, with pauses of 2.2 to 4.2 s, over a steady noise."""

from dataclasses import dataclass
from typing import Final

from support.sources.scenes import RATE, captured, noise, talk

from deeptone_tui.dsp import Samples

_PAUSES: Final = (2.2, 4.2)
"""Seconds."""
_LEAST_TURN: Final = 5.0
"""Seconds that a pause and a sentence last at least."""


@dataclass(frozen=True, slots=True)
class Noise:
    """A colour of noise, and how loud it and the voices are, in dBFS."""

    colour: str
    dbfs: float
    voice_dbfs: float


NOISES: Final = (
    Noise("pink", -51.0, -24.0),
    Noise("brown", -48.0, -30.0),
    Noise("white", -43.0, -22.0),
)


def noisy_room(of: Noise, seconds: float) -> Samples:
    """Make sentences over a noise that comes back nowhere, so that no span is like another."""
    size = round(seconds * RATE)
    said = talk(of.voice_dbfs, sentences=int(seconds / _LEAST_TURN) + 1, pause=_PAUSES)
    return captured(said[:size] + noise(of.colour, size, of.dbfs, seed=1))
