"""Option, environment, profile, configuration, default: in this order."""

from pathlib import Path
from typing import Any

import pytest

from deeptone_tui.audio import SourceKind, SourceSpec
from deeptone_tui.cli import main
from deeptone_tui.cli.root import monitor
from deeptone_tui.cli.settings import Settings, read_settings
from deeptone_tui.protocol import StreamParameters
from deeptone_tui.settings.config import ConfigurationError
from deeptone_tui.settings.options import FLAG, OPTIONS, Options


def settings(*arguments: str) -> Settings:
    """What the monitor would run with."""
    with monitor.make_context("monitor", list(arguments)) as context:
        return read_settings(context.params)


def configured(tmp_path: Path, text: str) -> None:
    """Write the configuration of the usual place."""
    place = tmp_path / "config" / "deeptone-tui" / "config.toml"
    place.parent.mkdir(parents=True)
    place.write_text(text)


def parameter(name: str) -> Any:  # noqa: ANN401  whatever the parameter is
    """One of the stream's parameters, read from settings."""
    return lambda found: getattr(found.parameters, name)


LAYERS = [
    ("models", "gender", "speech", '"arousal"', '"language"'),
    ("output-period", "64", "128", "192", "256"),
    ("volume-threshold", "0.1", "0.2", "0.3", "0.4"),
    ("url", "ws://a/stream", "ws://b/stream", '"ws://c/stream"', '"ws://d/stream"'),
    ("api-key", "a", "b", '"c"', '"d"'),
    ("theme", "a", "b", '"c"', '"d"'),
    ("fps", "1", "2", "3", "4"),
    ("sample-rate", "8000", "11025", "22050", "44100"),
    ("buffer", "5", "6", "7", "8.5"),
    ("catch-up", "2", "3", "4", "5"),
    ("mouse", "true", "false", "true", "false"),
]


@pytest.mark.parametrize("layer", LAYERS, ids=[layer[0] for layer in LAYERS])
def test_each_layer_goes_before_the_next(
    layer: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Take away one layer after the other, and the next one shows."""
    option, by_option, by_variable, by_profile, by_file = layer
    field, variable = option.replace("-", "_"), f"DEEPTONE_{option.replace('-', '_').upper()}"
    configured(
        tmp_path, f"{field} = {by_file}\n[profiles.desk]\n{field} = {by_profile}\n[profiles.bare]\n"
    )

    kind = OPTIONS[field].kind

    def value(*arguments: str) -> object:
        return getattr(settings("-", *arguments).options, field)

    def expected(text: str) -> object:
        return kind.from_text(text.strip('"'))

    monkeypatch.setenv(variable, by_variable)
    said = [f"--{option}"] if kind is FLAG else [f"--{option}", by_option]
    assert value(*said, "--profile", "desk") == expected(by_option)
    assert value("--profile", "desk") == expected(by_variable)
    monkeypatch.delenv(variable)
    assert value("--profile", "desk") == expected(by_profile)
    assert value("--profile", "bare") == expected(by_file)
    assert value() == expected(by_file)


def test_defaults_are_those_of_the_protocol() -> None:
    """Nothing said anywhere."""
    found = settings()
    assert found.parameters == StreamParameters()
    assert found.source == SourceSpec(SourceKind.MICROPHONE)
    assert not found.source_named
    assert found.options == Options()


def test_the_variable_chooses_the_profile_and_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both may be set for a whole machine."""
    place = tmp_path / "kiosk.toml"
    place.write_text("[profiles.desk]\nfps = 5\n")
    monkeypatch.setenv("DEEPTONE_CONFIG", str(place))
    monkeypatch.setenv("DEEPTONE_PROFILE", "desk")
    assert settings().options.fps == 5


def test_models_by_comma_by_repetition_and_by_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commas as in the address of the stream, with or without spaces."""
    found = settings("--models", "speech,gender", "--models", "speech-rt")
    assert found.parameters.models == ("speech", "gender", "speech-rt")
    monkeypatch.setenv("DEEPTONE_MODELS", "speech,gender")
    assert settings().parameters.models == ("speech", "gender")


@pytest.mark.parametrize(
    ("text", "level"), [("0", 0.0), ("1", 1.0), ("-20dB", 0.1), ("-20", 0.1), ("−20 dBFS", 0.1)]
)
def test_the_threshold_in_both_units(text: str, level: float) -> None:
    """An amplitude, or decibels."""
    assert settings("--volume-threshold", text).parameters.volume_threshold == pytest.approx(level)


def test_raw_values_can_be_switched_off_again(tmp_path: Path) -> None:
    """What the configuration asks for, the command line takes back."""
    configured(tmp_path, "include_raw_values = true\n")
    assert settings().parameters.include_raw_values
    assert not settings("--no-include-raw-values").parameters.include_raw_values


def test_local_takes_back_a_configured_address(tmp_path: Path) -> None:
    """The local endpoint, though the configuration names another."""
    configured(tmp_path, 'url = "wss://host/stream"\n')
    assert settings().url == "wss://host/stream"
    assert settings("--url", "local").url is None


def test_a_configured_folder_for_recordings_is_of_those_who_record(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """They name the file that it stands in; ``tune`` makes no recording."""
    (tmp_path / "file").write_text("")
    configured(tmp_path, f"record = '{tmp_path / 'file'}'\n")
    with pytest.raises(
        ConfigurationError, match=r"config\.toml: record: '.*' is a file, not a fold"
    ):
        settings("demo")
    assert main(["tune", "demo", "--no-models", "--jobs", "1"]) == 0
    assert "record" not in capsys.readouterr().err
    assert settings("demo", "--record", str(tmp_path)).record == tmp_path


DEMO = SourceSpec(SourceKind.DEMO)
USB = SourceSpec(SourceKind.MICROPHONE, "USB")


@pytest.mark.parametrize(
    ("configuration", "arguments", "source"),
    [
        ('source = "demo"', [], DEMO),
        ('source = "demo"', ["--device", "USB"], USB),
        ('source = "demo"', ["mic"], SourceSpec(SourceKind.MICROPHONE)),
        ('device = "USB"', [], USB),
        ('device = "USB"', ["mic"], USB),
        ('device = "USB"', ["demo"], DEMO),
    ],
)
def test_a_configured_source_or_device_is_less_than_a_named_one(
    tmp_path: Path, configuration: str, arguments: list[str], source: SourceSpec
) -> None:
    """Who names a microphone means it; a source other than a microphone does not mind a device."""
    configured(tmp_path, configuration)
    assert settings(*arguments).source == source


def test_a_configured_rate_is_for_raw_pcm_only(tmp_path: Path) -> None:
    """A file knows its own; the configuration is no mistake there."""
    configured(tmp_path, "sample_rate = 8000\n")
    assert settings("demo").source.kind is SourceKind.DEMO
    assert settings("-").source_options.sample_rate == 8000
    assert settings("-").parameters.sample_rate == 16_000


def test_the_channel_is_counted_from_one() -> None:
    """The first is 1 for people and 0 inside."""
    assert settings("demo", "--channel", "2").source_options.channel == 1


def test_a_key_file_on_the_command_line_goes_before_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the other way round."""
    place = tmp_path / "key"
    place.write_text("from-file\nsecond line\n")
    monkeypatch.setenv("DEEPTONE_API_KEY", "from-variable")
    assert settings("--api-key-file", str(place)).api_key == "from-file"
    monkeypatch.delenv("DEEPTONE_API_KEY")
    monkeypatch.setenv("DEEPTONE_API_KEY_FILE", str(place))
    assert settings().api_key == "from-file"
    assert settings("--api-key", "from-option").api_key == "from-option"


def test_settings_do_not_show_the_key() -> None:
    """Not even to a debugger that prints them."""
    assert "secret" not in repr(settings("--api-key", "secret"))


CODEC = "USB Audio CODEC"
BY_DEVICE = """
volume_threshold = 0.4
profile = "hall"
[profiles.hall]
volume_threshold = 0.3
[profiles.desk]
device = "USB Audio CODEC"
volume_threshold = 0.2
models = "gender"
output_period = 2048
url = "ws://b/stream"
"""


@pytest.mark.parametrize(
    ("arguments", "threshold", "notices"),
    [
        (["--device", CODEC], 0.2, (f"profile desk loaded for {CODEC}",)),
        (["--device", " usb audio codec "], 0.2, ("profile desk loaded for  usb audio codec ",)),
        (["--device", CODEC, "--profile", "hall"], 0.3, ()),
        (["--device", "USB Audio"], 0.3, ()),  # a part of a name is not the name
        ([], 0.3, ()),
    ],
)
def test_the_profile_of_a_device_is_loaded_with_it(
    tmp_path: Path, arguments: list[str], threshold: float, notices: tuple[str, ...]
) -> None:
    """It goes before the one that the file names for all, not before a named one; and is said."""
    configured(tmp_path, BY_DEVICE)
    found = settings(*arguments)
    assert found.parameters.volume_threshold == threshold
    assert found.notices == notices
    assert found.url == ("ws://b/stream" if notices else None)


def test_options_and_environment_go_before_the_profile_of_a_device(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As before any other profile."""
    configured(tmp_path, BY_DEVICE)
    monkeypatch.setenv("DEEPTONE_DEVICE", "USB Audio CODEC")
    monkeypatch.setenv("DEEPTONE_MODELS", "speech")
    found = settings("--volume-threshold", "0.1")
    assert (found.parameters.volume_threshold, found.parameters.models) == (0.1, ("speech",))
    assert found.parameters.output_period == 2048
    assert found.explicit.names() == {"device", "models", "volume_threshold"}


def test_of_two_profiles_for_a_device_the_files_own_is_loaded(tmp_path: Path) -> None:
    """Or else the first."""
    text = "[profiles.a]\ndevice = 'x'\nfps = 1\n[profiles.b]\ndevice = 'X'\nfps = 2\n"
    configured(tmp_path, text)
    assert settings("--device", "x").options.fps == 1
    (tmp_path / "config" / "deeptone-tui" / "config.toml").write_text(f"profile = 'b'\n{text}")
    assert settings("--device", "x").options.fps == 2


def test_a_key_of_the_file_goes_to_its_own_address_only(tmp_path: Path) -> None:
    """A profile with another address has its own key or none."""
    configured(
        tmp_path,
        'url = "wss://a/stream"\napi_key = "hush"\n'
        '[profiles.same]\nurl = "wss://a/stream"\n[profiles.other]\nurl = "wss://b/stream"\n',
    )
    assert settings("--profile", "same").api_key == "hush"
    assert settings("--profile", "other").api_key is None
