"""What in the environment would end a library at its import."""

from pathlib import Path

import pytest
from support.program import run_program

from deeptone_tui.cli.environment import without_unusable


def test_a_place_for_keys_that_can_be_written_stays(tmp_path: Path) -> None:
    """Whether it is there or not; and nothing is written by looking."""
    there = tmp_path / "there"
    there.write_text("")
    for place in (there, tmp_path / "not there"):
        environment = {"SSLKEYLOGFILE": str(place)}
        assert without_unusable(environment) == []
        assert environment == {"SSLKEYLOGFILE": str(place)}
    assert [each.name for each in tmp_path.iterdir()] == ["there"]
    assert without_unusable({}) == without_unusable({"SSLKEYLOGFILE": ""}) == []


@pytest.mark.parametrize("place", ["/proc/nowhere/keys", "/", "/dev/null/keys", "/a\x1b[31m/b"])
def test_one_that_cannot_is_passed_over(place: str) -> None:
    """The variable is named, and what stands in it steers no terminal."""
    environment = {"SSLKEYLOGFILE": place}
    (words,) = without_unusable(environment)
    assert words.startswith("SSLKEYLOGFILE: /")
    assert "\x1b" not in words
    assert environment == {}


def test_logins_that_cannot_be_used_are_passed_over(tmp_path: Path) -> None:
    """With the reason; a file that can be stays."""
    place = tmp_path / "logins"
    place.write_bytes("# für alle".encode("latin-1"))
    environment = {"NETRC": str(place), "HOME": "/"}
    (words,) = without_unusable(environment)
    assert words == (
        f"NETRC: {place} cannot be used (it is not text in UTF-8), so it is passed over"
    )
    assert environment == {"HOME": "/"}
    place.write_text("machine voice.example login me password secret\n")
    assert without_unusable({"NETRC": str(place)}) == without_unusable({"NETRC": ""}) == []


def test_the_program_goes_on_without_it(tmp_path: Path) -> None:
    """With an endpoint, which is where it mattered."""
    env = {"SSLKEYLOGFILE": "/proc/nowhere/keys"}
    done = run_program(tmp_path, "stream", "demo", "--fast", env=env)
    assert done.returncode == 0
    assert done.stderr.startswith(b"SSLKEYLOGFILE: /proc/nowhere/keys cannot be written")
