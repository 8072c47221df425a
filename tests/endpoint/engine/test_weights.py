"""The vendored files: what they are, where they come from, how they are read."""

import hashlib
import io
import pickle
import struct
import subprocess
import sys
from collections import OrderedDict
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from weights import checkpoint, rebuild

from deeptone_tui.endpoint.engine import networks

PUBLISHED = [networks.VOICE_ACTIVITY, networks.SOUND_CLASS, networks.VOICE_EMBEDDING]


def test_the_files_are_what_the_sums_say(capsys: pytest.CaptureFixture[str]) -> None:
    """Checked without onnx, h5py or network."""
    assert rebuild.main(["--check"]) == 0
    assert "all files are what SHA256SUMS says" in capsys.readouterr().out
    assert set(rebuild.noted_sums()) == {file.name for file in [*PUBLISHED, networks.GENDER_HEAD]}


def test_a_changed_file_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And a missing one."""
    for name in rebuild.noted_sums():
        (tmp_path / name).write_bytes((networks.WEIGHTS / name).read_bytes())
    (tmp_path / "dvector.onnx").write_bytes(b"something else")
    (tmp_path / "gender_head.json").unlink()
    monkeypatch.setattr(networks, "WEIGHTS", tmp_path)
    assert rebuild.main(["--check"]) == 1
    assert capsys.readouterr().out == "not what SHA256SUMS says: dvector.onnx, gender_head.json\n"


def test_the_notice_names_every_file_with_its_sum() -> None:
    """And the packages that they came from, and the licences' texts."""
    notice = (networks.WEIGHTS / "NOTICE.md").read_text(encoding="utf-8")
    for name, digest in rebuild.noted_sums().items():
        assert f"## {name}" in notice
        assert digest in notice
    for origin in rebuild.ORIGINS:
        assert origin.sha256 in notice
    for line in (
        "Copyright (c) 2020-present Silero Team",
        "Copyright (c) 2018 Ina (David Doukhan - http://www.ina.fr/)",
        "Copyright 2019 Resemble.AI",
        "TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION",
    ):
        assert line in notice


def test_rebuilding_without_onnx_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line, exit code 1."""
    monkeypatch.setitem(sys.modules, "onnx", None)
    monkeypatch.setattr(rebuild, "fetched", lambda origin, folder: folder / origin.requirement)
    assert rebuild.main([]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "pip install onnx h5py" in error


def test_a_package_that_is_not_the_one_that_was_used_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever served it."""
    monkeypatch.setattr(subprocess, "run", _downloading_something_else)
    with pytest.raises(rebuild.RebuildError, match="its sum differs"):
        rebuild.fetched(rebuild.ORIGINS[0], tmp_path)


def _downloading_something_else(command: list[str], **_: object) -> object:
    folder = Path(command[command.index("--dest") + 1])
    (folder / "silero_vad-6.2.3-py3-none-any.whl").write_bytes(b"another wheel")
    return subprocess.CompletedProcess(command, 0, "", "")


def test_a_download_that_fails_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With pip's last line."""
    failed = subprocess.CompletedProcess([], 1, "", "WARNING: x\nERROR: no such version\n")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(rebuild.RebuildError, match=r"silero-vad==6\.2\.3: ERROR: no such version$"):
        rebuild.fetched(rebuild.ORIGINS[0], tmp_path)


class Called:
    """Pickles as a call of a function."""

    def __init__(self, function: object, *arguments: object) -> None:
        self._call = function, arguments

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        """Tell pickle which call makes the object anew."""
        return self._call


class TorchPickler(pickle.Pickler):
    """Keeps storages out of the pickle, as torch does."""

    def persistent_id(self, obj: object) -> object:
        """Name a storage instead of writing it."""
        return obj if isinstance(obj, tuple) and obj[:1] == ("storage",) else None


def rebuild_tensor() -> None:
    """Stand in for torch's function of this kind; only its name is written."""


@pytest.fixture
def torch(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """As much of torch as a checkpoint names."""
    module, utils = ModuleType("torch"), ModuleType("torch._utils")
    storage = type("FloatStorage", (), {"__module__": "torch"})
    monkeypatch.setattr(rebuild_tensor, "__module__", "torch._utils")
    monkeypatch.setattr(rebuild_tensor, "__qualname__", "_rebuild_tensor_v2")
    vars(utils)["_rebuild_tensor_v2"] = rebuild_tensor
    vars(module).update(FloatStorage=storage, _utils=utils)
    monkeypatch.setitem(sys.modules, "torch", module)
    monkeypatch.setitem(sys.modules, "torch._utils", utils)
    return module


def old_checkpoint(state: object) -> bytes:
    """A checkpoint as torch wrote it, with one storage of six numbers."""
    file = io.BytesIO()
    headers: list[object] = [1, 1001, {}]
    for header in headers:
        pickle.dump(header, file, protocol=2)
    TorchPickler(file, protocol=2).dump({"model_state": state, "step": 7})
    pickle.dump(["key"], file, protocol=2)
    file.write(struct.pack("<q", 6) + np.arange(6, dtype="<f4").tobytes())
    return file.getvalue()


def tensor(torch: ModuleType, offset: int, shape: tuple[int, ...]) -> Called:
    """A tensor in that storage."""
    storage = ("storage", torch.FloatStorage, "key", "cpu", 6)
    return Called(rebuild_tensor, storage, offset, shape, (1,), False, OrderedDict())


def test_an_old_checkpoint_is_read_without_torch(torch: ModuleType) -> None:
    """Tensors are views of their storage."""
    state = OrderedDict(whole=tensor(torch, 0, (2, 3)), part=tensor(torch, 4, (2,)))
    tensors = checkpoint.read_tensors(old_checkpoint(state), "model_state")
    np.testing.assert_array_equal(tensors["whole"], [[0, 1, 2], [3, 4, 5]])
    np.testing.assert_array_equal(tensors["part"], [4, 5])


def test_a_checkpoint_cannot_run_code() -> None:
    """Anything but weights is refused before it is called."""
    with pytest.raises(pickle.UnpicklingError, match="has no place"):
        checkpoint.read_tensors(old_checkpoint(Called(eval, "1 / 0")), "model_state")


def test_the_engine_reads_the_files_that_are_checked() -> None:
    """Sums of the very files that the networks load."""
    noted = rebuild.noted_sums()
    for file in PUBLISHED:
        assert hashlib.sha256(file.read_bytes()).hexdigest() == noted[file.name]
