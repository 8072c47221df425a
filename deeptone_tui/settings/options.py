"""The table of the program's options.

Command line, environment, configuration, profiles, exports and the page in ``docs`` are made from
the fields of `Options`. To add an option, add a field and use it.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any, Final, Generic, TypeVar, cast

from deeptone_tui.core.address import LOCAL, NotAnAddressError, parse_endpoint
from deeptone_tui.core.text import KEY_RULE, is_key, whole_number
from deeptone_tui.protocol import (
    StreamParameters,
    format_threshold,
    parse_models,
    parse_output_period,
    parse_sample_rate,
    parse_volume_threshold,
    round_threshold,
)

Value = TypeVar("Value")

_PREFIX: Final = "DEEPTONE_"


@dataclass(frozen=True, slots=True)
class Kind(Generic[Value]):
    """The reader and writer of an option's values; readers raise ValueError with one line."""

    metavar: str
    """Placeholder of the value in the help."""
    from_text: Callable[[str], Value]
    """Read a value of the command line or the environment."""
    from_toml: Callable[[object], Value]
    """Read a value of the configuration."""
    to_text: Callable[[Value], str] = str
    """Write a value so that `from_text` reads it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """The properties of an option besides its name and its type."""

    kind: Kind[Any]
    help: str
    """Help on the command line; one or two sentences."""
    default: Any = None
    """Default value; None if there is no fixed one."""
    default_words: str = ""
    """Text of the default in the help, if it is not the value."""
    is_parameter: bool = False
    """True for a parameter of the stream."""
    is_tuned: bool = False
    """True for an option that profiles hold and exports show."""
    is_look: bool = False
    """True for an option that only commands with a screen accept."""
    complete: str = ""
    """Name of the function of `deeptone_tui.cli.completing` that completes it in a shell."""

    @property
    def help_text(self) -> str:
        """Help followed by the default."""
        words = self.default_words or (
            "" if self.default is None else self.kind.to_text(self.default)
        )
        return f"{self.help} [default: {words}]" if words else self.help


def _plain_text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("must be text, in quotes")  # noqa: TRY004  one kind of error to report
    if not value.strip():
        raise ValueError("must not be empty")
    return value


def _key(value: object) -> str:
    text = _plain_text(value)
    if not is_key(text):
        raise ValueError(KEY_RULE)
    return text


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")  # noqa: TRY004  as above
    return value


def _integer(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError("must be a whole number, without quotes")  # noqa: TRY004  as above
    return value


def _model_names(value: object) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return parse_models(",".join(value))
    if isinstance(value, str):
        return parse_models(value)
    raise ValueError('must be a list of names, such as ["speech-rt", "gender"]')


def _threshold_of_text(text: str) -> float:
    from deeptone_tui.dsp import parse_threshold  # noqa: PLC0415  numpy is not light

    return parse_threshold(text)


def _threshold(value: object) -> float:
    if isinstance(value, str):
        return _threshold_of_text(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return parse_volume_threshold(repr(value))
    raise ValueError('must be a level from 0 to 1, or decibels in quotes such as "-46 dB"')


def _endpoint_of_text(text: str) -> str:
    try:
        return parse_endpoint(text)
    except NotAnAddressError as error:
        raise ValueError(f"{error}; or {LOCAL}") from None


def whole(low: int, high: int | None = None) -> Kind[int]:
    """Return the kind of a whole number within limits."""
    allowed = f"{low} or more" if high is None else f"{low} to {high}"

    def from_text(text: str) -> int:
        number = whole_number(text.strip())
        if number is None or number < low or (high is not None and number > high):
            raise ValueError(f"{text!r} is not allowed: a whole number, {allowed}")
        return number

    def from_toml(value: object) -> int:
        number = _integer(value)
        if number < low or (high is not None and number > high):
            raise ValueError(f"must be {'' if high is None else 'from '}{allowed}")
        return number

    return Kind("N", from_text, from_toml)


def number(metavar: str, low: float, high: float) -> Kind[float]:
    """Return the kind of a number within limits."""
    allowed = f"{low:g} to {high:g}"

    def from_text(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise ValueError(f"{text!r} is not allowed: a number, {allowed}")
        return value

    def from_toml(value: object) -> float:
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise ValueError("must be a number, without quotes")  # noqa: TRY004  as above
        if not low <= value <= high:
            raise ValueError(f"must be from {allowed}")
        return float(value)

    return Kind(metavar, from_text, from_toml, "{:g}".format)


NAME: Final = Kind("NAME", str, _plain_text)
FOLDER: Final = Kind("DIR", str, _plain_text)
KEY: Final = Kind("KEY", str, _key)
ENDPOINT: Final = Kind(
    "ADDRESS", _endpoint_of_text, lambda value: parse_endpoint(_plain_text(value))
)
FLAG: Final = Kind("", lambda text: text == "true", _flag, lambda value: str(value).lower())
MODELS: Final = Kind("NAMES", parse_models, _model_names, ",".join)
PERIOD: Final = Kind(
    "MS", parse_output_period, lambda value: parse_output_period(str(_integer(value)))
)
RATE: Final = Kind("HZ", parse_sample_rate, lambda value: parse_sample_rate(str(_integer(value))))
LEVEL: Final = Kind("LEVEL", _threshold_of_text, _threshold, format_threshold)


def _option(kind: Kind[Any], words: str, **more: Any) -> Any:  # noqa: ANN401  as `field` has it
    """Declare an option: a field that is None if it is not set."""
    entry = Option(kind=kind, help=words, **more)
    return field(default=None, repr=kind is not KEY, metadata={"option": entry})


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The values of the options, from one origin or from all; None for those not set."""

    source: str | None = _option(
        NAME,
        "Where audio comes from: mic, a file, - for raw PCM on stdin, tcp://HOST:PORT, or demo.",
        complete="complete_sources",
    )
    url: str | None = _option(
        ENDPOINT,
        "Endpoint, such as wss://api.oto.ai/stream; 'local' (the default) starts one here.",
        is_tuned=True,
        complete="complete_addresses",
    )
    api_key: str | None = _option(
        KEY,
        "Key to the endpoint; - asks for it. Others on this machine can read a key given"
        " here in the list of processes: better the variable, -, or --api-key-file.",
    )
    models: tuple[str, ...] | None = _option(
        MODELS,
        "Models, with commas between them.",
        default=StreamParameters().models,
        is_parameter=True,
        is_tuned=True,
        complete="complete_models",
    )
    output_period: int | None = _option(
        PERIOD,
        "Milliseconds of audio for each result, a multiple of 64.",
        default=StreamParameters().output_period,
        is_parameter=True,
        is_tuned=True,
    )
    volume_threshold: float | None = _option(
        LEVEL,
        "Audio under this level is silence: 0 to 1, or decibels such as -46dB.",
        default=StreamParameters().volume_threshold,
        is_parameter=True,
        is_tuned=True,
    )
    include_raw_values: bool | None = _option(
        FLAG,
        "Ask for the raw output of the models too.",
        is_parameter=True,
        is_tuned=True,
    )
    sample_rate: int | None = _option(
        RATE,
        "Rate of raw PCM on stdin or from tcp://; other sources know theirs.",
        default=StreamParameters().sample_rate,
    )
    device: str | None = _option(
        NAME,
        "Microphone by its name, as 'devices' lists it.",
        is_tuned=True,
        complete="complete_devices",
    )
    channel: int | None = _option(
        whole(1), "Use this channel of a file, counted from 1, instead of their mix."
    )
    buffer: float | None = _option(
        number("SECONDS", 5, 3600),
        "Audio kept for sending again while the link is down, 32 kB a second.",
        default=60.0,
    )
    catch_up: float | None = _option(
        number("TIMES", 1.05, 1000),
        "Times real time at which kept audio is sent afterwards.",
        default_words="1.25; the local endpoint takes what it can",
    )
    record: str | None = _option(
        FOLDER,
        "Record audio, results and events into a new folder in DIR; 'replay' shows it again.",
    )
    plain: bool | None = _option(
        FLAG,
        "For simple terminals: --ascii, and the terminal's own 16 colours.",
        is_look=True,
    )
    ascii: bool | None = _option(
        FLAG,
        "Signs of ASCII only.",
        default_words="where locale or terminal have no others",
        is_look=True,
    )
    mouse: bool | None = _option(
        FLAG,
        "Ask the terminal for the mouse; without, it selects text as ever.",
        default=True,
        default_words="yes",
        is_look=True,
    )
    theme: str | None = _option(NAME, "Colours.", is_look=True, complete="complete_themes")
    fps: int | None = _option(
        whole(1, 60), "Updates of the screen a second, 1 to 60.", default=15, is_look=True
    )
    span: int | None = _option(
        whole(1, 900),
        "Seconds of history at the start; the shortest span that shows them.",
        default_words="as in the last run, or 60",
        is_look=True,
    )
    diff: bool | None = _option(
        FLAG,
        "Send the terminal only what changes, and no more than it takes.",
        default=True,
        default_words="yes",
        is_look=True,
    )

    def __post_init__(self) -> None:
        # From any origin: equal options have equal values, as with `StreamParameters`.
        if self.volume_threshold is not None:
            object.__setattr__(self, "volume_threshold", round_threshold(self.volume_threshold))

    def over(self, other: "Options") -> "Options":
        """Return these options, with the other's values for those not set here."""
        return replace(other, **{name: getattr(self, name) for name in self.names()})

    def parameters(self) -> StreamParameters:
        """Return the parameters of the stream, with the protocol's defaults for those not set."""
        said = {name: getattr(self, name) for name in PARAMETERS}
        return StreamParameters(
            **{name: value for name, value in said.items() if value is not None}
        )

    def names(self) -> frozenset[str]:
        """Return the names of the options that are set."""
        return frozenset(name for name in OPTIONS if getattr(self, name) is not None)


OPTIONS: Final[Mapping[str, Option]] = MappingProxyType(
    {item.name: cast("Option", item.metadata["option"]) for item in fields(Options)}
)
"""The table: each option by its name, in the order of the help and the page in ``docs``."""
PARAMETERS: Final = tuple(name for name, option in OPTIONS.items() if option.is_parameter)
"""Names of the options that are parameters of the stream."""
TUNED: Final = tuple(
    sorted((name for name, option in OPTIONS.items() if option.is_tuned), key="device".__ne__)
)
"""Names of the tuned options of a profile, in the order in which they are written: device first."""
DEFAULTS: Final = Options(**{name: option.default for name, option in OPTIONS.items()})
"""Default values of all options."""


def flag_of(name: str) -> str:
    """Return the command line flag of an option: ``--output-period``."""
    return f"--{name.replace('_', '-')}"


def variable_of(name: str) -> str:
    """Return the environment variable of an option: ``DEEPTONE_OUTPUT_PERIOD``."""
    return _PREFIX + name.upper()
