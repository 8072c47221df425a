"""The API key: from an option, its variable, a file or the terminal."""

import getpass
import os
from pathlib import Path

from deeptone_tui.cli.errors import WrongUsage
from deeptone_tui.cli.options import from_command_line
from deeptone_tui.core.redaction import redacted
from deeptone_tui.core.text import KEY_RULE, is_key, reason_of

ASK = "-"
"""Value of ``--api-key`` that asks for the key."""

_MAX_KEY_FILE_BYTES = 4096
"""Bytes that are read of a key file; no key is longer."""


def chosen_key(key: str | None, key_file: str | None) -> str | None:
    """Return the API key from the origin that takes precedence.

    Args:
        key: value of ``--api-key`` or its variable; `ASK` to ask on the terminal.
        key_file: value of ``--api-key-file`` or its variable.

    Raises:
        WrongUsage: if both stand on the command line, or the key cannot be obtained.
    """
    if key is not None and key_file is not None:
        key_said, file_said = (from_command_line(name) for name in ("api_key", "api_key_file"))
        if key_said and file_said:
            raise WrongUsage("--api-key and --api-key-file: give only one of them")
        key, key_file = (None, key_file) if file_said else (key, None)
    if key_file is not None:
        try:
            return _checked(_key_from_file(Path(key_file)))
        except ValueError as error:
            raise WrongUsage(f"{key_file}: {error}", about="api_key_file") from None
    if key is None:
        return None
    try:
        return _checked(_asked() if key == ASK else key)
    except ValueError as error:
        raise WrongUsage(str(error), about="api_key") from None


def _key_from_file(path: Path) -> str:
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
    from deeptone_tui.cli.terminal import has_controlling_terminal  # noqa: PLC0415  only to ask

    if os.name == "posix" and not has_controlling_terminal():
        raise WrongUsage(
            "--api-key -: there is no terminal to ask on; use DEEPTONE_API_KEY or --api-key-file"
        )
    try:
        return getpass.getpass("API key: ").strip()
    except EOFError:
        raise WrongUsage("--api-key -: no key was entered") from None


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
