"""Open a network with onnxruntime, which sends nothing and notes nothing; its one import."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

    from onnxruntime import InferenceSession  # noqa: TID251  for its type alone


def open_session(file: Path) -> "InferenceSession":
    """Load a network that computes in the calling thread alone, the interpreter lock released.

    One thread a call: the calls are small, streams run side by side, and threads of onnxruntime
    would spin between the calls.
    """
    onnxruntime = _silent_onnxruntime()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors only: the terminal belongs to others
    return onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])


def _silent_onnxruntime() -> "ModuleType":
    """Import onnxruntime without its telemetry, whatever the environment says about that.

    In its maker's builds of today the import itself writes a device id and a database into
    ``~/.cache/Microsoft``, and then reports every few seconds. This variable prevents both, and
    is read by the import: ``disable_telemetry_events()`` afterwards comes too late.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime  # noqa: PLC0415, TID251  heavy; after the variable, and only here

    module: ModuleType = onnxruntime
    return module
