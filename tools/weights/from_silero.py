"""Silero VAD: the published weights in a graph with a time axis and a batch axis.

The published graph judges one window a call and runs its convolutions one window at a time. This
one takes the windows of many streams and many moments at once: everything before the LSTM is
written as matrix products over all of them, and the LSTM runs along time for each stream.
Outputs differ from the published graph's by rounding only (below 1e-6).
"""

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper

from weights.graph import GraphWriter, Weights, lstm_weights

MEMBER = "silero_vad/data/silero_vad_16k_op15.onnx"
"""The file in the wheel whose weights are taken, unchanged."""

WINDOW = 576  # 64 samples of context and 512 new ones
FRAME, HOP, FRAMES, BINS = 256, 128, 4, 129  # the window's short-time Fourier transform
KERNEL = 3
STRIDES = (1, 2, 2, 1)  # of the four convolutions of the encoder
HIDDEN = 128


def build(published: bytes) -> bytes:
    """Return the rewritten network.

    Inputs: ``windows`` float [w, 576], ``order`` int64 [t, n] (which window stream n hears at
    moment t; any index where it has no more), ``lengths`` int32 [n], ``h`` and ``c`` float
    [1, n, 128]. Outputs: ``speech`` float [t, n], ``hn``, ``cn``.
    """
    graph = onnx.load_from_string(published).graph
    weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    writer = GraphWriter("silero_vad_16k", half=False)
    encoded = _encoder(writer, _magnitudes(writer, weights), weights)
    _decoder(writer, encoded, weights)
    state: list[str | int] = [1, "n", HIDDEN]
    return writer.finish(
        [
            ("windows", TensorProto.FLOAT, ["w", WINDOW]),
            ("order", TensorProto.INT64, ["t", "n"]),
            ("lengths", TensorProto.INT32, ["n"]),
            ("h", TensorProto.FLOAT, state),
            ("c", TensorProto.FLOAT, state),
        ],
        [
            ("speech", TensorProto.FLOAT, ["t", "n"]),
            ("hn", TensorProto.FLOAT, state),
            ("cn", TensorProto.FLOAT, state),
        ],
    )


def _cut(writer: GraphWriter, rows: str, start: int, end: int) -> str:
    """Columns ``start`` to ``end`` of a matrix."""
    return writer.node(
        "Slice", rows, writer.integers(start), writer.integers(end), writer.integers(1)
    )


def _stack(writer: GraphWriter, pieces: list[str], width: int) -> str:
    """Pieces of the same rows as rows of their own: [w, width] each -> [w * pieces, width]."""
    joined = writer.node("Concat", *pieces, axis=1)
    return writer.node("Reshape", joined, writer.integers(-1, width))


def _magnitudes(writer: GraphWriter, weights: dict[str, Weights]) -> str:
    """Four spectra of each window, [w * 4, 129]."""
    padded = writer.node("Pad", "windows", writer.integers(0, 0, 0, 64), mode="reflect")
    frames = [_cut(writer, padded, HOP * n, HOP * n + FRAME) for n in range(FRAMES)]
    basis = writer.weights(weights["model.stft.forward_basis_buffer"][:, 0].T)
    spectra = writer.node("MatMul", _stack(writer, frames, FRAME), basis)
    squares = writer.node("Mul", spectra, spectra)
    power = writer.node(
        "Add", _cut(writer, squares, 0, BINS), _cut(writer, squares, BINS, 2 * BINS)
    )
    return writer.node("Sqrt", power)


def _encoder(writer: GraphWriter, rows: str, weights: dict[str, Weights]) -> str:
    """Four convolutions along the frames of each window, [w, 128] in the end."""
    length, channels = FRAMES, BINS
    for layer, stride in enumerate(STRIDES):
        kernel = weights[f"model.encoder.{layer}.reparam_conv.weight"]  # [out, in, 3]
        bias = weights[f"model.encoder.{layer}.reparam_conv.bias"]
        line = writer.node("Reshape", rows, writer.integers(-1, length * channels))
        line = writer.node("Pad", line, writer.integers(0, channels, 0, channels))
        length = (length + 2 - KERNEL) // stride + 1
        width = KERNEL * channels
        starts = [position * stride * channels for position in range(length)]
        patches = _stack(writer, [_cut(writer, line, s, s + width) for s in starts], width)
        matrix = writer.weights(kernel.transpose(2, 1, 0).reshape(width, -1))
        rows = writer.node("Relu", writer.node("Gemm", patches, matrix, writer.weights(bias)))
        channels = kernel.shape[0]
    return rows


def _decoder(writer: GraphWriter, encoded: str, weights: dict[str, Weights]) -> None:
    """The LSTM along time and the probability at each moment."""
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    layer = {name: weights[f"model.decoder.rnn.{name}"] for name in names}
    moments = writer.node("Gather", encoded, "order", axis=0)
    inputs = [moments, *lstm_weights(writer, layer), "lengths", "h", "c"]
    heard = writer.nodes("LSTM", inputs, ["heard", "hn", "cn"], hidden_size=HIDDEN)[0]
    rows = writer.node("Relu", writer.node("Squeeze", heard, writer.integers(1)))
    last = weights["model.decoder.decoder.2.weight"][0]  # [128, 1]
    bias = writer.weights(weights["model.decoder.decoder.2.bias"].astype(np.float32))
    logits = writer.node("Add", writer.node("MatMul", rows, writer.weights(last)), bias)
    speech = writer.node("Sigmoid", logits)
    writer.nodes("Squeeze", [speech, writer.integers(2)], ["speech"])
