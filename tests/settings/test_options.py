"""The table of options, and what is made of it."""

import contextlib

import click
import options_page
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeptone_tui.cli.root import monitor
from deeptone_tui.settings.options import (
    DEFAULTS,
    OPTIONS,
    PARAMETERS,
    TUNED,
    Options,
    flag_of,
    variable_of,
)

SAMPLES: dict[str, tuple[str, object]] = {
    "source": ("demo", "demo"),
    "url": ("wss://h/stream", "wss://h/stream"),
    "api_key": ("key", "key"),
    "models": ("speech-rt,gender", ["speech-rt", "gender"]),
    "output_period": ("256", 256),
    "volume_threshold": ("0.0125", 0.0125),
    "include_raw_values": ("true", True),
    "sample_rate": ("44100", 44_100),
    "device": ("desk", "desk"),
    "channel": ("2", 2),
    "buffer": ("90", 90),
    "catch_up": ("2", 2.0),
    "record": ("sessions", "sessions"),
    "plain": ("true", True),
    "ascii": ("false", False),
    "mouse": ("false", False),
    "theme": ("nord", "nord"),
    "fps": ("30", 30),
    "span": ("300", 300),
    "diff": ("false", False),
}
"""A value of each option as the command line and as the configuration write it."""


def test_there_is_a_sample_of_each() -> None:
    """In the order of the table."""
    assert [*SAMPLES] == [*OPTIONS]


@pytest.mark.parametrize("name", OPTIONS)
def test_text_and_configuration_mean_the_same(name: str) -> None:
    """And what is written for others is read as the same again."""
    kind = OPTIONS[name].kind
    text, toml = SAMPLES[name]
    value = kind.from_text(text)
    assert value == kind.from_toml(toml)
    assert kind.from_text(kind.to_text(value)) == value


@pytest.mark.parametrize("name", OPTIONS)
@given(text=st.text(), number=st.integers() | st.floats(), flag=st.booleans())
def test_readers_read_or_raise_value_error(name: str, text: str, number: float, flag: bool) -> None:
    """Whatever stands there."""
    kind = OPTIONS[name].kind
    values: list[object] = [text, number, flag, [], [text], {}, None]
    with contextlib.suppress(ValueError):
        kind.from_text(text)
    for value in values:
        with contextlib.suppress(ValueError):
            kind.from_toml(value)


def test_each_is_an_option_of_the_monitor_with_its_variable() -> None:
    """By its name, and nothing else is one but what says where options stand."""
    declared = {item.name: item for item in monitor.params}
    assert {"api_key_file", "profile", "configuration"} == declared.keys() - OPTIONS.keys()
    for name, item in declared.items():
        if isinstance(item, click.Option):
            (flag,) = item.opts
            assert item.envvar == f"DEEPTONE_{flag.strip('-').replace('-', '_').upper()}"
        if name in OPTIONS:
            assert item.envvar == variable_of(name)
        if name in OPTIONS and isinstance(item, click.Option):
            assert item.opts == [flag_of(name)]
            assert item.help == OPTIONS[name].help_text


def test_the_defaults_are_values_of_their_options() -> None:
    """Each is read back from the text that the help shows of it."""
    for option in OPTIONS.values():
        if option.default is not None:
            assert option.kind.from_text(option.kind.to_text(option.default)) == option.default
    assert DEFAULTS.names() >= {"models", "output_period", "volume_threshold", "fps", "buffer"}


def test_options_over_others() -> None:
    """What the first say goes before."""
    assert Options(fps=5).over(Options(fps=6, theme="nord")) == Options(fps=5, theme="nord")
    assert Options(fps=5).names() == {"fps"}


def test_profiles_hold_parameters_endpoint_and_device() -> None:
    """Never a key."""
    assert {*TUNED} == {*PARAMETERS, "url", "device"}


def test_the_page_shows_the_table() -> None:
    """As ``python tools/options_page.py`` writes it."""
    page = options_page.PAGE.read_text("utf-8")
    assert options_page.with_table(page) == page
