"""The speech/music/noise network: what kind of sound are these 0.7 s?"""

import numpy as np
import numpy.typing as npt

from deeptone_tui.endpoint.engine import weights
from deeptone_tui.endpoint.engine.networks.session import open_session

Floats = npt.NDArray[np.float32]

AT_ONCE = 16
"""Patches to a call: more would cost memory and gain nothing."""


class SoundClass:
    """The network, for many patches at once."""

    def __init__(self) -> None:
        self._session = open_session(weights.SOUND_CLASS)

    def classify(self, patches: Floats) -> Floats:
        """Probabilities of speech, music and noise, [n, 3], for patches [n, 68, 21], n ≥ 1."""
        parts = [
            self._session.run(None, {"patches": patches[start : start + AT_ONCE]})[0]
            for start in range(0, len(patches), AT_ONCE)
        ]
        return np.concatenate(parts)
