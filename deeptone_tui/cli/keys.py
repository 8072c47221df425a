"""Where the API key comes from, without it ever standing where others can read it."""

import getpass
import os
from pathlib import Path

import click
from click.core import ParameterSource

from deeptone_tui.cli.errors import WrongUsage
from deeptone_tui.core.errors import reason_of
from deeptone_tui.core.redaction import redacted
from deeptone_tui.core.text import KEY_RULE, is_key

ASK = "-"
"""What ``--api-key`` takes to be asked for the key."""

_MAX_KEY_FILE = 4096
"""Bytes; a longer file is not one that holds a key."""


def chosen_key(context: click.Context, key: str | None, key_file: str | None) -> str | None:
    """The key that was given, by whichever way goes first.

    Args:
        context: tells what came from the command line and what from the environment.
        key: value of ``--api-key`` or its variable; `ASK` to ask on the terminal.
        key_file: value of ``--api-key-file`` or its variable.

    Raises:
        WrongUsage: when two were given at once, or the key cannot be had.
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
    """The first line of a file.

    Raises:
        ValueError: when there is none.
    """
    try:
        with path.open("rb") as file:
            text = file.read(_MAX_KEY_FILE).decode("utf-8-sig")
    except OSError as error:
        raise ValueError(reason_of(error)) from None
    except UnicodeDecodeError:
        raise ValueError("is not a text file") from None
    lines = text.splitlines()
    return lines[0].strip() if lines else ""


def _asked() -> str:
    """Ask on the terminal, without an echo; stdin may be the audio.

    Raises:
        WrongUsage: when there is no terminal to ask on.
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
    """A key that fits into a header; the message never holds the key.

    Raises:
        ValueError: when it cannot be one.
    """
    if not key:
        raise ValueError("is empty")
    if not is_key(key):
        raise ValueError(KEY_RULE)
    redacted.learn(key)
    return key
