"""What the program remembers from one run to the next: device, theme, span."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from deeptone_tui.core.errors import reason_of
from deeptone_tui.core.files import read_plain, write_whole

_LARGEST_BYTES = 1 << 16
"""Bytes; a longer file is not ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """The choices of the last run; empty or 0 where none was made."""

    device: str = ""
    """Name of the input device picked last."""
    theme: str = ""
    """Name of the theme."""
    span: int = 0
    """Seconds that the timeline shows."""


class Preferences:
    """The remembered choices and the file they live in.

    Nothing depends on it: a file that cannot be read is told in ``notice`` and ignored, and
    one that cannot be written is told once and left as it is.
    """

    def __init__(self, path: Path | None, tell: Callable[[str], None] = lambda _: None) -> None:
        """Read the file.

        Args:
            path: where the choices are kept; None to keep them for this run only.
            tell: called once with a line when they cannot be.
        """
        self._path = path
        self._tell: Callable[[str], None] | None = tell
        self.notice: str = ""
        """One line when the file is there but was not understood; empty otherwise."""
        self.choices: Choices = self._read()
        """What is remembered now."""

    def remember(
        self, *, device: str | None = None, theme: str | None = None, span: int | None = None
    ) -> bool:
        """Note a choice and write it down.

        Returns:
            Whether it will be known in the next run.
        """
        said = {"device": device, "theme": theme, "span": span}
        values = {name: value for name, value in said.items() if value is not None}
        changed = replace(self.choices, **values)  # type: ignore[arg-type]  # by name above
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
    """The known entries of the right type; those of a later version are passed over.

    Raises:
        ValueError: when the file is something else altogether.
    """
    if not isinstance(value, dict):
        raise ValueError("not an object")  # noqa: TRY004  json reports what it cannot read so
    kinds = {item.name: type(item.default) for item in fields(Choices)}
    known = {name: value[name] for name, kind in kinds.items() if type(value.get(name)) is kind}
    return Choices(**known)
