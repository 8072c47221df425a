"""The values of the configuration: from what TOML holds to what the program works with."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from deeptone_tui.core.address import parse_endpoint
from deeptone_tui.core.text import KEY_RULE, is_key
from deeptone_tui.protocol import (
    parse_models,
    parse_output_period,
    parse_sample_rate,
    parse_volume_threshold,
)

MAX_FPS = 60
"""More updates a second than that no terminal shows."""


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("must be text, in quotes")  # noqa: TRY004  one kind of error to report
    if not value.strip():
        raise ValueError("must not be empty")
    return value


def _key(value: object) -> str:
    text = _text(value)
    if not is_key(text):
        raise ValueError(KEY_RULE)
    return text


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")  # noqa: TRY004  as above
    return value


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError("must be a whole number, without quotes")  # noqa: TRY004  as above
    return value


def _url(value: object) -> str:
    text = _text(value)
    return parse_endpoint(text)


def _models(value: object) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return parse_models(",".join(value))
    if isinstance(value, str):
        return parse_models(value)
    raise ValueError('must be a list of names, such as ["speech-rt", "gender"]')


def _threshold(value: object) -> float:
    if isinstance(value, str):
        from deeptone_tui.dsp import parse_threshold  # noqa: PLC0415  numpy is not light

        return parse_threshold(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return parse_volume_threshold(repr(value))
    raise ValueError('must be a level from 0 to 1, or decibels in quotes such as "-46 dB"')


def _fps(value: object) -> int:
    number = _whole(value)
    if not 1 <= number <= MAX_FPS:
        raise ValueError(f"must be from 1 to {MAX_FPS}")
    return number


def read_keys(value: object) -> tuple[str, ...]:
    """The keys of an action: one as text, or several in a list.

    Raises:
        ValueError: for anything else.
    """
    keys = value if isinstance(value, list) else [value]
    if not keys or not all(isinstance(key, str) for key in keys):
        raise ValueError('a key is text, such as "p"; several are a list, such as ["p", "f9"]')
    return tuple(keys)


READERS: Mapping[str, Callable[[object], object]] = MappingProxyType(
    {
        "source": _text,
        "url": _url,
        "api_key": _key,
        "models": _models,
        "output_period": lambda value: parse_output_period(str(_whole(value))),
        "volume_threshold": _threshold,
        "include_raw_values": _flag,
        "sample_rate": lambda value: parse_sample_rate(str(_whole(value))),
        "device": _text,
        "theme": _text,
        "fps": _fps,
        "plain": _flag,
        "diff": _flag,
        "ascii": _flag,
        "mouse": _flag,
    }
)
"""From the value in the file to the value of the option; ValueError where it is not allowed."""
