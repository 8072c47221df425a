"""Whatever is wrongly asked for: one line that names it, exit code 2, nothing opened."""

from pathlib import Path

import pytest

from deeptone_tui.cli import main

OPTIONS: list[tuple[list[str], str]] = [
    (["--models", "speach"], "--models: "),
    (["--models", "speech", "--models", "nope"], "--models: "),
    (["--output-period", "100"], "--output-period: "),
    (["--volume-threshold", "1.5"], "--volume-threshold: "),
    (["--volume-threshold", "+6dB"], "--volume-threshold: "),
    (["--sample-rate", "8"], "--sample-rate: "),
    (["--buffer", "0"], "--buffer: "),
    (["--buffer", "nan"], "--buffer: "),
    (["--catch-up", "1"], "--catch-up: "),
    (["--catch-up", "fast"], "--catch-up: "),
    (["--channel", "0"], "--channel: "),
    (["--channel", "left"], "--channel: "),
    (["--url", "ftp://host/stream"], "--url: "),
    (["--url", "api.oto.ai"], "; or local\n"),
    (["--url", "wss://host/stream?models=speech"], "not in the address\n"),
    (["--api-key", "two words"], "--api-key: "),
    (["--api-key", "schlüssel"], "--api-key: "),
    (["--api-key", "line\nbreak"], "--api-key: "),
    (["--api-key", ""], "--api-key: "),
    (["--api-key-file", "/nowhere/key"], "no such file"),
    (["--api-key-file", "/"], "is a directory"),
    (["--api-key", "a", "--api-key-file", "b"], "only one of them"),
    (["--record", ""], "--record: "),
    (["--record", "README.md"], "--record: "),
    (["--record", "README.md/deeper"], "README.md' is a file, not a folder"),
    (["--profile", "desk"], "no profile 'desk'"),
    (["--config", "/nowhere/config.toml"], "no such file"),
    (["--bogus"], "--bogus"),
    (["--model", "speech"], "--models"),
    (["--models"], "--models"),
    (["--sample-rate", "44100"], "only for raw PCM"),
    (["--device", "USB"], "is not a microphone"),
    (["one-more"], "one-more"),
]

TUNE: list[tuple[list[str], str]] = [
    ([], "SOURCE: "),
    (["-", "-"], "only once"),
    (["mic", "-"], "from one source only"),
    (["ftp://host/a.wav"], "SOURCE: ftp://"),
    (["tcp://host"], "SOURCE: "),
    (["demo", "--jobs", "0"], "--jobs: "),
    (["demo", "--seconds", "5"], "--seconds: only for live audio"),
    (["-", "--seconds", "0"], "--seconds: "),
    (["demo", "--sample-rate", "8000"], "only for raw PCM"),
    (["-", "--channel", "2"], "--channel: "),
    (["demo", "--device", "USB"], "--device: none of the sources is mic"),
    (["demo", "--plot", "curve.jpg"], "must end in .svg"),
    (["demo", "--plot", "/nowhere/curve.svg"], "there is no folder /nowhere"),
    (["demo", "--label", "/nowhere/a.csv"], "--label: /nowhere/a.csv: no such file"),
    (["demo", "x.wav", "--label", "a.csv"], "a file is for a single source"),
    (["demo", "--no-models", "--url", "ws://host/stream"], "--no-models: "),
    (["demo", "--jobs", "2", "--url", "ws://host/stream"], "--jobs: "),
    (["demo", "--output-period", "100"], "--output-period: "),
    (["demo", "--volume-threshold", "0.1"], "--volume-threshold"),
]


def error_line(capsys: pytest.CaptureFixture[str]) -> str:
    """What was written, which has to be one line on stderr."""
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert captured.err.startswith("deeptone-tui: ")
    assert "Traceback" not in captured.err
    return captured.err


@pytest.mark.parametrize("command", [["demo"], ["stream", "demo"]], ids=["monitor", "stream"])
@pytest.mark.parametrize(
    ("arguments", "words"), OPTIONS, ids=[" ".join(arguments) for arguments, _ in OPTIONS]
)
def test_wrong_options_are_named_in_one_line(
    command: list[str], arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same options, the same words, in both commands that have them."""
    assert main([*command, *arguments]) == 2
    assert words in error_line(capsys)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nofile.wav"], "'nofile.wav': no such file"),
        (["devcies"], "did you mean devices?"),
        (["strema"], "did you mean stream?"),
        (["--fps", "5", "serve"], "'serve' is a command and has to come first"),
        (["stream", "nofile.wav"], "no such file"),
        (["stream", "/"], "is a folder"),
        (["stream", "x" * 5000], "no such file"),
        (["stream", "nul\0l"], "no such file"),
        (["stream", ""], "the source is empty"),
        (["stream", "http://host/file"], "http:// is no source"),
        (["stream", "tcp://host"], "tcp://host is no address"),
        (["stream", "-", "--channel", "1"], "only one channel"),
        (["stream", "mic", "--fast"], "--fast: only for a file"),
        (["stream", "-", "--fast"], "--fast: only for a file"),
        (["--fps", "0"], "--fps: '0' is not allowed: a whole number, 1 to 60"),
        (["--fps", "61"], "--fps: "),
        (["stream", "demo", "--fps", "15"], "--fps"),
        (["replay"], "DIR"),
        (["replay", "nowhere"], "'nowhere': no such folder"),
        (["replay", "README.md"], "is a file; a recording is a folder"),
        (["replay", "tests"], "it contains no recording"),
        (["replay", ""], "name is empty"),
        (["stream", "demo", "--record", "nul\0l"], "is not a valid folder name"),
        (["stream", "demo", "--record", "x" * 5000], "is not a valid folder name"),
        (["replay", "tests", "--speed", "2"], "--speed"),
        (["serve", "--port", "x"], "--port: 'x' is not allowed: a whole number, 0 to 65535"),
        (["serve", "--port", "65536"], "--port: "),
        (["serve", "--max-connections", "0"], "--max-connections: "),
        (["serve", "--idle-timeout", "0"], "--idle-timeout: "),
        (["serve", "--idle-timeout", "inf"], "--idle-timeout: "),
        (["serve", "--api-key", "two words"], "--api-key: "),
        (["serve", "here"], "here"),
        (["completion"], "SHELL"),
        (["completion", "tcsh"], "tcsh"),
        (["devices", "--jsn"], "--json"),
        (["info", "x"], "x"),
        *((["tune", *words], line) for words, line in TUNE),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else None,
)
def test_wrong_words_are_named_in_one_line(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Sources, commands and their own options."""
    assert main(arguments) == 2
    assert words in error_line(capsys)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DEEPTONE_MODELS", "speach"),
        ("DEEPTONE_URL", "host"),
        ("DEEPTONE_API_KEY", "two words"),
        ("DEEPTONE_API_KEY_FILE", "/nowhere/key"),
        ("DEEPTONE_RECORD", f"{__file__}/recordings"),
    ],
)
def test_a_wrong_variable_is_named_as_such(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who set a variable a month ago has to be told that it is the variable."""
    monkeypatch.setenv(variable, value)
    assert main(["stream", "demo"]) == 2
    assert f"{variable}: " in error_line(capsys)


def test_a_wrong_source_is_named_as_it_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By its variable, or by the file that holds it; as a word, by what the help calls it."""
    monkeypatch.setenv("DEEPTONE_SOURCE", "tcp://host")
    assert main(["stream"]) == 2
    assert "deeptone-tui: DEEPTONE_SOURCE: tcp://host is no address" in error_line(capsys)
    assert main(["stream", "tcp://other"]) == 2
    assert "deeptone-tui: SOURCE: tcp://other is no address" in error_line(capsys)
    monkeypatch.delenv("DEEPTONE_SOURCE")
    place = tmp_path / "other.toml"
    place.write_text("source = 'tcp://host'")
    assert main(["stream", "--config", str(place)]) == 2
    assert f"deeptone-tui: {place}: source: tcp://host is no address" in error_line(capsys)
    monkeypatch.setenv("DEEPTONE_CHANNEL", "1")
    assert main(["stream", "-"]) == 2
    assert "deeptone-tui: DEEPTONE_CHANNEL: raw PCM has only one channel" in error_line(capsys)


def test_a_wrong_configuration_is_named_with_its_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """File and key, in one line."""
    place = tmp_path / "other.toml"
    place.write_text("api_key = 'two words'")
    assert main(["stream", "demo", "--config", str(place)]) == 2
    assert f"{place}: api_key: an API key is one word of printable ASCII" in error_line(capsys)


def test_an_unreadable_key_file_is_refused_without_its_content(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that holds something else is not shown in the error."""
    place = tmp_path / "key"
    place.write_bytes(b"\xff\xfe secret")
    assert main(["stream", "demo", "--api-key-file", str(place)]) == 2
    assert "secret" not in error_line(capsys)


def test_a_key_is_never_in_the_error(capsys: pytest.CaptureFixture[str]) -> None:
    """Neither as an option nor within an address."""
    assert main(["stream", "demo", "--api-key", "top secret"]) == 2
    assert "secret" not in error_line(capsys)
    assert main(["stream", "demo", "--url", "xs://h/?api_key=secret"]) == 2
    assert "secret" not in error_line(capsys)


def test_the_screen_refuses_what_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """And says what works without one."""
    assert main(["demo"]) == 2
    assert "'deeptone-tui stream'" in error_line(capsys)


def test_labels_that_cannot_be_used_are_wrong_usage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Found out before any audio is opened."""
    place = tmp_path / "a.csv"
    place.write_text("1,2\nthree,4\n")
    assert main(["tune", "demo", "--label", str(place)]) == 2
    assert f"{place}:2: 'three' is no number of seconds" in capsys.readouterr().err
    (tmp_path / "empty").mkdir()
    assert main(["tune", "demo", "--label", str(tmp_path / "empty")]) == 2
    assert "no labels for any of the sources" in capsys.readouterr().err
