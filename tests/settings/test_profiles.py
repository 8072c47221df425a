"""Writing profiles: what changes in the file, and that nothing else ever does."""

import os
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.settings import paths, profiles
from deeptone_tui.settings.config import load_configuration
from deeptone_tui.settings.options import Options
from deeptone_tui.settings.profiles import ProfileError, profile_text, write_profile

DESK = Options(
    device='USB "Audio" CODEC',
    url="local",
    models=("speech-rt", "gender"),
    output_period=1024,
    volume_threshold=10 ** (-38.5 / 20),
)
BEFORE = """\
# our capture box
models = "speech"    # all that we need

[profiles.hall]      # the big one
volume_threshold = "-50 dB"

[profiles.desk]
# measured in May
volume_threshold = 0.02  # with the window open
theme = "nord"
include_raw_values = true

# the last one
[profiles.attic]
fps = 5
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A configuration with comments, some people's permissions and a desk."""
    path = tmp_path / "config.toml"
    path.write_text(BEFORE)
    path.chmod(0o640)
    return path


def left_over(place: Path) -> list[str]:
    """Files beside the configuration."""
    return [path.name for path in place.parent.iterdir() if path != place]


def refused(place: Path, name: str = "desk", options: Options = DESK) -> str:
    """The one line that it was refused with; the file is as it was."""
    before = place.read_bytes()
    with pytest.raises(ProfileError) as caught:
        write_profile(name, options, place)
    assert place.read_bytes() == before
    assert left_over(place) == []
    line = str(caught.value)
    assert "\n" not in line
    return line


def test_the_first_profile_makes_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the usual place, with its folder, and for its owner alone."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "nowhere" / "yet"))
    written = write_profile("desk", DESK)
    assert written == paths.configuration_file().resolve()
    assert load_configuration().options("desk") == DESK
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    assert written.read_text() == profile_text("desk", DESK)


def test_a_new_profile_comes_last(place: Path) -> None:
    """All that was there stands there byte for byte."""
    write_profile("my desk", DESK, place)
    assert place.read_text() == f"{BEFORE}\n{profile_text('my desk', DESK)}"
    assert load_configuration(place).profiles["my desk"] == DESK
    assert stat.S_IMODE(place.stat().st_mode) == 0o640
    assert left_over(place) == []


def test_a_profile_is_replaced_where_it_stands(place: Path) -> None:
    """Comments and order stay, and what is not of the tuning; what was left open goes."""
    write_profile("desk", DESK, place)
    text = place.read_text()
    kept = [
        line for line in BEFORE.splitlines() if "0.02" not in line and "include_raw" not in line
    ]
    lines = text.splitlines()
    assert [line for line in lines if line in kept] == kept
    assert f"volume_threshold = {DESK.volume_threshold!r}  # with the window open" in lines
    assert load_configuration(place).profiles["desk"] == Options(theme="nord").over(DESK)


@pytest.mark.parametrize(
    "before",
    [
        "",
        "\n\n",
        "theme = 'x'",
        "fps = 3\r\n# an editor of Windows\r\n",
        "\ufefffps = 3\n",
        "[profiles]\n# all of them\n",
        "profiles = {hall = {fps = 3}}  # short\n",
        "profiles = {desk = {fps = 3}}\n",
        "profiles.hall.fps = 3\ntheme = 'x'\n",
        "profiles.desk = {fps = 3}\n",
        "profile = 'hall'\n[profiles]\nhall.fps = 3\n",
        "[profiles.hall]\nfps = 3\n[profiles.'desk']\nvolume_threshold = 1\n",
    ],
)
def test_the_file_may_be_written_in_any_way(tmp_path: Path, before: str) -> None:
    """Tables, inline tables, dotted keys, line ends, a byte order mark."""
    place = tmp_path / "config.toml"
    place.write_bytes(before.encode())
    earlier = load_configuration(place)
    write_profile("desk", DESK, place)
    found = load_configuration(place)
    assert (found.top, found.profile) == (earlier.top, earlier.profile)
    kept = Options(fps=earlier.profiles.get("desk", Options()).fps)
    assert found.profiles["desk"] == kept.over(DESK)
    assert {name for name in found.profiles if name != "desk"} == set(earlier.profiles) - {"desk"}
    text = place.read_bytes().decode()
    assert text.count("\r\n") in {0, text.count("\n")}
    write_profile("desk", DESK, place)
    assert place.read_bytes().decode() == text


names = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12)
options = st.builds(
    Options,
    device=st.none() | names,
    url=st.sampled_from([None, "local", "wss://voice.example.net/stream"]),
    models=st.sampled_from([("speech",), ("speech-rt", "gender")]),
    output_period=st.integers(1, 99).map(lambda n: 64 * n),
    volume_threshold=st.floats(0, 1),
    include_raw_values=st.none() | st.booleans(),
)


@given(written=st.lists(st.tuples(names, options), max_size=6))
def test_whatever_is_written_is_read(
    written: list[tuple[str, Options]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Profile after profile, under whatever name, each with the last values that it got."""
    place = tmp_path_factory.mktemp("any") / "config.toml"
    place.write_text(BEFORE)
    expected = dict(load_configuration(place).profiles)
    for name, values in written:
        write_profile(name, values, place)
        expected[name] = values
        assert load_configuration(place).profiles == expected
    assert [line for line in BEFORE.splitlines() if line.startswith("#")] == [
        line for line in place.read_text().splitlines() if line.startswith("#")
    ]


def test_a_key_is_never_written(place: Path) -> None:
    """Not even when it is handed over."""
    write_profile("desk", Options(api_key="hush", volume_threshold=0.1), place)
    assert "hush" not in place.read_text()


def test_a_key_stays_with_its_address(place: Path) -> None:
    """A profile that holds one is not given another address under it."""
    place.write_text("[profiles.desk]\nurl = 'ws://a/stream'\napi_key = 'hush'\n")
    assert refused(place) == (
        "profile desk contains an API key for another endpoint; choose another name"
    )
    write_profile("desk", Options(url="ws://a/stream", volume_threshold=0.25), place)
    assert load_configuration(place).profiles["desk"].api_key == "hush"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("volume_treshold = 1\n", "unknown key volume_treshold; did you mean volume_threshold?"),
        ("a = [\n", "invalid TOML"),
        ("a = " + "[" * 5000 + "\n", "nested too deeply"),
    ],
)
def test_a_file_that_is_wrong_is_left_as_it_is(place: Path, text: str, words: str) -> None:
    """With the line that the program would not start with."""
    place.write_text(text)
    assert words in refused(place)


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "\x1b[31m", "x" * 65])
def test_a_name_is_a_line(place: Path, name: str) -> None:
    """Neither nothing nor an essay."""
    refused(place, name)


def test_a_failed_write_leaves_the_earlier_file(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full: nothing of it is seen."""

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert refused(place) == f"{place}: no space left on device"


def test_what_would_be_read_otherwise_is_not_written(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody's library is trusted with the person's file."""
    monkeypatch.setattr(profiles, "_with_profile", lambda *_: "fps = 1\n")
    assert "would not be read back as written" in refused(place)
    monkeypatch.setattr(profiles, "_with_profile", lambda *_: "fsp = 1\n")
    assert refused(place) == f"{place}: unknown key fsp; did you mean fps?"


@pytest.mark.skipif(os.name != "posix" or os.getuid() == 0, reason="root may write anywhere")
def test_a_folder_that_is_denied(place: Path) -> None:
    """In the system's words."""
    place.parent.chmod(0o500)
    try:
        assert refused(place) == f"{place}: permission denied"
    finally:
        place.parent.chmod(0o700)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """A file stands where it should be."""
    (tmp_path / "file").touch()
    with pytest.raises(ProfileError, match="file"):
        write_profile("desk", DESK, tmp_path / "file" / "config.toml")


def test_a_link_stays_a_link(place: Path, tmp_path: Path) -> None:
    """Many people keep their configuration elsewhere and link to it."""
    link = tmp_path / "link.toml"
    link.symlink_to(place)
    assert write_profile("desk", DESK, link) == place
    assert link.is_symlink()
    assert load_configuration(link).profiles["desk"].device == DESK.device


def test_two_who_write_at_once_lose_no_profile(place: Path) -> None:
    """Nor is any of them refused: one waits for the other."""

    def write(writer: int) -> None:
        for number in range(10):
            write_profile(f"{writer} {number}", DESK, place)

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(load_configuration(place).profiles) == 3 + 30
    assert left_over(place) == []
    assert "# measured in May" in place.read_text()
