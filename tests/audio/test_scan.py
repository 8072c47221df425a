"""Looking for devices in a process of its own."""

import contextlib
from pathlib import Path

import pytest

from deeptone_tui.audio import SourceError
from deeptone_tui.audio.probe import scan_in_child


def test_a_file_in_the_working_directory_is_no_module_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody who keeps a json.py of their own can still rescan."""
    (tmp_path / "json.py").write_text("open('was_run', 'w').close()\n")
    monkeypatch.chdir(tmp_path)
    with contextlib.suppress(SourceError):  # a machine without PortAudio
        scan_in_child()
    assert not (tmp_path / "was_run").exists()
