"""The configuration as TOML, and the environment."""

import contextlib
import io
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any, Final

import click

from deeptone_tui.cli.entry import without_unusable
from deeptone_tui.cli.errors import report
from deeptone_tui.cli.options import shared_options
from deeptone_tui.cli.settings import read_settings
from deeptone_tui.core.process import ExitCode
from deeptone_tui.core.redaction import for_people, redacted
from deeptone_tui.protocol import ParameterError
from deeptone_tui.settings.config import ConfigurationError, load_configuration
from fuzz.mutation import mutated, number, words
from fuzz.target import Judge, Target, fit_for_a_terminal

SEEDS: Final = (
    b"""url = "wss://voice.example.net"
models = ["speech-rt", "gender"]
output_period = 2048
volume_threshold = 0.01
include_raw_values = true
sample_rate = 48000
device = "USB Audio CODEC"
theme = "nord"
fps = 10
profile = "desk"

[keys]
quit = ["q", "ctrl+q"]

[profiles.desk]
volume_threshold = "-46 dB"
device = "Desk"
""",
    b'models = "speech-rt"\nascii = true\nplain = false\nmouse = false\ndiff = false\n',
    b"volume_threshold = 1e-3\n[profiles.a.b]\nx = [1, {y = 2}]\n",
)
_VALUES: Final = (
    *("mic", "demo", "-", "tcp://h:1", "call.wav", "ws://h/s", "ws://[::1", "ws://xn--a/"),
    "wss://h:99999/",
    *("speech-rt,gender", "-46dB", "0.005", "1024", "true", "local", "/dev/null", "a" * 5000),
)
_PASSWORD: Final = "PASSWORDSECRET"  # noqa: S105  looked for in what is said


@click.command()
@shared_options
def _probe(**given: Any) -> None:  # noqa: ANN401  checked in read_settings
    """Read the settings, and do nothing with them."""
    settings = read_settings(given)
    settings.parameters.to_query()


_VARIABLES: Final = tuple(
    str(option.envvar)
    for option in _probe.params
    if option.envvar and "KEY_FILE" not in str(option.envvar)
)


def _file(random: Random) -> bytes:
    """A configuration."""
    if random.random() < 0.8:
        return mutated(random, SEEDS)
    name = random.choice(
        ("output_period", "volume_threshold", "fps", "sample_rate", "models", "url")
    )
    value = random.choice((number(random), f'"{words(random)}"', "[" * 5000, "{a=" * 400))
    return f"{name} = {value}\n".encode("utf-8", "surrogatepass")


@contextlib.contextmanager
def _configured() -> Iterator[Judge]:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "config.toml")

        def judged(content: bytes) -> None:
            place.write_bytes(content)
            try:
                found = load_configuration(place)
                for profile in found.profiles:
                    found.options(profile).parameters()
            except (ConfigurationError, ParameterError) as error:
                fit_for_a_terminal(for_people(str(error)))

        yield judged


def _environment(random: Random) -> Mapping[str, str]:
    """Some of our variables, and some of others."""
    names = random.sample(_VARIABLES, random.randint(1, 4))
    found = {name: _value(random) for name in names}
    if random.random() < 0.2:
        found["DEEPTONE_URL"] = _sendable(f"ws://u:{_PASSWORD}@{words(random)}/")
    if random.random() < 0.3:
        name = random.choice(
            ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "SSLKEYLOGFILE", "TZ", "LANG")
        )
        found[name] = _value(random)
    return found


def _value(random: Random) -> str:
    """Something that a variable can hold."""
    return _sendable(random.choice((random.choice(_VALUES), number(random), words(random))))


def _sendable(text: str) -> str:
    """Return the text as the environment holds it, where no zero can be."""
    return os.fsdecode(text.replace("\0", "").encode("utf-8", "surrogatepass"))


@contextlib.contextmanager
def _surrounded() -> Iterator[Judge]:
    kept = dict(os.environ)

    def judged(variables: Mapping[str, str]) -> None:
        os.environ.update(variables)
        said = io.StringIO()
        try:
            with contextlib.redirect_stderr(said):
                code = _run()
        finally:
            os.environ.clear()
            os.environ.update(kept)
            redacted.forget()
        lines = said.getvalue()
        assert code in {ExitCode.DONE, ExitCode.FAILED, ExitCode.USAGE}
        assert "internal error" not in lines, lines
        assert _PASSWORD not in lines, lines
        for line in lines.splitlines():
            fit_for_a_terminal(line)

    yield judged


def _run() -> int:
    """What the program does with the environment before anything is opened."""
    try:
        redacted.learn_environment(os.environ)
        for words in without_unusable(os.environ):
            click.echo(words, err=True)
        with _probe.make_context("deeptone-tui", []) as context:
            _probe.invoke(context)
    except Exception as error:  # noqa: BLE001  as the program itself does
        return report(error)
    return ExitCode.DONE


CONFIGURATION: Final = Target("configuration", _file, _configured)
ENVIRONMENT: Final = Target("environment", _environment, _surrounded)
