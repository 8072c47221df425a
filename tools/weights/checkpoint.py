"""Read a checkpoint that torch wrote before version 1.6, without torch and without running code.

Such a file is four pickles (magic number, protocol, system, the object), then a list of storage
keys, then each storage as a count (int64) and its numbers. Tensors in the object are calls of
``torch._utils._rebuild_tensor_v2``; only these, ``OrderedDict`` and the names of storage types
are let through, so that a tampered file can do nothing.
"""

import io
import math
import pickle
import struct
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Weights = npt.NDArray[np.float32]

PICKLES_BEFORE_THE_OBJECT = 3
ITEM: dict[str, np.dtype[Any]] = {
    "FloatStorage": np.dtype("<f4"),
    "LongStorage": np.dtype("<i8"),
}


@dataclass(frozen=True, slots=True)
class _Storage:
    key: str
    kind: str


@dataclass(frozen=True, slots=True)
class _Tensor:
    storage: _Storage
    offset: int
    shape: tuple[int, ...]

    @classmethod
    def rebuilt(
        cls, storage: _Storage, offset: int, shape: tuple[int, ...], *_: object
    ) -> "_Tensor":
        return cls(storage, offset, shape)


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401  pickle's own signature
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _Tensor.rebuilt
        if module == "torch" and name in ITEM:
            return name
        raise pickle.UnpicklingError(f"{module}.{name} has no place in a checkpoint of weights")

    def persistent_load(self, pid: tuple[Any, ...]) -> _Storage:
        _, kind, key, *_ = pid
        return _Storage(key, kind)


def read_tensors(checkpoint: bytes, entry: str) -> dict[str, Weights]:
    """Return the float tensors under one top-level entry of the checkpoint, by name.

    Raises:
        pickle.UnpicklingError: when the file holds anything but weights and plain values.
    """
    file = io.BytesIO(checkpoint)
    for _ in range(PICKLES_BEFORE_THE_OBJECT):
        _Reader(file).load()
    everything = _Reader(file).load()
    kinds: dict[str, str] = {}
    _collect(everything, kinds)
    storages = {}
    for key in _Reader(file).load():
        (count,) = struct.unpack("<q", file.read(8))
        item = ITEM[kinds[key]]
        storages[key] = np.frombuffer(file.read(count * item.itemsize), item)
    return {
        name: _view(tensor, storages)
        for name, tensor in everything[entry].items()
        if tensor.storage.kind == "FloatStorage"
    }


def _collect(value: object, kinds: dict[str, str]) -> None:
    """Note the kind of every storage that a tensor in the object refers to."""
    if isinstance(value, _Tensor):
        kinds[value.storage.key] = value.storage.kind
    elif isinstance(value, dict):
        for inner in value.values():
            _collect(inner, kinds)
    elif isinstance(value, list | tuple):
        for inner in value:
            _collect(inner, kinds)


def _view(tensor: _Tensor, storages: dict[str, Weights]) -> Weights:
    end = tensor.offset + math.prod(tensor.shape)
    return storages[tensor.storage.key][tensor.offset : end].reshape(tensor.shape)
