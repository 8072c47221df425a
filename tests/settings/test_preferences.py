"""What is remembered between runs."""

import json
from pathlib import Path

import pytest

from deeptone_tui.settings.paths import Choices, Preferences


def test_choices_are_there_in_the_next_run(tmp_path: Path) -> None:
    """Each is remembered on its own; nothing else is left in the folder."""
    path = tmp_path / "state" / "preferences.json"
    first = Preferences(path)
    assert first.remember(device="USB Audio CODEC")
    assert first.remember(theme="nord", span=300)
    second = Preferences(path)
    assert second.choices == Choices(device="USB Audio CODEC", theme="nord", span=300)
    assert second.notice == ""
    assert list(path.parent.iterdir()) == [path]


def test_a_first_run_remembers_nothing(tmp_path: Path) -> None:
    """No file is no reason for a notice, and reading makes none."""
    preferences = Preferences(tmp_path / "none" / "preferences.json")
    assert (preferences.choices, preferences.notice) == (Choices(), "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["", "{", "[1]", '"x"', "\0", "[" * 100_000, "null"])
def test_a_broken_file_is_ignored_with_a_notice(tmp_path: Path, text: str) -> None:
    """The program starts as if new, and the next choice mends the file."""
    path = tmp_path / "preferences.json"
    path.write_text(text)
    preferences = Preferences(path)
    assert preferences.choices == Choices()
    assert str(path) in preferences.notice
    assert preferences.remember(span=60)
    assert Preferences(path).choices.span == 60


def test_entries_of_another_version_are_passed_over(tmp_path: Path) -> None:
    """What is unknown or of another type counts as not there."""
    path = tmp_path / "preferences.json"
    path.write_text(json.dumps({"device": 3, "theme": "nord", "span": True, "later": []}))
    preferences = Preferences(path)
    assert (preferences.choices, preferences.notice) == (Choices(theme="nord"), "")


def test_what_cannot_be_written_is_kept_for_this_run(tmp_path: Path) -> None:
    """That is told once, with the reason; a home that is no folder is as if new."""
    (tmp_path / "file").touch()
    told: list[str] = []
    preferences = Preferences(tmp_path / "file" / "preferences.json", told.append)
    assert preferences.notice == ""
    assert not preferences.remember(theme="nord")
    assert not preferences.remember(theme="dracula")
    assert preferences.choices.theme == "dracula"
    (words,) = told
    assert str(tmp_path / "file" / "preferences.json") in words
    assert not Preferences(None).remember(span=60)
