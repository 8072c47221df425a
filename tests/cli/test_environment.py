"""What in the environment would end a library at its import."""

import os
from pathlib import Path

import pytest
from support.programs.program import run_program

from deeptone_tui.cli.entry import WEB_DRIVER, without_unusable

HOME = {"HOME": "/home/somebody"}


def test_a_place_for_keys_that_can_be_written_stays(tmp_path: Path) -> None:
    """Whether it is there or not; and nothing is written by looking."""
    there = tmp_path / "there"
    there.write_text("")
    for place in (there, tmp_path / "not there"):
        environment = {"SSLKEYLOGFILE": str(place), **HOME}
        assert without_unusable(environment) == []
        assert environment == {"SSLKEYLOGFILE": str(place), **HOME}
    assert [each.name for each in tmp_path.iterdir()] == ["there"]


@pytest.mark.parametrize("place", ["/dev/null/x/keys", "/", "/dev/null/keys", "/a\x1b[31m/b"])
def test_one_that_cannot_is_passed_over(place: str) -> None:
    """The variable is named, and what stands in it steers no terminal."""
    environment = {"SSLKEYLOGFILE": place, **HOME}
    (words,) = without_unusable(environment)
    assert words.startswith("SSLKEYLOGFILE: /")
    assert "\x1b" not in words
    assert environment == HOME


SIZES = ["", "0", "-1", "abc", "\u00b2", "\u0663", "1e2", "9" * 5000]


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, {}),
        ({"SSLKEYLOGFILE": "", "NETRC": ""}, {}),
        *(({"COLUMNS": size, "LINES": "50"}, {"LINES": "50"}) for size in SIZES),
        ({"NO_COLOR": ""}, {}),  # empty, it says nothing; whatever it is otherwise, it is meant
        ({"NO_COLOR": "0"}, {"NO_COLOR": "0"}),
        ({"NO_COLOR": "1"}, {"NO_COLOR": "1"}),
        ({"XDG_STATE_HOME": "state", "XDG_CONFIG_HOME": ""}, {}),  # relative ones are invalid
    ],
)
def test_what_says_nothing_is_no_variable(
    environment: dict[str, str], expected: dict[str, str]
) -> None:
    """By the conventions of each; there is no line about it."""
    environment = {**environment, **HOME}
    assert without_unusable(environment) == []
    assert environment == {**expected, **HOME}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TEXTUAL_DRIVER", "no_such_module:Driver"),
        ("TEXTUAL_COLOR_SYSTEM", "16 million"),
        ("TEXTUAL_LOG", "/dev/null/log"),
    ],
)
def test_what_textual_fails_over_is_passed_over(name: str, value: str) -> None:
    """At its import, or when the screen opens; what it knows stays."""
    environment = {name: value, **HOME}
    (words,) = without_unusable(environment)
    assert words.startswith(f"{name}: {value} cannot be ")
    assert environment == HOME
    known = {"TEXTUAL_DRIVER": WEB_DRIVER, "TEXTUAL_COLOR_SYSTEM": "256", **HOME}
    assert without_unusable(known) == []
    assert known["TEXTUAL_DRIVER"] == WEB_DRIVER


@pytest.mark.parametrize("home", [{}, {"HOME": ""}, {"HOME": "somewhere"}, {"HOME": "\udcff"}])
@pytest.mark.parametrize("uid", [None, 3_999_999_999])
def test_there_is_always_a_home(
    home: dict[str, str], uid: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of a user whom the system does not know: nothing is written where one happens to be."""
    if uid is not None:
        monkeypatch.setattr(os, "getuid", lambda: uid)
    environment = dict(home)
    assert without_unusable(environment) == []
    assert environment["HOME"] == (str(Path("~").expanduser()) if uid is None else "/")


def test_logins_that_cannot_be_used_are_passed_over(tmp_path: Path) -> None:
    """With the reason; a file that can be stays."""
    place = tmp_path / "logins"
    place.write_bytes("# für alle".encode("latin-1"))
    environment = {"NETRC": str(place), "HOME": "/"}
    (words,) = without_unusable(environment)
    assert words == (f"NETRC: {place} cannot be used (it is not text in UTF-8), so it is ignored")
    assert environment == {"HOME": "/"}
    place.write_text("machine voice.example login me password secret\n")
    assert without_unusable({"NETRC": str(place), **HOME}) == []


def test_the_program_goes_on_without_it(tmp_path: Path) -> None:
    """With an endpoint, which is where it mattered."""
    env = {"SSLKEYLOGFILE": "/dev/null/x/keys"}
    done = run_program(tmp_path, "stream", "demo", "--fast", env=env)
    assert done.returncode == 0
    assert done.stderr.startswith(b"SSLKEYLOGFILE: /dev/null/x/keys cannot be written")
