"""Neural networks for speech, sound class and voice, each batched over many streams."""

import json
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from deeptone_tui.endpoint.engine.features import Floats

if TYPE_CHECKING:
    from types import ModuleType

    from onnxruntime import InferenceSession  # noqa: TID251  for its type alone

WEIGHTS = Path(__file__).with_name("weights")
"""Folder of the weight files, vendored with licences (NOTICE.md) and checksums (SHA256SUMS)."""
VOICE_ACTIVITY = WEIGHTS / "silero_vad_16k.onnx"
SOUND_CLASS = WEIGHTS / "speech_music_noise.onnx"
VOICE_EMBEDDING = WEIGHTS / "dvector.onnx"
GENDER_HEAD = WEIGHTS / "gender_head.json"

PATCHES_PER_CALL = 16
"""Patches per call: more would cost memory and gain nothing."""

WINDOWS_PER_CALL = 8
"""Windows per call: larger batches do not lower the cost per window."""

WINDOW = 512
"""New samples per window: 32 ms."""
CONTEXT_SAMPLES = 64
"""Preceding samples in the input of each window."""
HIDDEN = 128


class GenderHead:
    """Logistic regression on the voice embedding (257 numbers, trained for this project)."""

    def __init__(self) -> None:
        head = json.loads(GENDER_HEAD.read_text(encoding="ascii"))
        self._weight = np.array(head["weight"], np.float32)
        self._bias = float(head["bias"])

    def female(self, embeddings: Floats) -> float:
        """Return the probability of a woman's voice from its embeddings [n, 256], n ≥ 1."""
        mean = embeddings.mean(axis=0)
        length = max(float(np.linalg.norm(mean)), 1e-9)
        logit = float(mean @ self._weight) / length + self._bias
        return 1.0 / (1.0 + math.exp(-logit))


def open_session(file: Path) -> "InferenceSession":
    """Load a network that runs only in the calling thread, with the interpreter lock released.

    One thread per call: the calls are small, streams run in parallel, and threads of onnxruntime
    would spin between the calls.
    """
    onnxruntime = _silent_onnxruntime()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors only: the terminal belongs to the screen
    return onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])


def _silent_onnxruntime() -> "ModuleType":
    """Import onnxruntime with its telemetry disabled, whatever the environment says.

    In the vendor's current builds the import itself writes a device id and a database into
    ``~/.cache/Microsoft``, and then reports every few seconds. This variable prevents both. The
    import reads it: a later ``disable_telemetry_events()`` comes too late.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime  # noqa: PLC0415, TID251  heavy; after the variable, and only here

    module: ModuleType = onnxruntime
    return module


class BatchedNetwork:
    """Network that judges inputs independently of each other.

    Args:
        file: weight file.
        name: name of the network's input.
        per_call: maximum number of inputs per call.
    """

    def __init__(self, file: Path, name: str, per_call: int) -> None:
        self._session = open_session(file)
        self._name = name
        self._per_call = per_call

    def run(self, inputs: Floats) -> Floats:
        """Return the outputs [n, …] of inputs [n, …], n ≥ 1."""
        parts = [
            self._session.run(None, {self._name: inputs[start : start + self._per_call]})[0]
            for start in range(0, len(inputs), self._per_call)
        ]
        return np.concatenate(parts)


@dataclass(slots=True)
class VoiceState:
    """Recurrent state of `VoiceActivity` for one stream: two vectors [128], initially zero."""

    hidden: Floats = field(default_factory=lambda: np.zeros(HIDDEN, np.float32))
    cell: Floats = field(default_factory=lambda: np.zeros(HIDDEN, np.float32))


class VoiceActivity:
    """Speech detector (Silero VAD) for a batch of streams."""

    def __init__(self) -> None:
        self._session = open_session(VOICE_ACTIVITY)

    def listen(self, windows: Sequence[Floats], states: Sequence[VoiceState]) -> list[Floats]:
        """Process the next windows of several streams and update their states.

        Args:
            windows: for each stream [w, 576] in -1…1, consecutive in time, w ≥ 1; w may differ
                between streams.
            states: states of the streams, in the same order.

        Returns:
            The probabilities of speech of each stream, [w].
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


@dataclass(frozen=True, slots=True)
class Networks:
    """All networks; their calls may run in several threads at once."""

    voice_activity: VoiceActivity
    sound_class: BatchedNetwork
    """From patches [n, 68, 21] to probabilities of speech, music and noise, [n, 3]."""
    voice_embedding: BatchedNetwork
    """From mel windows [n, 160, 40] to embeddings of length 1, [n, 256]."""
    gender: GenderHead


def load_networks() -> Networks:
    """Load the vendored networks; takes some tenths of a second."""
    return Networks(
        VoiceActivity(),
        BatchedNetwork(SOUND_CLASS, "patches", PATCHES_PER_CALL),
        BatchedNetwork(VOICE_EMBEDDING, "frames", WINDOWS_PER_CALL),
        GenderHead(),
    )
