"""What a profile is to be called."""

from collections.abc import Collection
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input, Static

from deeptone_tui.app.screens.dialog import Dialog
from deeptone_tui.settings.profiles import ProfileError, check_name


class ProfilePrompt(Dialog[str]):
    """Answers with a name; a profile that exists is replaced only after a second enter."""

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
            name: what is proposed.
            place: the configuration that it goes into.
            existing: names of the profiles in it.
            problem: why writing it has failed.
        """
        super().__init__()
        self._name = name
        self._place = place
        self._existing = frozenset(existing)
        self._problem = problem
        self._agreed: str | None = None
        """The profile that one more enter replaces."""

    def compose_body(self) -> ComposeResult:
        """The name, and where the profile goes."""
        yield Static("Name of the profile, for --profile", classes="hint")
        yield Input(self._name, select_on_focus=True)
        yield Static(f"It goes into {self._place}", id="place", classes="hint", markup=False)

    def on_mount(self) -> None:
        """Say why the last try failed."""
        self.query_one(Input).focus()
        self.tell_problem(self._problem, self._name)

    @on(Input.Changed)
    def _begin_anew(self, event: Input.Changed) -> None:
        if event.input.value != self.refused:
            self._agreed = None
        self.forget_problem(event.input.value)

    def accept(self) -> None:
        """Answer, or say what stands in the way."""
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
