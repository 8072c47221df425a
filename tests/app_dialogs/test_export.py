"""Saving results: the shapes, and that nothing is ever lost by a failure."""

import csv
import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.dialog_host import entry

from deeptone_tui.app.export import ExportError, ExportFormat, json_line, save_results
from deeptone_tui.monitor.state import Entry
from deeptone_tui.protocol import Answer, Step, StreamParameters

BOTH = list(ExportFormat)
ENTRIES = [entry(0), entry(1, gender=Answer("female", 0.9), speech=Answer("speech", 1.0))]


def test_json_lines_have_the_wire_shape_and_a_time(tmp_path: Path) -> None:
    """Each line is the step as the endpoint sent it, and when it was on this machine."""
    path = tmp_path / "r.jsonl"
    assert save_results(ENTRIES, path, ExportFormat.JSON_LINES) == 2
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert lines[1] == {
        "time": 1.024,
        "timestamp": 1024.0,
        "results": {
            "gender": {"confidence": 0.9, "result": "female"},
            "speech": {"confidence": 1.0, "result": "speech"},
        },
    }


def test_raw_values_are_saved_where_there_are_any() -> None:
    """They stand in the line as they stood on the wire."""
    step = Step(0.0, {"gender": Answer("male", 0.7)}, raw={"gender": {"female": 0.3, "male": 0.7}})
    line = json_line(Entry(step, 0, 1024, StreamParameters()))
    assert json.loads(line)["raw"] == {"gender": {"female": 0.3, "male": 0.7}}


def test_the_table_has_a_row_for_each_model(tmp_path: Path) -> None:
    """Time, model, result, confidence; what has no result stands as JSON."""
    path = tmp_path / "r.csv"
    crowd = entry(2, **{"speaker-map": Answer(None, None, {"speaker_count": 2})})
    assert save_results([*ENTRIES, crowd], path, ExportFormat.CSV) == 3
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [
        ["time", "model", "result", "confidence"],
        ["0.000", "speech-rt", "speech", "0.9300"],
        ["1.024", "gender", "female", "0.9000"],
        ["1.024", "speech", "speech", "1.0000"],
        ["2.048", "speaker-map", '{"speaker_count": 2}', ""],
    ]


@given(
    result=st.text(st.characters(exclude_categories=["Cs"])),
    confidence=st.floats(0, 1),
    index=st.integers(0, 10**6),
)
def test_a_line_is_one_line_that_says_the_same(result: str, confidence: float, index: int) -> None:
    """Whatever an endpoint answers, the line can be read back."""
    line = json_line(entry(index, odd=Answer(result, confidence)))
    read = json.loads(line)
    assert "\n" not in line
    assert read["results"]["odd"] == {"confidence": confidence, "result": result}
    assert read["time"] == pytest.approx(index * 1.024)


@pytest.mark.parametrize("form", BOTH)
def test_an_existing_file_is_never_replaced_silently(tmp_path: Path, form: ExportFormat) -> None:
    """Only who says so replaces a file; nothing else is left in the folder."""
    path = tmp_path / "results"
    path.write_text("precious")
    with pytest.raises(ExportError, match="exists already"):
        save_results(ENTRIES, path, form)
    assert path.read_text() == "precious"
    save_results(ENTRIES, path, form, overwrite=True)
    assert "speech" in path.read_text()
    assert list(tmp_path.iterdir()) == [path]


def test_replacing_keeps_permissions_and_links(tmp_path: Path) -> None:
    """A file that only its owner may read stays so, and a link stays a link."""
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_text("old")
    real.chmod(0o600)
    link.symlink_to(real)
    save_results(ENTRIES, link, ExportFormat.CSV, overwrite=True)
    assert link.is_symlink()
    assert "speech" in real.read_text()
    assert stat.S_IMODE(real.stat().st_mode) == 0o600


def _failing() -> Iterator[Entry]:
    yield ENTRIES[0]
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
        save_results(ENTRIES, Path("/dev/full"), ExportFormat.CSV, overwrite=True)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """It is not made either: a typing mistake should not leave folders behind."""
    with pytest.raises(ExportError, match="none is no folder"):
        save_results(ENTRIES, tmp_path / "none" / "r.csv", ExportFormat.CSV)
    (tmp_path / "file").touch()
    with pytest.raises(ExportError, match="file is no folder"):
        save_results(ENTRIES, tmp_path / "file" / "r.csv", ExportFormat.CSV)


def test_a_denied_folder_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line says that it is a matter of permission (root, whom nothing denies, included)."""

    def deny(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", deny)
    with pytest.raises(ExportError, match="no permission to write"):
        save_results(ENTRIES, tmp_path / "r.csv", ExportFormat.CSV)


def test_a_name_that_cannot_be_is_told(tmp_path: Path) -> None:
    """Errors of the system end in words too."""
    with pytest.raises(ExportError, match="too long"):
        save_results(ENTRIES, tmp_path / ("x" * 300), ExportFormat.CSV)
