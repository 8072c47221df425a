"""The voice encoder of Resemblyzer: three LSTM layers, a projection, a unit vector."""

from onnx import TensorProto

from weights.checkpoint import read_tensors
from weights.graph import GraphWriter, lstm_weights

MEMBER = "resemblyzer/pretrained.pt"
"""The file in the wheel whose weights are taken, without the optimiser's state."""

BANDS, SIZE, LAYERS = 40, 256, 3


def build(published: bytes) -> bytes:
    """Return the network: ``frames`` float [n, t, 40] -> ``embedding`` float [n, 256], length 1."""
    weights = read_tensors(published, "model_state")
    writer = GraphWriter("dvector", half=True)
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    current = writer.node("Transpose", "frames", perm=[1, 0, 2])
    last = ""
    for number in range(LAYERS):
        layer = {name: weights[f"lstm.{name}_l{number}"] for name in names}
        inputs = [current, *lstm_weights(writer, layer)]
        outputs = [f"heard{number}", f"last{number}"]
        heard, last = writer.nodes("LSTM", inputs, outputs, hidden_size=SIZE)
        current = writer.node("Squeeze", heard, writer.integers(1))
    state = writer.node("Squeeze", last, writer.integers(0))
    matrix = writer.weights(weights["linear.weight"].T)
    projected = writer.node("Gemm", state, matrix, writer.weights(weights["linear.bias"]))
    positive = writer.node("Relu", projected)
    writer.nodes("LpNormalization", [positive], ["embedding"], axis=1, p=2)
    return writer.finish(
        [("frames", TensorProto.FLOAT, ["n", "t", BANDS])],
        [("embedding", TensorProto.FLOAT, ["n", SIZE])],
    )
