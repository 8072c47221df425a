"""Open a network with onnxruntime."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnxruntime import InferenceSession


def open_session(file: Path) -> "InferenceSession":
    """Load a network that computes in the calling thread alone, the interpreter lock released.

    One thread a call: the calls are small, streams run side by side, and threads of onnxruntime
    would spin between the calls.
    """
    import onnxruntime  # noqa: PLC0415  heavy, and not needed by who only imports the server

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors only: the terminal belongs to others
    return onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
