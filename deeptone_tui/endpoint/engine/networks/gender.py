"""The gender head: one line through the space of voices."""

import json
import math

import numpy as np
import numpy.typing as npt

from deeptone_tui.endpoint.engine import weights


class GenderHead:
    """Logistic regression on the voice embedding (257 numbers, trained for this project)."""

    def __init__(self) -> None:
        head = json.loads(weights.GENDER_HEAD.read_text(encoding="ascii"))
        self._weight = np.array(head["weight"], np.float32)
        self._bias = float(head["bias"])

    def female(self, embeddings: npt.NDArray[np.float32]) -> float:
        """Probability that the voice is a woman's, from its embeddings [n, 256], n ≥ 1."""
        mean = embeddings.mean(axis=0)
        length = max(float(np.linalg.norm(mean)), 1e-9)
        logit = float(mean @ self._weight) / length + self._bias
        return 1.0 / (1.0 + math.exp(-logit))
