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

from deeptone_tui.app.presenters.results_export import ExportFormat
from deeptone_tui.app.screens.dialog import Dialog, RadioList
from deeptone_tui.core.errors import reason_of
from deeptone_tui.settings.profiles import ProfileError, check_name

_FORMATS = (ExportFormat.JSON_LINES, ExportFormat.CSV)
_LABELS = ("JSON lines, as they came", "CSV, a row for each model's result")


@dataclass(frozen=True, slots=True)
class SaveRequest:
    """The file to save to."""

    path: Path
    form: ExportFormat
    overwrite: bool = False
    """True if the user agreed to replace an existing file."""


class SavePrompt(Dialog[SaveRequest]):
    """A dialog that answers with path and format; to replace a file takes a second enter."""

    heading = "Save the results"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "accept", "Save", key_display="enter", priority=True),
        Binding("tab", "app.focus_next", "Next field", priority=True),
    ]
    DEFAULT_CSS = """
    SavePrompt RadioList { margin-top: 1; }
    """

    def __init__(
        self,
        folder: Path,
        *,
        name: str = "deeptone-results",
        request: SaveRequest | None = None,
        problem: str = "",
    ) -> None:
        """Ask for a file.

        Args:
            folder: the folder of a file that is typed without one.
            name: the proposed name, without suffix.
            request: an earlier answer, to begin with instead.
            problem: the reason why that one failed; may be empty.
        """
        super().__init__()
        self._folder = folder
        self._first = request.form if request else ExportFormat.JSON_LINES
        self._path = request.path if request else folder / f"{name}.{self._first}"
        self._problem = problem
        self._agreed: Path | None = None
        """File that one more enter replaces."""

    def compose_body(self) -> ComposeResult:
        """Compose path and format."""
        yield Static("File", classes="hint")
        yield Input(str(self._path), id="path", select_on_focus=False)
        yield RadioList(_LABELS, _FORMATS.index(self._first))

    def on_mount(self) -> None:
        """Focus the path; report why the last attempt failed."""
        self.query_one(Input).focus()
        self.tell_problem(self._problem, str(self._path))

    # Both handlers read the current state of the widgets, and neither answers the other's change
    # with a change of its own: events may come late, and the two must not chase each other.

    @on(RadioList.Chosen)
    def _follow_form(self) -> None:
        """Set the suffix to that of the format, unless it is the user's own."""
        field = self.query_one(Input)
        stem, suffix = os.path.splitext(field.value)  # noqa: PTH122  text, not yet a path
        if suffix.removeprefix(".") in set(_FORMATS):
            field.value = f"{stem}.{self._form}"

    @on(Input.Changed)
    def _follow_suffix(self, event: Input.Changed) -> None:
        """Set the format to that of the suffix, if the suffix names one."""
        typed = event.input.value
        if typed != self.refused:
            self._agreed = None
        self.forget_problem(typed)
        suffix = os.path.splitext(typed)[1].removeprefix(".")  # noqa: PTH122  text as above
        if suffix in set(_FORMATS):
            self.query_one(RadioList).choose(_FORMATS.index(ExportFormat(suffix)))

    @property
    def _form(self) -> ExportFormat:
        return _FORMATS[self.query_one(RadioList).chosen]

    def accept(self) -> None:
        """Answer, or report what prevents it."""
        typed = self.query_one(Input).value
        path = self._folder / Path(os.path.expanduser(typed.strip()))  # noqa: PTH111  keeps ~nobody
        if problem := obstacle(path):
            self.tell_problem(problem, typed)
        elif path.exists() and path != self._agreed:
            self._agreed = path
            self.tell_problem(f"{path.name} exists. Press enter again to replace it.", typed)
        else:
            self.answer(SaveRequest(path, self._form, overwrite=path == self._agreed))


def obstacle(path: Path) -> str:
    """Return why no file can be written at a path, as far as known before; empty if it can."""
    if "\0" in str(path):
        return "This is no usable path."
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


@dataclass(frozen=True, slots=True)
class FileRequest:
    """The file to save to."""

    path: Path
    overwrite: bool = False
    """True if the user agreed to replace an existing file."""


class FilePrompt(Dialog[FileRequest]):
    """A dialog that answers with a path; to replace a file takes a second enter."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "accept", "Save", key_display="enter", priority=True),
    ]

    def __init__(self, title: str, path: Path, problem: str = "") -> None:
        """Ask for a file.

        Args:
            title: what is to be saved.
            path: the proposed path; a name that is typed without a folder goes into its folder.
            problem: the reason why saving there has failed; may be empty.
        """
        super().__init__()
        self.heading = title
        self._path = path
        self._problem = problem
        self._agreed: Path | None = None
        """File that one more enter replaces."""

    def compose_body(self) -> ComposeResult:
        """Compose the path."""
        yield Static("File", classes="hint")
        yield Input(str(self._path), select_on_focus=False)

    def on_mount(self) -> None:
        """Focus the field; report why the last attempt failed."""
        self.query_one(Input).focus()
        self.tell_problem(self._problem, str(self._path))

    @on(Input.Changed)
    def _begin_anew(self, event: Input.Changed) -> None:
        if event.input.value != self.refused:
            self._agreed = None
        self.forget_problem(event.input.value)

    def accept(self) -> None:
        """Answer, or report what prevents it."""
        typed = self.query_one(Input).value
        path = self._path.parent / os.path.expanduser(typed.strip())  # noqa: PTH111  keeps ~nobody
        if problem := obstacle(path):
            self.tell_problem(problem, typed)
        elif path.exists() and path != self._agreed:
            self._agreed = path
            self.tell_problem(f"{path.name} exists. Press enter again to replace it.", typed)
        else:
            self.answer(FileRequest(path, overwrite=path == self._agreed))


class ProfilePrompt(Dialog[str]):
    """A dialog that answers with a name; to replace a profile takes a second enter."""

    heading = "Write a profile"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "accept", "Write", key_display="enter", priority=True),
    ]
    DEFAULT_CSS = """
    ProfilePrompt #place { margin-top: 1; }
    """

    def __init__(
        self, name: str, place: str, existing: Collection[str] = (), *, problem: str = ""
    ) -> None:
        """Ask for a name.

        Args:
            name: the proposed name.
            place: the configuration that the profile goes into.
            existing: names of the profiles in it.
            problem: the reason why writing it has failed; may be empty.
        """
        super().__init__()
        self._profile = name
        self._place = place
        self._existing = frozenset(existing)
        self._problem = problem
        self._agreed: str | None = None
        """Profile that one more enter replaces."""

    def compose_body(self) -> ComposeResult:
        """Compose the name, and the place that the profile goes into."""
        yield Static("Name of the profile, for --profile", classes="hint")
        yield Input(self._profile, select_on_focus=True)
        yield Static(f"It goes into {self._place}", id="place", classes="hint", markup=False)

    def on_mount(self) -> None:
        """Focus the field; report why the last attempt failed."""
        self.query_one(Input).focus()
        self.tell_problem(self._problem, self._profile)

    @on(Input.Changed)
    def _begin_anew(self, event: Input.Changed) -> None:
        if event.input.value != self.refused:
            self._agreed = None
        self.forget_problem(event.input.value)

    def accept(self) -> None:
        """Answer, or report what prevents it."""
        typed = self.query_one(Input).value
        try:
            name = check_name(typed)
        except ProfileError as error:
            self.tell_problem(str(error), typed)
            return
        if name in self._existing and name != self._agreed:
            self._agreed = name
            self.tell_problem(f"Profile {name} exists. Press enter again to replace it.", typed)
        else:
            self.answer(name)
