"""Paths of the program's files on each system, and the preferences that it keeps itself."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from platformdirs import user_config_path, user_state_path

from deeptone_tui.core.files import read_plain, write_whole
from deeptone_tui.core.text import reason_of

_NAME = "deeptone-tui"

_LARGEST_BYTES = 1 << 16
"""Maximum size of the file in bytes; a longer one is not the program's."""


def configuration_file() -> Path:
    """Return the path of the user's configuration.

    On Linux it is ``~/.config/deeptone-tui/config.toml``.
    """
    return user_config_path(_NAME, appauthor=False) / "config.toml"


def state_folder() -> Path:
    """Return the folder of the program's own files: ``~/.local/state/deeptone-tui`` on Linux."""
    return user_state_path(_NAME, appauthor=False)


def preferences_file() -> Path:
    """Return the path of the file with the last run's choices: device, theme, span."""
    return state_folder() / "preferences.json"


def copied_file() -> Path:
    """Return the path of the file with the last copied text, for terminals without a clipboard."""
    return state_folder() / "copied.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """The choices of the last run; empty or 0 if none was made."""

    device: str = ""
    """Name of the last input device picked."""
    theme: str = ""
    """Name of the theme."""
    span: int = 0
    """Span of the timeline in seconds."""


class Preferences:
    """The remembered choices and their file.

    The file is optional: one that cannot be read is reported in ``notice`` and ignored, and one
    that cannot be written is reported once and left as it is.
    """

    def __init__(self, path: Path | None, tell: Callable[[str], None] = lambda _: None) -> None:
        """Read the file.

        Args:
            path: the file; None to keep the choices for this run only.
            tell: called once, with one line, if the file cannot be written.
        """
        self._path = path
        self._tell: Callable[[str], None] | None = tell
        self.notice: str = ""
        """One line if the file exists but could not be read; empty otherwise."""
        self.choices: Choices = self._read()
        """The current choices."""

    def remember(self, **choices: str | int) -> bool:
        """Remember choices by their names and write them to the file.

        Returns:
            True if they will be known in the next run, or are unchanged.
        """
        changed = replace(self.choices, **choices)  # type: ignore[arg-type]  # fields by name
        if changed == self.choices:
            return True
        self.choices = changed
        return self._write()

    def _read(self) -> Choices:
        if self._path is None:
            return Choices()
        try:
            return _choices(json.loads(read_plain(self._path, _LARGEST_BYTES)))
        except (FileNotFoundError, NotADirectoryError):  # a home of /dev/null is none
            return Choices()
        except (OSError, ValueError, RecursionError):
            self.notice = f"{self._path} could not be read and was ignored"
            return Choices()

    def _write(self) -> bool:
        """Replace the file in one step, so that a crash leaves the old one or the new one."""
        if self._path is None:
            return False
        text = json.dumps(asdict(self.choices), indent=2) + "\n"
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self._path, text.encode(), sync=False)
        except OSError as error:
            self._tell_once(error)
            return False
        return True

    def _tell_once(self, error: OSError) -> None:
        tell, self._tell = self._tell, None
        if tell is not None:
            reason = reason_of(error)
            tell(f"Device, theme and span are remembered for this run only: {self._path}: {reason}")


def _choices(value: object) -> Choices:
    """Return the known entries of the right type; others, as of a later version, are ignored.

    Raises:
        ValueError: if the value is not an object.
    """
    if not isinstance(value, dict):
        raise ValueError("not an object")  # noqa: TRY004  json reports what it cannot read so
    kinds = {item.name: type(item.default) for item in fields(Choices)}
    known = {name: value[name] for name, kind in kinds.items() if type(value.get(name)) is kind}
    return Choices(**known)
