"""Which recordings are meant, and how they are shared out."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.archive import recordings
from deeptone_tui.archive.pool import AT_ONCE, groups
from deeptone_tui.archive.recordings import AudioInput, InputFailure, expand
from deeptone_tui.audio import SourceKind, SourceSpec


def touch(*places: Path) -> None:
    """Make empty files, and their folders."""
    for place in places:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()


def test_folders_are_looked_through_to_the_bottom(tmp_path: Path) -> None:
    """By the names of audio files, in their order; hidden ones stay hidden."""
    wanted = [tmp_path / "a.wav", tmp_path / "c.FLAC", tmp_path / "deep" / "er" / "b.mp3"]
    touch(*wanted, tmp_path / "notes.txt", tmp_path / ".d.wav", tmp_path / ".git" / "e.wav")
    found = expand([str(tmp_path)])
    assert [item.name for item in found] == [str(place) for place in wanted]


def test_what_ffmpeg_decodes_is_found_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Elsewhere it is said that there is more than what is heard."""
    wanted = [tmp_path / name for name in ("a.wav", "b.M4A", "c.webm", "d.amr", "e.wma", "f.aac")]
    touch(*wanted, tmp_path / ".g.m4a", tmp_path / "h.txt")
    monkeypatch.setattr(recordings, "has_ffmpeg", lambda: True)
    assert [item.name for item in expand([str(tmp_path)])] == [str(place) for place in wanted]
    monkeypatch.setattr(recordings, "has_ffmpeg", lambda: False)
    heard, more = expand([str(tmp_path)])
    assert heard.name == str(wanted[0])
    assert isinstance(more, InputFailure)
    assert more.reason == f"{tmp_path}: 5 files passed over; install ffmpeg to hear them"


def test_words_keep_their_order_and_what_is_not_there_its_place(tmp_path: Path) -> None:
    """A folder without audio is a failure; a file that is not there is found out at opening."""
    (tmp_path / "empty").mkdir()
    words = ["demo", str(tmp_path / "empty"), "mic", "-", str(tmp_path / "x.wav")]
    first, empty, mic, piped, missing = expand(words, device="USB")
    assert first == AudioInput("demo", SourceSpec(SourceKind.DEMO))
    assert isinstance(empty, InputFailure)
    assert "holds no audio files" in empty.reason
    assert mic == AudioInput("mic", SourceSpec(SourceKind.MICROPHONE, "USB"))
    assert isinstance(piped, AudioInput)
    assert not piped.is_file
    assert isinstance(missing, AudioInput)
    assert missing.is_file
    assert missing.stem == "x"


@given(st.integers(1, 100), st.integers(1, 16))
def test_groups_hold_each_file_once_and_use_all_processes(files: int, jobs: int) -> None:
    """No more at a time than the engine takes, and no process idle while others have several."""
    every = [AudioInput(f"{n}", SourceSpec(SourceKind.FILE, f"{n}")) for n in range(files)]
    shared = groups(every, jobs)
    assert sorted(item.name for group in shared for item in group) == sorted(
        item.name for item in every
    )
    assert max(map(len, shared)) <= AT_ONCE
    assert max(map(len, shared)) == 1 or len(shared) >= min(jobs, files) / 2
