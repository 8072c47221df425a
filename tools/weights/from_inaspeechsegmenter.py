"""The speech/music/noise network of inaSpeechSegmenter, with its batch norms folded in."""

import io
import json
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt
from onnx import TensorProto

from weights.graph import GraphWriter

MEMBER = "inaSpeechSegmenter/keras_speech_music_noise_cnn.hdf5"
"""The file in the wheel whose weights are taken."""

FRAMES, BANDS, CLASSES = 68, 21, 3
WITHOUT_EFFECT = {"Dropout", "Reshape", "InputLayer"}
Layer = dict[str, Any]
Affine = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]


def build(published: bytes) -> bytes:
    """Return the network: ``patches`` float [n, 68, 21] -> ``classes`` float [n, 3].

    Raises:
        ValueError: for a kind of layer that the published network does not have.
    """
    with h5py.File(io.BytesIO(published)) as file:
        config = json.loads(file.attrs["model_config"])["config"]
        layers = config if isinstance(config, list) else config["layers"]
        layers = [layer for layer in layers if layer["class_name"] not in WITHOUT_EFFECT]
        writer = GraphWriter("speech_music_noise", half=True)
        current = writer.node("Unsqueeze", "patches", writer.integers(1))
        following = [*layers[1:], None]
        for layer, after in zip(layers, following, strict=True):
            current = _add(writer, current, layer, after, file["model_weights"])
    writer.nodes("Softmax", [current], ["classes"], axis=-1)
    return writer.finish(
        [("patches", TensorProto.FLOAT, ["n", FRAMES, BANDS])],
        [("classes", TensorProto.FLOAT, ["n", CLASSES])],
    )


def _add(
    writer: GraphWriter, current: str, layer: Layer, after: Layer | None, stored: h5py.Group
) -> str:
    """Add one layer (and the batch norm after it) and return the name of its output."""
    config = layer["config"]
    match layer["class_name"]:
        case "Conv2D":
            kernel, bias = _folded(layer, after, stored)
            taps = writer.weights(kernel.transpose(3, 2, 0, 1))
            return writer.node("Conv", current, taps, writer.weights(bias))
        case "Dense":
            kernel, bias = _folded(layer, after, stored)
            return writer.node("Gemm", current, writer.weights(kernel), writer.weights(bias))
        case "BatchNormalization":
            return current
        case "Activation":
            return writer.node("Relu", current)
        case "MaxPooling2D":
            pad = "SAME_UPPER" if config["padding"] == "same" else "VALID"
            shape = {"kernel_shape": config["pool_size"], "strides": config["strides"]}
            return writer.node("MaxPool", current, auto_pad=pad, **shape)
        case "Flatten":
            channels_last = writer.node("Transpose", current, perm=[0, 2, 3, 1])
            return writer.node("Flatten", channels_last, axis=1)
        case other:
            raise ValueError(f"unknown layer {other}")


def _folded(layer: Layer, after: Layer | None, stored: h5py.Group) -> Affine:
    """Kernel and bias of a layer with the batch norm that follows it, if one does."""
    own = _tensors(stored, layer)
    kernel, bias = own["kernel"], own["bias"]
    if after is None or after["class_name"] != "BatchNormalization":
        return kernel, bias
    norm = _tensors(stored, after)
    scale = norm["gamma"] / np.sqrt(norm["moving_variance"] + after["config"]["epsilon"])
    return kernel * scale, (bias - norm["moving_mean"]) * scale + norm["beta"]


def _tensors(stored: h5py.Group, layer: Layer) -> dict[str, npt.NDArray[np.float64]]:
    """The stored weights of a layer by their short names (``kernel``, ``bias``, …)."""
    name = layer["config"]["name"]
    group = stored[name][name]
    return {key.partition(":")[0]: np.asarray(group[key], np.float64) for key in group}
