"""The dialogs that ask for a file to save to, or for the name of a profile."""

import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input, Static

from deeptone_tui.app.presenters.exports import ExportFormat
from deeptone_tui.app.screens.dialog import Answered, Dialog, RadioList, accepting
from deeptone_tui.core.text import reason_of
from deeptone_tui.settings.profiles import ProfileError, check_name

_FORMATS = (ExportFormat.JSON_LINES, ExportFormat.CSV)
_LABELS = ("JSON lines, as received", "CSV, a row for each model's result")


class ConfirmedPrompt(Dialog[Answered]):
    """A dialog with a field for a name; to replace what has that name takes a second enter."""

    BINDINGS: ClassVar[list[BindingType]] = [accepting("Save")]

    def __init__(self, first: str, problem: str) -> None:
        """Ask for a name.

        Args:
            first: text that is in the field at first.
            problem: the reason why an earlier answer failed; may be empty.
        """
        super().__init__()
        self._first = first
        self._problem = problem
        self._agreed = ""
        """Name of what one more enter replaces."""

    def on_mount(self) -> None:
        """Focus the field; report why the last attempt failed."""
        self.query_one(Input).focus()
        self.tell_problem(self._problem, self._first)

    @on(Input.Changed)
    def _begin_again(self, event: Input.Changed) -> None:
        if event.input.value != self.refused:
            self._agreed = ""
        self.forget_problem(event.input.value)

    def may_replace(self, name: str, label: str) -> bool:
        """Return True if the user has agreed to replace something; otherwise ask for it.

        Args:
            name: its unique name.
            label: its name on the screen.
        """
        agreed = name == self._agreed
        if not agreed:
            self._agreed = name
            typed = self.query_one(Input).value
            self.tell_problem(f"{label} exists. Press enter again to replace it.", typed)
        return agreed


@dataclass(frozen=True, slots=True)
class FileRequest:
    """The file to save to."""

    path: Path
    form: ExportFormat | None = None
    """Format of results; None for another file."""
    overwrite: bool = False
    """True if the user agreed to replace an existing file."""


class FilePrompt(ConfirmedPrompt[FileRequest]):
    """A dialog that answers with a path; a relative one is below the current folder."""

    def __init__(self, title: str, first: FileRequest, problem: str = "") -> None:
        """Ask for a file.

        Args:
            title: what is to be saved.
            first: the answer to begin with.
            problem: the reason why that one failed; may be empty.
        """
        super().__init__(str(first.path), problem)
        self.heading = title

    def compose_body(self) -> ComposeResult:
        """Compose the path."""
        yield Static("File", classes="hint")
        yield Input(self._first, select_on_focus=False)

    @property
    def form(self) -> ExportFormat | None:
        """Format of the file, if there is a choice."""
        return None

    def accept(self) -> None:
        """Answer, or report what prevents it."""
        typed = self.query_one(Input).value
        path = Path.cwd() / os.path.expanduser(typed.strip())  # noqa: PTH111  keeps ~nobody
        if problem := obstacle(path):
            self.tell_problem(problem, typed)
        elif not path.exists():
            self.answer(FileRequest(path, self.form))
        elif self.may_replace(str(path), path.name):
            self.answer(FileRequest(path, self.form, overwrite=True))


class SavePrompt(FilePrompt):
    """A dialog that answers with path and format of a file with results."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.focus_next", "Next field", priority=True),
    ]
    DEFAULT_CSS = """
    SavePrompt RadioList { margin-top: 1; }
    """

    def __init__(self, first: FileRequest, problem: str = "") -> None:
        """Ask for a file.

        Args:
            first: the answer to begin with.
            problem: the reason why that one failed; may be empty.
        """
        super().__init__("Save the results", first, problem)
        self._first_form = first.form or ExportFormat.JSON_LINES

    def compose_body(self) -> ComposeResult:
        """Compose path and format."""
        yield from super().compose_body()
        yield RadioList(_LABELS, _FORMATS.index(self._first_form))

    # Both handlers read the current state of the widgets, and neither answers the other's change
    # with a change of its own: events may come late, and the two must not chase each other.

    @on(RadioList.Chosen)
    def _follow_form(self) -> None:
        """Set the suffix to that of the format, unless it is the user's own."""
        field = self.query_one(Input)
        stem, suffix = os.path.splitext(field.value)  # noqa: PTH122  text, not yet a path
        if suffix.removeprefix(".") in set(_FORMATS):
            field.value = f"{stem}.{self.form}"

    @on(Input.Changed)
    def _follow_suffix(self, event: Input.Changed) -> None:
        """Set the format to that of the suffix, if the suffix names one."""
        suffix = os.path.splitext(event.input.value)[1].removeprefix(".")  # noqa: PTH122  as above
        if suffix in set(_FORMATS):
            self.query_one(RadioList).choose(_FORMATS.index(ExportFormat(suffix)))

    @property
    def form(self) -> ExportFormat:
        """The chosen format."""
        return _FORMATS[self.query_one(RadioList).chosen]


def obstacle(path: Path) -> str:
    """Return why no file can be written at a path, as far as known before; empty if it can."""
    if "\0" in str(path):
        return "This path is not usable."
    try:
        return _obstacle(path)
    except OSError as error:
        return f"This path cannot be used: {reason_of(error)}."


def _obstacle(path: Path) -> str:
    """Return the result of `obstacle`, but let an OSError pass."""
    if path.is_dir():
        return f"{path} is a folder: add a name."
    if not path.parent.is_dir():
        return f"There is no folder {path.parent}."
    if not os.access(path.parent, os.W_OK):
        return f"No permission to write in {path.parent}."
    if path.exists() and not path.is_file():
        return f"{path} is not a file."
    return ""


class ProfilePrompt(ConfirmedPrompt[str]):
    """A dialog that answers with the name of a profile."""

    heading = "Write a profile"
    BINDINGS: ClassVar[list[BindingType]] = [accepting("Write")]
    DEFAULT_CSS = """
    ProfilePrompt #place { margin-top: 1; }
    """

    def __init__(
        self, place: str, existing: Collection[str], first: str, problem: str = ""
    ) -> None:
        """Ask for a name.

        Args:
            place: the configuration that the profile goes into.
            existing: names of the profiles in it.
            first: the proposed name.
            problem: the reason why writing it has failed; may be empty.
        """
        super().__init__(first, problem)
        self._place = place
        self._existing = frozenset(existing)

    def compose_body(self) -> ComposeResult:
        """Compose the name, and the place that the profile goes into."""
        yield Static("Name of the profile, for --profile", classes="hint")
        yield Input(self._first, select_on_focus=True)
        yield Static(f"Saved in {self._place}", id="place", classes="hint", markup=False)

    def accept(self) -> None:
        """Answer, or report what prevents it."""
        typed = self.query_one(Input).value
        try:
            name = check_name(typed)
        except ProfileError as error:
            self.tell_problem(str(error), typed)
            return
        if name not in self._existing or self.may_replace(name, f"Profile {name}"):
            self.answer(name)
