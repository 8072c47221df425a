"""Write an ONNX graph node by node; the only user of the onnx package beside the readers."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 15
IR_VERSION = 8
Weights = npt.NDArray[np.float32]


class GraphWriter:
    """Collects nodes and constants in the order they are written; names are numbered.

    The same calls give the same bytes (with the same onnx and protobuf), so that a rebuilt file
    can be compared with the vendored one by its sum.

    Args:
        name: name of the graph.
        half: store weights in 16-bit floats; the runtime widens them once, when it loads.
    """

    def __init__(self, name: str, *, half: bool) -> None:
        self._name = name
        self._half = half
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def weights(self, values: npt.NDArray[np.floating]) -> str:
        """Add a constant of floats and return its name."""
        narrow = np.ascontiguousarray(values, np.float16 if self._half else np.float32)
        name = self._constant(narrow)
        return self.node("Cast", name, to=TensorProto.FLOAT) if self._half else name

    def integers(self, *values: int) -> str:
        """Add a constant vector of int64 (shapes, axes, positions) and return its name."""
        return self._constant(np.array(values, np.int64))

    def node(self, operator: str, *inputs: str, **attributes: object) -> str:
        """Add a node with one output and return the output's name."""
        return self.nodes(operator, inputs, [f"n{len(self._nodes)}"], **attributes)[0]

    def nodes(
        self, operator: str, inputs: Sequence[str], outputs: Sequence[str], **attributes: object
    ) -> Sequence[str]:
        """Add a node with named outputs and return their names."""
        self._nodes.append(helper.make_node(operator, inputs, outputs, **attributes))
        return outputs

    def finish(
        self,
        inputs: Sequence[tuple[str, int, list[str | int]]],
        outputs: Sequence[tuple[str, int, list[str | int]]],
    ) -> bytes:
        """Check the graph and return the file; inputs and outputs are (name, type, shape)."""
        graph = helper.make_graph(
            self._nodes,
            self._name,
            [helper.make_tensor_value_info(*entry) for entry in inputs],
            [helper.make_tensor_value_info(*entry) for entry in outputs],
            self._constants,
        )
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION
        )
        onnx.checker.check_model(model)
        return bytes(model.SerializeToString(deterministic=True))

    def _constant(self, values: npt.NDArray[np.generic]) -> str:
        name = f"c{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(values, name))
        return name


def lstm_order(gates: Weights) -> Weights:
    """Reorder an LSTM's stacked gates from torch's i, f, g, o to ONNX's i, o, f, g."""
    input_gate, forget, cell, output = np.split(gates, 4)
    return np.concatenate([input_gate, output, forget, cell])


def lstm_weights(writer: GraphWriter, tensors: dict[str, Weights]) -> list[str]:
    """Add one layer's weights, named as torch names them without prefix and layer, for ``LSTM``."""
    order = {name: lstm_order(values) for name, values in tensors.items()}
    bias = np.concatenate([order["bias_ih"], order["bias_hh"]])
    return [
        writer.weights(order["weight_ih"][np.newaxis]),
        writer.weights(order["weight_hh"][np.newaxis]),
        writer.weights(bias[np.newaxis]),
    ]
