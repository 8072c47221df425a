"""Saving a file: that nothing is ever lost by a failure."""

import os
import stat
from pathlib import Path
from typing import NoReturn

import pytest

from deeptone_tui.app.actions.saving import SaveError, save_text

TEXT = "speech\n"


def test_an_existing_file_is_never_replaced_silently(tmp_path: Path) -> None:
    """Only who says so replaces a file; nothing else is left in the folder."""
    path = tmp_path / "results"
    path.write_text("precious")
    with pytest.raises(SaveError, match="exists already"):
        save_text(TEXT, path)
    assert path.read_text() == "precious"
    save_text(TEXT, path, overwrite=True)
    assert path.read_text() == TEXT
    assert list(tmp_path.iterdir()) == [path]


def test_replacing_keeps_permissions_and_links(tmp_path: Path) -> None:
    """A file that only its owner may read stays so, and a link stays a link."""
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_text("old")
    real.chmod(0o600)
    link.symlink_to(real)
    save_text(TEXT, link, overwrite=True)
    assert link.is_symlink()
    assert real.read_text() == TEXT
    assert stat.S_IMODE(real.stat().st_mode) == 0o600


def test_a_full_disk_leaves_the_earlier_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write that fails half way is told, and as if it had not been tried."""

    def fail(_: int) -> NoReturn:
        raise OSError(28, "No space left on device")

    path = tmp_path / "r.jsonl"
    path.write_text("precious")
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(SaveError, match="not saved: no space left on device"):
        save_text(TEXT, path, overwrite=True)
    assert path.read_text() == "precious"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a full device")
def test_a_device_is_no_file() -> None:
    """What is there and is no file is not replaced by one."""
    with pytest.raises(SaveError, match="is not a file"):
        save_text(TEXT, Path("/dev/full"), overwrite=True)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("none/r.csv", "none is not a folder"),
        ("file/r.csv", "file is not a folder"),
        ("x" * 300, "too long"),
    ],
)
def test_what_cannot_be_is_told(tmp_path: Path, name: str, words: str) -> None:
    """A folder is not made either: a typing mistake should not leave folders behind."""
    (tmp_path / "file").touch()
    with pytest.raises(SaveError, match=words):
        save_text(TEXT, tmp_path / name)


def test_a_denied_folder_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line says that it is a matter of permission (root, whom nothing denies, included)."""

    def deny(*_: object, **__: object) -> NoReturn:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", deny)
    with pytest.raises(SaveError, match="no permission to write"):
        save_text(TEXT, tmp_path / "r.csv")
