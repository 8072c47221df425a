"""Saving results: that nothing is ever lost by a failure."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.screens.dialog_host import result

from deeptone_tui.app.presenters.results_export import ExportError, ExportFormat, save_results
from deeptone_tui.app.presenters.results_model import Result

BOTH = list(ExportFormat)
RESULTS = [result(0), result(1)]


@pytest.mark.parametrize("form", BOTH)
def test_an_existing_file_is_never_replaced_silently(tmp_path: Path, form: ExportFormat) -> None:
    """Only who says so replaces a file; nothing else is left in the folder."""
    path = tmp_path / "results"
    path.write_text("precious")
    with pytest.raises(ExportError, match="exists already"):
        save_results(RESULTS, path, form)
    assert path.read_text() == "precious"
    save_results(RESULTS, path, form, overwrite=True)
    assert "speech" in path.read_text()
    assert list(tmp_path.iterdir()) == [path]


def test_replacing_keeps_permissions_and_links(tmp_path: Path) -> None:
    """A file that only its owner may read stays so, and a link stays a link."""
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_text("old")
    real.chmod(0o600)
    link.symlink_to(real)
    save_results(RESULTS, link, ExportFormat.CSV, overwrite=True)
    assert link.is_symlink()
    assert "speech" in real.read_text()
    assert stat.S_IMODE(real.stat().st_mode) == 0o600


def _failing() -> Iterator[Result]:
    yield RESULTS[0]
    raise OSError(28, "No space left on device")


def test_a_full_disk_leaves_the_earlier_file(tmp_path: Path) -> None:
    """A write that fails half way is told, and as if it had not been tried."""
    path = tmp_path / "r.jsonl"
    path.write_text("precious")
    with pytest.raises(ExportError, match="not saved: no space left on device"):
        save_results(_failing(), path, ExportFormat.JSON_LINES, overwrite=True)
    assert path.read_text() == "precious"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a full device")
def test_a_device_is_no_file() -> None:
    """What is there and is no file is not replaced by one."""
    with pytest.raises(ExportError, match="is not a file"):
        save_results(RESULTS, Path("/dev/full"), ExportFormat.CSV, overwrite=True)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """It is not made either: a typing mistake should not leave folders behind."""
    with pytest.raises(ExportError, match="none is no folder"):
        save_results(RESULTS, tmp_path / "none" / "r.csv", ExportFormat.CSV)
    (tmp_path / "file").touch()
    with pytest.raises(ExportError, match="file is no folder"):
        save_results(RESULTS, tmp_path / "file" / "r.csv", ExportFormat.CSV)


def test_a_denied_folder_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line says that it is a matter of permission (root, whom nothing denies, included)."""

    def deny(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", deny)
    with pytest.raises(ExportError, match="no permission to write"):
        save_results(RESULTS, tmp_path / "r.csv", ExportFormat.CSV)


def test_a_name_that_cannot_be_is_told(tmp_path: Path) -> None:
    """Errors of the system end in words too."""
    with pytest.raises(ExportError, match="too long"):
        save_results(RESULTS, tmp_path / ("x" * 300), ExportFormat.CSV)
