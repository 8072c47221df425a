"""Type a threshold, as a level or in decibels."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input, Static

from deeptone_tui.app.screens.dialog import Dialog
from deeptone_tui.dsp import format_both, format_threshold, parse_threshold


class ThresholdPrompt(Dialog[float]):
    """Answers with a level from 0 to 1, whichever unit it was typed in."""

    heading = "Threshold"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "accept", "Set it", key_display="enter", priority=True)
    ]
    DEFAULT_CSS = """
    ThresholdPrompt #frame { width: 56; }
    """

    def __init__(self, level: float) -> None:
        """Ask for a threshold.

        Args:
            level: where the mark stands now, 0 to 1.
        """
        super().__init__()
        self._level = level

    def compose_body(self) -> ComposeResult:
        """The field, and what it means in both units."""
        yield Static("A level from 0 to 1 (0.005), or decibels (-46).", classes="hint")
        yield Input(format_threshold(self._level), select_on_focus=True)
        yield Static("", id="meaning", markup=False)

    @on(Input.Changed)
    def _show_meaning(self, event: Input.Changed) -> None:
        self.forget_problem(event.input.value)
        self.query_one("#meaning", Static).update(meaning(event.input.value))

    def accept(self) -> None:
        """Answer with the level, or say why it is none."""
        typed = self.query_one(Input).value
        try:
            self.answer(parse_threshold(typed))
        except ValueError as error:
            self.tell_problem(str(error), typed)


def meaning(text: str) -> str:
    """What a typed threshold is in both units; a dash while it is none."""
    try:
        return f"= {format_both(parse_threshold(text))}"
    except ValueError:
        return "= –"
