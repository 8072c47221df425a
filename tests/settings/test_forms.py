"""Every form says what was tuned, and gives back exactly that when it is read."""

import ast
import shlex
import tomllib
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.audio import SourceKind
from deeptone_tui.cli.root import monitor
from deeptone_tui.cli.settings import Settings, read_settings
from deeptone_tui.core.address import PLACEHOLDER
from deeptone_tui.protocol import CATALOGUE, StreamParameters, format_threshold
from deeptone_tui.protocol.units import parse_threshold
from deeptone_tui.settings.export import SERVE_URL, ExportSettings, profile_name
from deeptone_tui.settings.profiles import profile_text

SECRET = "s3cr3t-0f-the-house"  # noqa: S105  nobody's
REMOTE = "wss://voice.example.net/stream"

parameters = st.builds(
    StreamParameters,
    models=st.lists(st.sampled_from(sorted(CATALOGUE)), min_size=1).map(tuple),
    output_period=st.integers(1, 1000).map(lambda n: 64 * n),
    volume_threshold=st.floats(0, 1),
    include_raw_values=st.booleans(),
)
devices = st.text(st.characters(exclude_categories=["C"]), max_size=40).map(str.strip)
urls = st.sampled_from(
    [
        None,
        "ws://localhost:9000/stream",
        "ws://[::1]:8765/stream",
        "http://10.0.0.5:8765",
        REMOTE,
        f"wss://user:{SECRET}@voice.example.net/a b'c$d/stream?api_key={SECRET}",
        f'wss://voice.example.net/stream?access_token={SECRET}&room=it\'s "$HOME"',
    ]
)
tuned = st.builds(
    ExportSettings,
    parameters=parameters,
    url=urls,
    has_key=st.booleans(),
    device=devices,
    host_api=st.sampled_from(["", "ALSA", "Core Audio", "JACK Audio Connection Kit"]),
)


def asked(url: str) -> StreamParameters:
    """What an endpoint reads from an address."""
    return StreamParameters.from_query(parse_qsl(urlsplit(url).query))


def exported(lines: str) -> dict[str, str]:
    """The variables that a shell has after the lines."""
    words = shlex.split(lines)
    assert words[::2] == ["export"] * (len(words) // 2)
    return dict(word.split("=", 1) for word in words[1::2])


def started_with(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> Settings:
    """What the monitor would run with in this environment."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with monitor.make_context("monitor", []) as context:
        return read_settings(context.params)


@given(tuned)
def test_the_address_asks_for_exactly_what_was_tuned(settings: ExportSettings) -> None:
    """To the last digit of the threshold."""
    assert asked(settings.full_url) == settings.parameters
    assert asked(f"?{settings.query}") == settings.parameters


@given(tuned)
def test_the_shell_line_has_the_address_as_one_word(settings: ExportSettings) -> None:
    """And is otherwise the documentation's, whatever stands in names and addresses."""
    words = shlex.split(settings.shell_line)
    sox = shlex.split("sox -q -d -t raw -b 16 -r 16000 -e signed -c 1 - | websocat")
    begin = words.index("sox")
    assert words[begin : begin + len(sox)] == sox
    rest = words[begin + len(sox) :]
    header = ["-H", f"X-Api-Key: {PLACEHOLDER}"] if settings.needs_key else []
    assert rest == [settings.full_url, "-b", *header]
    assert all(word.startswith(("AUDIODRIVER=", "AUDIODEV=")) for word in words[:begin])


@given(tuned)
def test_the_python_line_is_python(settings: ExportSettings) -> None:
    """It names what the documentation's scripts define, and nothing else."""
    (statement,) = ast.parse(settings.python_line).body
    assert isinstance(statement, ast.Assign)
    call = statement.value
    assert isinstance(call, ast.Call)
    assert ast.unparse(call.func) == "websocket.WebSocketApp"
    assert ast.literal_eval(call.args[0]) == settings.full_url
    named = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
    header = {"header": "{'X-API-KEY': API_KEY}"} if settings.needs_key else {}
    handlers = {name: name for name in ("on_message", "on_error", "on_close")}
    assert named == {**header, **handlers}


@given(tuned)
def test_a_shell_reads_the_environment_back(settings: ExportSettings) -> None:
    """Each variable with the value that was meant."""
    variables = exported(settings.environment_lines)
    threshold = settings.parameters.volume_threshold
    assert variables["DEEPTONE_VOLUME_THRESHOLD"] == format_threshold(threshold)
    assert parse_threshold(variables["DEEPTONE_VOLUME_THRESHOLD"]) == threshold
    assert variables.get("DEEPTONE_DEVICE", "") == settings.device
    assert ("DEEPTONE_API_KEY" in variables) is settings.needs_key


@given(tuned)
def test_the_profile_is_toml(settings: ExportSettings) -> None:
    """Under any name."""
    profile = tomllib.loads(profile_text("a 'b' \"c\"", settings.options()))["profiles"]
    values: dict[str, Any] = profile["a 'b' \"c\""]
    assert values["volume_threshold"] == settings.parameters.volume_threshold
    assert tuple(values["models"]) == settings.parameters.models
    assert values.get("device", "") == settings.device


@given(tuned)
def test_a_key_is_in_none_of_them(settings: ExportSettings) -> None:
    """Whether it came in the query, as a password or as what another server calls it."""
    forms = [
        settings.query,
        settings.full_url,
        settings.shell_line,
        settings.python_line,
        settings.environment_lines,
        profile_text("a", settings.options()),
    ]
    assert not any(SECRET in form for form in forms)


def test_the_environment_runs_the_program_as_it_was_tuned(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program itself reads the lines."""
    settings = ExportSettings(
        parameters=StreamParameters(
            models=("speech", "gender"),
            output_period=2048,
            volume_threshold=10 ** (-38.5 / 20),
            include_raw_values=True,
        ),
        url=REMOTE,
        device='USB "Audio" $CODEC',
    )
    found = started_with(monkeypatch, exported(settings.environment_lines))
    assert found.parameters == settings.parameters
    assert (found.url, found.api_key) == (REMOTE, PLACEHOLDER)
    assert (found.source.kind, found.source.value) == (SourceKind.MICROPHONE, settings.device)


def test_the_programs_own_endpoint_is_that_of_serve() -> None:
    """Its port and key are others in each run; what reads the environment starts one itself."""
    settings = ExportSettings(parameters=StreamParameters())
    assert settings.full_url.startswith(f"{SERVE_URL}?")
    assert not settings.needs_key
    assert "DEEPTONE_URL=local" in settings.environment_lines
    assert settings.options().url == "local"


@pytest.mark.parametrize(
    ("url", "has_key", "needed"),
    [
        (None, False, False),
        (None, True, True),
        ("ws://127.0.0.2:1/stream", False, False),
        ("ws://localhost/stream", False, False),
        ("ws://localhost/stream?api_key=a", False, True),
        ("ws://10.0.0.5/stream", False, True),
        (REMOTE, True, True),
    ],
)
def test_a_key_is_shown_where_one_is_needed(url: str | None, has_key: bool, needed: bool) -> None:
    """Only an endpoint of this machine may do without."""
    settings = ExportSettings(parameters=StreamParameters(), url=url, has_key=has_key)
    assert settings.needs_key is needed
    assert (PLACEHOLDER in settings.shell_line) is needed


@pytest.mark.parametrize(
    ("device", "host_api", "begin", "hears"),
    [
        ("", "", "sox", True),
        ("default", "ALSA", "sox", True),
        ("USB: - (hw:1,0)", "ALSA", "AUDIODRIVER=alsa AUDIODEV=plughw:1,0 sox", True),
        ("room", "ALSA", "AUDIODRIVER=alsa AUDIODEV=room sox", True),
        ("USB Mic", "Core Audio", "AUDIODRIVER=coreaudio AUDIODEV='USB Mic' sox", True),
        ("USB Mic", "JACK Audio Connection Kit", "sox", False),
    ],
)
def test_sox_listens_to_the_same_device(
    device: str, host_api: str, begin: str, hears: bool
) -> None:
    """Where it can be told how the system calls it."""
    settings = ExportSettings(parameters=StreamParameters(), device=device, host_api=host_api)
    assert settings.shell_line.startswith(f"{begin} -q -d ")
    assert settings.sox_hears_the_device is hears


def test_an_address_that_needs_its_secret_has_no_place_in_a_profile() -> None:
    """Without it nobody would answer there: it is left out rather than written to fail."""
    settings = ExportSettings(parameters=StreamParameters(), url=f"{REMOTE}?room=1")
    assert settings.options().url == f"{REMOTE}?room=1"
    assert settings.full_url.startswith(f"{REMOTE}?room=1&models=")
    settings = ExportSettings(parameters=StreamParameters(), url=f"{REMOTE}?token=1")
    assert settings.options().url is None


def test_what_may_be_a_secret_by_any_name_is_in_no_form() -> None:
    """Services call it as they like; what is short is none."""
    settings = ExportSettings(parameters=StreamParameters(), url=f"{REMOTE}?x={SECRET}&room=1")
    assert settings.full_url.startswith(f"{REMOTE}?x={PLACEHOLDER}&room=1&models=")


@pytest.mark.parametrize(
    ("device", "name"),
    [
        ("USB Audio CODEC: - (hw:1,0)", "usb-audio-codec"),
        ("[room] マイク", "room-マイク"),
        ("room", "room"),
        ("(hw:0,0)", "tuned"),
        ("", "tuned"),
    ],
)
def test_a_profile_is_called_like_its_device(device: str, name: str) -> None:
    """In small letters, without what may be another next time."""
    assert profile_name(device) == name
