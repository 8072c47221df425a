"""Reading the configuration: what is taken, and how what is wrong is told."""

import os
import threading
from pathlib import Path

import pytest

from deeptone_tui.settings import paths
from deeptone_tui.settings.config import (
    MOST_BYTES,
    Configuration,
    ConfigurationError,
    load_configuration,
)
from deeptone_tui.settings.options import Options

FULL = """
url = "wss://voice.example.net"
models = ["speech-rt", "gender"]
output_period = 2048
volume_threshold = 0.01
include_raw_values = true
sample_rate = 48000
device = "USB Audio CODEC"
theme = "nord"
fps = 10
plain = false
diff = false
ascii = true
mouse = false
profile = "desk"

[profiles.desk]
volume_threshold = "-46 dB"
device = "Desk"

[profiles.kiosk]
url = "local"
models = "gender"
"""


def written(folder: Path, text: str | bytes, mode: int = 0o600) -> Path:
    """A configuration file with this text."""
    path = folder / "config.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(mode)
    return path


def problem(folder: Path, text: str | bytes) -> str:
    """The one line that a wrong file is answered with, without its path."""
    path = written(folder, text)
    with pytest.raises(ConfigurationError) as caught:
        load_configuration(path)
    line = str(caught.value)
    assert "\n" not in line
    assert line.startswith(f"{path}: ")
    return line.removeprefix(f"{path}: ")


def test_every_option_is_read(tmp_path: Path) -> None:
    """Each option has the type the program works with, whatever the file's is."""
    configuration = load_configuration(written(tmp_path, FULL))
    assert configuration.top == Options(
        url="wss://voice.example.net/stream",
        models=("speech-rt", "gender"),
        output_period=2048,
        volume_threshold=0.01,
        include_raw_values=True,
        sample_rate=48000,
        device="USB Audio CODEC",
        theme="nord",
        fps=10,
        plain=False,
        diff=False,
        ascii=True,
        mouse=False,
    )


def test_a_profile_lies_over_the_top_level(tmp_path: Path) -> None:
    """What a profile does not say is said by the top level; the file names the usual profile."""
    configuration = load_configuration(written(tmp_path, FULL))
    desk, kiosk = configuration.options(), configuration.options("kiosk")
    assert (desk.device, desk.fps) == ("Desk", 10)
    assert desk.volume_threshold == 0.005012
    assert (kiosk.url, kiosk.models, kiosk.device) == ("local", ("gender",), "USB Audio CODEC")


def test_false_in_a_profile_is_an_answer(tmp_path: Path) -> None:
    """False and 0 of a profile are not taken for silence."""
    text = (
        "plain = true\nvolume_threshold = 0.1\n[profiles.a]\nplain = false\nvolume_threshold = 0\n"
    )
    options = load_configuration(written(tmp_path, text)).options("a")
    assert options.plain is False
    assert options.volume_threshold == 0


def test_no_file_in_the_usual_place_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody needs a configuration; one that was asked for by name must exist."""
    monkeypatch.setattr(paths, "configuration_file", lambda: tmp_path / "none.toml")
    assert load_configuration() == Configuration()
    with pytest.raises(ConfigurationError, match="no such file"):
        load_configuration(tmp_path / "none.toml")


def test_what_may_never_end_is_no_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pipe in the usual place has nobody who writes; one that is named may be a shell's."""
    place = tmp_path / "config.toml"
    os.mkfifo(place)
    monkeypatch.setattr(paths, "configuration_file", lambda: place)
    with pytest.raises(ConfigurationError, match="is a pipe, not a file"):
        load_configuration()
    writing = threading.Thread(target=place.write_text, args=("fps = 7",))
    writing.start()
    assert load_configuration(place).top.fps == 7
    writing.join()
    assert load_configuration(place).top.fps == 7  # which a pipe gives once


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("volume_treshold = 1", "unknown key volume_treshold; did you mean volume_threshold?"),
        ("volume-threshold = 1", "did you mean volume_threshold?"),
        (
            "[profiles.desk]\nmodel = 'gender'",
            "unknown key profiles.desk.model; did you mean models",
        ),
        ("[profile.desk]\nfps = 1", "profile: must be the name of a profile"),
        ("xyzzy = 1", "unknown key xyzzy; known keys: api_key, "),
        ("profile = 'dusk'\n[profiles.desk]", "no profile 'dusk'; did you mean desk?"),
        ("profile = 'dusk'", "no profile 'dusk'; there are no profiles"),
        ("profiles = 3", "profiles: must be tables"),
        ("[profiles]\ndesk = 3", "profiles.desk: must be a table"),
        ("fps = '15'", "fps: must be a whole number"),
        ("fps = true", "fps: must be a whole number"),
        ("fps = 0", "fps: must be from 1 to 60"),
        ("plain = 1", "plain: must be true or false"),
        ("device = 3", "device: must be text"),
        ("device = ' '", "device: must not be empty"),
        ("models = []", "models: "),
        ("models = ['speach']", "models: "),
        ("models = [1]", "models: must be a list of names"),
        ("output_period = 100", "output_period: "),
        ("output_period = 1024.0", "output_period: must be a whole number"),
        ("volume_threshold = 1.5", "volume_threshold: "),
        ("volume_threshold = nan", "volume_threshold: "),
        ("volume_threshold = true", "volume_threshold: must be a level"),
        ("volume_threshold = '6 dB'", "volume_threshold: "),
        ("sample_rate = 1", "sample_rate: "),
        ("url = 'ftp://example.net'", "url: an address looks like wss://HOST/stream"),
        ("[profiles.a]\nfps = 99", "profiles.a.fps: must be from 1 to 60"),
        ("fps 15", "invalid TOML: "),
        ("fps = 1\nfps = 2", "invalid TOML: "),
        (b"device = '\xff'", "not UTF-8 text (byte 10)"),
        ("fps = " + "9" * 5000, "too many digits"),
        ("fps = " + "[" * 5000, "nested too deeply"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(tmp_path: Path, text: str | bytes, words: str) -> None:
    """The line names the file, the key, and what is allowed or was probably meant."""
    assert words in problem(tmp_path, text)


@pytest.mark.skipif(os.name != "posix", reason="a device without an end")
@pytest.mark.parametrize("place", ["/dev/zero", "long.toml"])
def test_a_file_without_an_end_is_no_configuration(tmp_path: Path, place: str) -> None:
    """It is not read further than anybody writes one."""
    (tmp_path / "long.toml").write_text("#" * (MOST_BYTES + 1))
    with pytest.raises(ConfigurationError, match="file too large"):
        load_configuration(tmp_path / place)


@pytest.mark.skipif(os.name != "posix", reason="pipes of a shell")
def test_a_configuration_may_come_out_of_a_pipe() -> None:
    """As from ``--config <(decrypt ...)``."""
    reading, writing = os.pipe()
    os.write(writing, b"fps = 7\n")
    os.close(writing)
    assert load_configuration(Path(f"/dev/fd/{reading}")).options(None).fps == 7
    os.close(reading)


def test_an_unknown_profile_is_told_by_name(tmp_path: Path) -> None:
    """Asking for a profile that is not there names the nearest, or those there are."""
    configuration = load_configuration(written(tmp_path, FULL))
    with pytest.raises(ConfigurationError, match="did you mean kiosk"):
        configuration.options("kiosc")
    with pytest.raises(ConfigurationError, match="known profiles: desk, kiosk"):
        configuration.options("roof")


def test_a_folder_is_no_configuration(tmp_path: Path) -> None:
    """A path that cannot be read is told in words."""
    with pytest.raises(ConfigurationError, match="is a directory"):
        load_configuration(tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_a_key_that_others_can_read_is_warned_about(tmp_path: Path) -> None:
    """The warning names the remedy, and neither it nor a repr shows the key."""
    text = "[profiles.a]\napi_key = 'hush-hush'"
    private = load_configuration(written(tmp_path, text, 0o600))
    public = load_configuration(written(tmp_path, text, 0o644))
    assert private.notices == ()
    assert "chmod 600" in public.notices[0]
    assert "hush-hush" not in repr(public)
    assert public.options("a").api_key == "hush-hush"


def test_paths_follow_the_system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The places of the platform are used, and nothing is created by asking for them."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "c"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "s"))
    places = [paths.configuration_file(), paths.preferences_file(), paths.copied_file()]
    assert all(place.parent.name == "deeptone-tui" for place in places)
    assert list(tmp_path.iterdir()) == []


def test_keys_are_read_as_they_are_written(tmp_path: Path) -> None:
    """One or several for an action; which actions there are is for the screen to know."""
    text = '[keys]\npause = "b"\nmark_up = ["right", "l"]\n'
    found = load_configuration(written(tmp_path, text)).keys
    assert dict(found) == {"pause": ("b",), "mark_up": ("right", "l")}
    assert load_configuration(written(tmp_path, "")).keys == {}


@pytest.mark.parametrize("text", ["keys = 5", "[keys]\npause = 5", "[keys]\npause = []"])
def test_keys_that_are_none(tmp_path: Path, text: str) -> None:
    """Told with what they can be."""
    assert problem(tmp_path, text).startswith("keys: ")
