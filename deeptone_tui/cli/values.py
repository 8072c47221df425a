"""Option values of the command line, and the origin of the API key."""

import getpass
import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from deeptone_tui.cli.errors import WrongUsage
from deeptone_tui.core.errors import reason_of
from deeptone_tui.core.redaction import redacted
from deeptone_tui.core.text import KEY_RULE, is_key
from deeptone_tui.protocol import parse_models
from deeptone_tui.settings.options import whole

ASK = "-"
"""Value of ``--api-key`` that asks for the key."""

_MAX_KEY_FILE_BYTES = 4096
"""Bytes that are read of a key file; no key is longer."""


class ValidatedParam(click.ParamType[Any]):
    """Text converted by a function that raises ValueError with one line."""

    def __init__(self, name: str, read: Callable[[str], Any]) -> None:
        self.name = name
        self._read = read

    def convert(
        self,
        value: Any,  # noqa: ANN401  as click declares it
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Any:  # noqa: ANN401  as click declares it
        """Return the value, or raise a usage error with the function's own line."""
        if not isinstance(value, str):
            return value
        try:
            return self._read(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class WholeNumber(ValidatedParam):
    """A whole number within limits."""

    def __init__(self, low: int, high: int | None = None) -> None:
        super().__init__("N", whole(low, high).from_text)


class Folder(click.Path):
    """A folder that the shell completes; its value is checked where it is used."""

    def __init__(self) -> None:
        super().__init__(file_okay=False)

    def convert(
        self,
        value: Any,  # noqa: ANN401  as click declares it
        param: click.Parameter | None,  # noqa: ARG002  the same
        ctx: click.Context | None,  # noqa: ARG002  the same
    ) -> Any:  # noqa: ANN401  the same
        """Return the value as typed: click would access the disk, and fail on odd names."""
        return value


class Models(click.ParamType[str]):
    """Model names separated by commas; the option may also be repeated."""

    name = "NAMES"

    def split_envvar_value(self, rv: str) -> Sequence[str]:
        """Return the whole variable: its commas are parsed later, with those of the option."""
        return [rv]


def read_models(
    context: click.Context, option: click.Parameter, names: Sequence[str]
) -> tuple[str, ...] | None:
    """Return the models of an option that may be repeated, as click's callback; None if none."""
    if not names:
        return None
    try:
        return parse_models(",".join(names))
    except ValueError as error:
        raise click.BadParameter(str(error), context, option) from None


def read_seconds(text: str) -> float:
    """Return a time over 0 in seconds, or raise ValueError with what is allowed."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not (math.isfinite(seconds) and seconds > 0):
        raise ValueError(f"{text!r} is not allowed: a number of seconds over 0")
    return seconds


def chosen_key(context: click.Context, key: str | None, key_file: str | None) -> str | None:
    """Return the API key from the origin that takes precedence.

    Args:
        context: knows what came from the command line and what from the environment.
        key: value of ``--api-key`` or its variable; `ASK` to ask on the terminal.
        key_file: value of ``--api-key-file`` or its variable.

    Raises:
        WrongUsage: if both stand on the command line, or the key cannot be obtained.
    """
    if key is not None and key_file is not None:
        key_said = context.get_parameter_source("api_key") is ParameterSource.COMMANDLINE
        file_said = context.get_parameter_source("api_key_file") is ParameterSource.COMMANDLINE
        if key_said and file_said:
            raise WrongUsage("--api-key and --api-key-file: give only one of them", context)
        key, key_file = (None, key_file) if file_said else (key, None)
    if key_file is not None:
        try:
            return _checked(key_from_file(Path(key_file)))
        except ValueError as error:
            raise WrongUsage(f"{key_file}: {error}", context, about="api_key_file") from None
    if key is None:
        return None
    try:
        return _checked(_asked() if key == ASK else key)
    except ValueError as error:
        raise WrongUsage(str(error), context, about="api_key") from None


def key_from_file(path: Path) -> str:
    """Return the first line of a file; empty if the file is.

    Raises:
        ValueError: if the file cannot be read, or is not text.
    """
    try:
        with path.open("rb") as file:
            text = file.read(_MAX_KEY_FILE_BYTES).decode("utf-8-sig")
    except OSError as error:
        raise ValueError(reason_of(error)) from None
    except UnicodeDecodeError:
        raise ValueError("is not a text file") from None
    lines = text.splitlines()
    return lines[0].strip() if lines else ""


def _asked() -> str:
    """Ask for the key on the terminal, without echo; stdin may be the audio.

    Raises:
        WrongUsage: if there is no terminal to ask on, or no key is typed.
    """
    if os.name == "posix":
        try:
            os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
        except OSError:
            raise WrongUsage(
                "--api-key -: there is no terminal to ask on; DEEPTONE_API_KEY or --api-key-file"
                " can hold the key"
            ) from None
    try:
        return getpass.getpass("API key: ").strip()
    except EOFError:
        raise WrongUsage("--api-key -: no key was typed") from None


def _checked(key: str) -> str:
    """Return a key that is valid in a header, and let the redactor learn it.

    Raises:
        ValueError: if it cannot be a key; the message never holds it.
    """
    if not key:
        raise ValueError("is empty")
    if not is_key(key):
        raise ValueError(KEY_RULE)
    redacted.learn(key)
    return key
