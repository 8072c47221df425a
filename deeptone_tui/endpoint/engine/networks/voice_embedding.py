"""The voice embedding: whose voice is it, as a point on a sphere."""

import numpy as np
import numpy.typing as npt

from deeptone_tui.endpoint.engine import weights
from deeptone_tui.endpoint.engine.networks.session import open_session

Floats = npt.NDArray[np.float32]

AT_ONCE = 8
"""Windows to a call: from here on a window costs the same alone or in company."""


class VoiceEmbedding:
    """The network, for many windows at once."""

    def __init__(self) -> None:
        self._session = open_session(weights.VOICE_EMBEDDING)

    def embed(self, windows: Floats) -> Floats:
        """Embeddings of length 1, [n, 256], for mel windows [n, 160, 40], n ≥ 1."""
        parts = [
            self._session.run(None, {"frames": windows[start : start + AT_ONCE]})[0]
            for start in range(0, len(windows), AT_ONCE)
        ]
        return np.concatenate(parts)
