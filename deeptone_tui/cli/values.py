"""The kinds of values that options take: each checked by the function that checks it elsewhere."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import click

from deeptone_tui.core.text import whole_number


class Checked(click.ParamType[Any]):
    """Text turned into a value by a function that raises ValueError with one line."""

    def __init__(self, name: str, read: Callable[[str], Any]) -> None:
        self.name = name
        self._read = read

    def convert(
        self,
        value: Any,  # noqa: ANN401  as click declares it
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Any:  # noqa: ANN401  as click declares it
        """The value, or a usage error with the function's own line."""
        if not isinstance(value, str):
            return value
        try:
            return self._read(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class WholeNumber(Checked):
    """A whole number within limits."""

    def __init__(self, low: int, high: int | None = None) -> None:
        self._low, self._high = low, high
        super().__init__("N", self._number)

    def _number(self, text: str) -> int:
        number = whole_number(text.strip())
        if number is None or number < self._low or (self._high is not None and number > self._high):
            allowed = (
                f"{self._low} or more" if self._high is None else f"{self._low} to {self._high}"
            )
            raise ValueError(f"{text!r} is not allowed: a whole number, {allowed}")
        return number


class Folder(click.Path):
    """A folder that the shell completes; what it may be is checked where it is used."""

    def __init__(self) -> None:
        super().__init__(file_okay=False)

    def convert(
        self,
        value: Any,  # noqa: ANN401  as click declares it
        param: click.Parameter | None,  # noqa: ARG002  the same
        ctx: click.Context | None,  # noqa: ARG002  the same
    ) -> Any:  # noqa: ANN401  the same
        """The value as it was typed: click would ask the disk, and fail on odd names."""
        return value


class Number(Checked):
    """A number within limits."""

    def __init__(self, low: float, high: float) -> None:
        self._low, self._high = low, high
        super().__init__("N", self._number)

    def _number(self, text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not self._low <= number <= self._high:
            allowed = f"{self._low:g} to {self._high:g}"
            raise ValueError(f"{text!r} is not allowed: a number, {allowed}")
        return number


class Models(click.ParamType[str]):
    """Names of models with commas between them; the option may also be repeated."""

    name = "NAMES"

    def split_envvar_value(self, rv: str) -> Sequence[str]:
        """The whole variable: its commas are read later, with those of the option."""
        return [rv]


def read_models(
    context: click.Context, option: click.Parameter, names: Sequence[str]
) -> tuple[str, ...] | None:
    """The models of an option that may be repeated, as click's callback; None for none named."""
    from deeptone_tui.protocol import parse_models  # noqa: PLC0415  the root needs no protocol

    if not names:
        return None
    try:
        return parse_models(",".join(names))
    except ValueError as error:
        raise click.BadParameter(str(error), context, option) from None


def read_output_period(text: str) -> int:
    """Milliseconds; ValueError with what is allowed."""
    from deeptone_tui.protocol import parse_output_period  # noqa: PLC0415  as above

    return parse_output_period(text)


def read_sample_rate(text: str) -> int:
    """Hz; ValueError with what is allowed."""
    from deeptone_tui.protocol import parse_sample_rate  # noqa: PLC0415  as above

    return parse_sample_rate(text)


def read_threshold(text: str) -> float:
    """A level from 0 to 1 from an amplitude or decibels; ValueError with what is allowed."""
    from deeptone_tui.dsp import parse_threshold  # noqa: PLC0415  numpy is not light

    return parse_threshold(text)


def read_seconds(text: str) -> float:
    """A time over 0; ValueError with what is allowed."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not (math.isfinite(seconds) and seconds > 0):
        raise ValueError(f"{text!r} is not allowed: a number of seconds over 0")
    return seconds


def read_url(text: str) -> str:
    """The address of an endpoint in one spelling; ``local`` as it is.

    Raises:
        ValueError: when it is no websocket address, or carries what has its own option.
    """
    from deeptone_tui.core.address import (  # noqa: PLC0415  as above
        LOCAL,
        NotAnAddressError,
        parse_endpoint,
    )

    try:
        return parse_endpoint(text)
    except NotAnAddressError as error:
        raise ValueError(f"{error}; or {LOCAL}") from None
