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
from deeptone_tui.protocol.units import parse_threshold

Value = TypeVar("Value")

_PREFIX: Final = "DEEPTONE_"

KEY_WARNING: Final = (
    "Other users of this machine can see a key given here in the process list: prefer the"
    " variable, -, or --api-key-file."
)
"""Help on every option that takes an API key."""


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

    @property
    def help_text(self) -> str:
        """Help followed by the default."""
        words = self.default_words or (
            "" if self.default is None else self.kind.to_text(self.default)
        )
        return f"{self.help} [default: {words}]" if words else self.help


def _of_type(*types: type, words: str) -> Callable[[object], Any]:
    """Return a reader that takes values of these types only; ``bool`` is no ``int`` here."""

    def read(value: object) -> Any:  # noqa: ANN401  of one of the types
        if type(value) not in types:
            raise ValueError(words)
        return value

    return read


_text = _of_type(str, words="must be text, in quotes")
_flag = _of_type(bool, words="must be true or false")
_integer = _of_type(int, words="must be a whole number, without quotes")
_level = _of_type(
    *(str, int, float), words='must be a level from 0 to 1, or decibels in quotes such as "-46 dB"'
)
_number = _of_type(int, float, words="must be a number, without quotes")


def _plain_text(value: object) -> str:
    text: str = _text(value)
    if not text.strip():
        raise ValueError("must not be empty")
    return text


def _key(value: object) -> str:
    text = _plain_text(value)
    if not is_key(text):
        raise ValueError(KEY_RULE)
    return text


def _model_names(value: object) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return parse_models(",".join(value))
    if isinstance(value, str):
        return parse_models(value)
    raise ValueError('must be a list of names, such as ["speech-rt", "gender"]')


def _threshold(value: object) -> float:
    level = _level(value)
    if isinstance(level, str):
        return parse_threshold(level)
    return parse_volume_threshold(repr(level))


def _endpoint_of_text(text: str) -> str:
    try:
        return parse_endpoint(text)
    except NotAnAddressError as error:
        raise ValueError(f"{error}; or {LOCAL}") from None


def float_of(text: str) -> float:
    """Return the number in a text; NaN if there is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def _limited(kind: Kind[Any], what: str, low: float, high: float | None) -> Kind[Any]:
    """Return a kind of numbers with limits; ``what`` it reads is named in the errors."""
    allowed = f"{low:g} or more" if high is None else f"{low:g} to {high:g}"
    most = math.inf if high is None else high

    def checked(value: Any, error: str) -> Any:  # noqa: ANN401  a number or None
        if value is None or not low <= value <= most:
            raise ValueError(error)
        return value

    return replace(
        kind,
        from_text=lambda text: checked(
            kind.from_text(text), f"{text!r} is not allowed: {what}, {allowed}"
        ),
        from_toml=lambda value: checked(
            kind.from_toml(value), f"must be {'' if high is None else 'from '}{allowed}"
        ),
    )


def whole(low: int, high: int | None = None) -> Kind[int]:
    """Return the kind of a whole number within limits."""
    kind = Kind("N", lambda text: whole_number(text.strip()), _integer)
    return _limited(kind, "a whole number", low, high)


def number(metavar: str, low: float, high: float) -> Kind[float]:
    """Return the kind of a number within limits."""
    return _limited(Kind(metavar, float_of, _number, "{:g}".format), "a number", low, high)


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
LEVEL: Final = Kind("LEVEL", parse_threshold, _threshold, format_threshold)


def _option(kind: Kind[Any], words: str, **more: Any) -> Any:  # noqa: ANN401  as `field` has it
    """Declare an option: a field that is None if it is not set."""
    entry = Option(kind=kind, help=words, **more)
    return field(default=None, repr=kind is not KEY, metadata={"option": entry})


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The values of the options, from one origin or from all; None for those not set."""

    source: str | None = _option(
        NAME,
        "Audio source: mic, a file, - for raw PCM on stdin, tcp://HOST:PORT or demo.",
    )
    url: str | None = _option(
        ENDPOINT,
        "Endpoint, such as wss://api.oto.ai/stream; 'local' (the default) starts one on this"
        " machine.",
        is_tuned=True,
    )
    api_key: str | None = _option(
        KEY,
        f"API key for the endpoint; - prompts for it. {KEY_WARNING}",
    )
    models: tuple[str, ...] | None = _option(
        MODELS,
        "Models, separated by commas.",
        default=StreamParameters().models,
        is_parameter=True,
        is_tuned=True,
    )
    output_period: int | None = _option(
        PERIOD,
        "Milliseconds of audio per result, a multiple of 64.",
        default=StreamParameters().output_period,
        is_parameter=True,
        is_tuned=True,
    )
    volume_threshold: float | None = _option(
        LEVEL,
        "Threshold below which audio is silence: 0 to 1, or decibels such as -46dB.",
        default=StreamParameters().volume_threshold,
        is_parameter=True,
        is_tuned=True,
    )
    include_raw_values: bool | None = _option(
        FLAG,
        "Also request the raw output of the models.",
        is_parameter=True,
        is_tuned=True,
    )
    sample_rate: int | None = _option(
        RATE,
        "Sample rate of raw PCM on stdin or from tcp://; other sources state their own.",
        default=StreamParameters().sample_rate,
    )
    device: str | None = _option(
        NAME,
        "Name of the microphone, as listed by 'devices'.",
        is_tuned=True,
    )
    channel: int | None = _option(
        whole(1), "Use this channel, counted from 1, instead of a mix of all channels."
    )
    buffer: float | None = _option(
        number("SECONDS", 5, 3600),
        "Seconds of audio to keep for resending after an interruption, 32 kB each.",
        default=60.0,
    )
    catch_up: float | None = _option(
        number("TIMES", 1.05, 1000),
        "Speed at which kept audio is resent, as a multiple of real time.",
        default_words="1.25; as fast as possible to the local endpoint",
    )
    record: str | None = _option(
        FOLDER,
        "Record audio, results and events in a new folder in DIR, for 'replay'.",
    )
    plain: bool | None = _option(
        FLAG,
        "For simple terminals: --ascii, and only the terminal's 16 colours.",
        is_look=True,
    )
    ascii: bool | None = _option(
        FLAG,
        "Use ASCII characters only.",
        default_words="if the locale or the terminal has no others",
        is_look=True,
    )
    mouse: bool | None = _option(
        FLAG,
        "Use the mouse; without it, the terminal selects text as usual.",
        default=True,
        default_words="yes",
        is_look=True,
    )
    theme: str | None = _option(NAME, "Colour theme.", is_look=True)
    fps: int | None = _option(
        whole(1, 60), "Screen updates per second, 1 to 60.", default=15, is_look=True
    )
    span: int | None = _option(
        whole(1, 900),
        "Initial span of the history in seconds, rounded up to the next one available.",
        default_words="that of the last run, or 60",
        is_look=True,
    )
    diff: bool | None = _option(
        FLAG,
        "Send the terminal only what has changed, and no more than it can take.",
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
