"""Silero VAD: is there speech in each 32 ms?"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from deeptone_tui.endpoint.engine import weights
from deeptone_tui.endpoint.engine.networks.session import open_session

Floats = npt.NDArray[np.float32]

WINDOW = 512
"""New samples in a window: 32 ms."""
CONTEXT = 64
"""Samples before a window that the network sees with it."""
HIDDEN = 128


@dataclass(slots=True)
class VoiceState:
    """What the network remembers of one stream, two vectors [128]; zeros at its beginning."""

    hidden: Floats = field(default_factory=lambda: np.zeros(HIDDEN, np.float32))
    cell: Floats = field(default_factory=lambda: np.zeros(HIDDEN, np.float32))


class VoiceActivity:
    """The network, for the windows of many streams at once."""

    def __init__(self) -> None:
        self._session = open_session(weights.VOICE_ACTIVITY)

    def listen(self, windows: Sequence[Floats], states: Sequence[VoiceState]) -> list[Floats]:
        """Hear the next windows of some streams, and change their states accordingly.

        Args:
            windows: for each stream [w, 576] in -1…1, consecutive in time, at least one; the
                streams may differ in w.
            states: theirs, in the same order.

        Returns:
            For each stream the probabilities of speech, [w].
        """
        lengths = np.array([len(own) for own in windows], np.int32)
        first = np.cumsum(lengths) - lengths
        moments = np.arange(lengths.max())[:, np.newaxis]
        inputs = {
            "windows": np.concatenate(windows),
            "order": first + np.minimum(moments, lengths - 1),
            "lengths": lengths,
            "h": np.stack([state.hidden for state in states])[np.newaxis],
            "c": np.stack([state.cell for state in states])[np.newaxis],
        }
        speech, hidden, cell = self._session.run(None, inputs)
        for state, own_hidden, own_cell in zip(states, hidden[0], cell[0], strict=True):
            state.hidden, state.cell = own_hidden, own_cell
        return [speech[:length, n] for n, length in enumerate(lengths)]
