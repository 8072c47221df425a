"""Option, environment, profile, configuration, default: in this order."""

from pathlib import Path
from typing import Any

import click
import pytest

from deeptone_tui.audio import SourceKind, SourceSpec
from deeptone_tui.cli.monitor import command
from deeptone_tui.cli.settings import Settings, read_settings
from deeptone_tui.protocol import StreamParameters


def settings(*arguments: str) -> Settings:
    """What the monitor would run with."""
    with command.make_context("monitor", list(arguments)) as context:
        return read_settings(context, context.params)


def configured(tmp_path: Path, text: str) -> None:
    """Write the configuration of the usual place."""
    place = tmp_path / "config" / "deeptone-tui" / "config.toml"
    place.parent.mkdir(parents=True)
    place.write_text(text)


def parameter(name: str) -> Any:  # noqa: ANN401  whatever the parameter is
    """One of the stream's parameters, read from settings."""
    return lambda found: getattr(found.parameters, name)


LAYERS = [
    ("models", "gender", "speech", '"arousal"', '"language"', parameter("models"), tuple),
    ("output-period", "64", "128", "192", "256", parameter("output_period"), int),
    ("volume-threshold", "0.1", "0.2", "0.3", "0.4", parameter("volume_threshold"), float),
    ("url", "ws://a/stream", "ws://b/stream", '"ws://c/stream"', '"ws://d/stream"', None, str),
    ("api-key", "a", "b", '"c"', '"d"', None, str),
    ("theme", "a", "b", '"c"', '"d"', None, str),
    ("fps", "1", "2", "3", "4", None, int),
    ("sample-rate", "8000", "11025", "22050", "44100", None, int),
]


@pytest.mark.parametrize("layer", LAYERS, ids=[layer[0] for layer in LAYERS])
def test_each_layer_goes_before_the_next(
    layer: tuple[Any, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Take away one layer after the other, and the next one shows."""
    option, by_option, by_variable, by_profile, by_file, read, kind = layer
    field, variable = option.replace("-", "_"), f"DEEPTONE_{option.replace('-', '_').upper()}"
    configured(
        tmp_path, f"{field} = {by_file}\n[profiles.desk]\n{field} = {by_profile}\n[profiles.bare]\n"
    )

    def value(*arguments: str) -> object:
        found = settings("-", *arguments)
        if field == "sample_rate":
            return found.source_options.sample_rate
        return read(found) if read else getattr(found, field)

    def expected(text: str) -> object:
        return (text.strip('"'),) if kind is tuple else kind(text.strip('"'))

    monkeypatch.setenv(variable, by_variable)
    assert value(f"--{option}", by_option, "--profile", "desk") == expected(by_option)
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
    assert (found.url, found.api_key, found.theme, found.fps, found.plain) == (
        None,
        None,
        None,
        None,
        False,
    )


def test_the_variable_chooses_the_profile_and_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both may be set for a whole machine."""
    place = tmp_path / "kiosk.toml"
    place.write_text("[profiles.desk]\nfps = 5\n")
    monkeypatch.setenv("DEEPTONE_CONFIG", str(place))
    monkeypatch.setenv("DEEPTONE_PROFILE", "desk")
    assert settings().fps == 5


def test_models_by_comma_and_by_repetition() -> None:
    """Either way, and both."""
    found = settings("--models", "speech,gender", "--models", "speech-rt")
    assert found.parameters.models == ("speech", "gender", "speech-rt")


def test_models_of_the_variable_have_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in the address of the stream, with or without spaces."""
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


def test_a_device_goes_before_a_configured_source(tmp_path: Path) -> None:
    """Who names a microphone means it, whatever the configuration listens to."""
    configured(tmp_path, 'source = "demo"\n')
    assert settings().source == SourceSpec(SourceKind.DEMO)
    assert settings("--device", "USB").source == SourceSpec(SourceKind.MICROPHONE, "USB")
    assert settings("mic").source == SourceSpec(SourceKind.MICROPHONE)


def test_a_configured_device_is_for_the_microphone_only(tmp_path: Path) -> None:
    """Another source does not mind it."""
    configured(tmp_path, 'device = "USB"\n')
    assert settings().source == SourceSpec(SourceKind.MICROPHONE, "USB")
    assert settings("mic").source == SourceSpec(SourceKind.MICROPHONE, "USB")
    assert settings("demo").source == SourceSpec(SourceKind.DEMO)


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


def test_help_lists_every_variable_as_its_option() -> None:
    """The rule that the help states holds: DEEPTONE_ and the option's name."""
    for item in command.params:
        if isinstance(item, click.Option):
            longest = max(item.opts, key=len)
            assert item.envvar == f"DEEPTONE_{longest.strip('-').replace('-', '_').upper()}"
