"""Where to save a text."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input, Static

from deeptone_tui.app.screens.dialog import Dialog
from deeptone_tui.app.screens.save_prompt import obstacle


@dataclass(frozen=True, slots=True)
class FileRequest:
    """A file that was asked for."""

    path: Path
    overwrite: bool = False
    """Whether the user agreed that the file of that name is replaced."""


class FilePrompt(Dialog[FileRequest]):
    """Answers with a path; a file that exists is replaced only after a second enter."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "accept", "Save", key_display="enter", priority=True),
    ]

    def __init__(self, title: str, path: Path, problem: str = "") -> None:
        """Ask for a file.

        Args:
            title: what is to be saved.
            path: what is proposed; a name that is typed without a folder goes beside it.
            problem: why saving there has failed.
        """
        super().__init__()
        self.heading = title
        self._path = path
        self._problem = problem
        self._agreed: Path | None = None
        """The file that one more enter replaces."""

    def compose_body(self) -> ComposeResult:
        """The path."""
        yield Static("File", classes="hint")
        yield Input(str(self._path), select_on_focus=False)

    def on_mount(self) -> None:
        """Say why the last try failed."""
        self.query_one(Input).focus()
        self.tell_problem(self._problem, str(self._path))

    @on(Input.Changed)
    def _begin_anew(self, event: Input.Changed) -> None:
        if event.input.value != self.refused:
            self._agreed = None
        self.forget_problem(event.input.value)

    def accept(self) -> None:
        """Answer, or say what stands in the way."""
        typed = self.query_one(Input).value
        path = self._path.parent / os.path.expanduser(typed.strip())  # noqa: PTH111  keeps ~nobody
        if problem := obstacle(path):
            self.tell_problem(problem, typed)
        elif path.exists() and path != self._agreed:
            self._agreed = path
            self.tell_problem(f"{path.name} exists. Press enter again to replace it.", typed)
        else:
            self.answer(FileRequest(path, overwrite=path == self._agreed))
