"""The base class of the dialogs, with frame, problem line and key footer, and the radio list."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Footer, Input, OptionList, Static
from textual.widgets.option_list import Option
from textual.worker import Worker, WorkerState

from deeptone_tui.app.themed import Timely
from deeptone_tui.core.redaction import for_people
from deeptone_tui.core.text import unforeseen

Answered = TypeVar("Answered")
"""Type of a dialog's answer; a dialog that is left is dismissed with None."""


def accepting(description: str) -> Binding:
    """Return the binding that answers; it precedes the focused widget's own key."""
    return Binding("enter", "accept", description, key_display="enter", priority=True)


class Dialog(Timely, ModalScreen[Answered | None], Generic[Answered]):
    """A framed modal screen over the main screen; escape dismisses it and changes nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Leave")]

    DEFAULT_CSS = """
    Dialog {
        align: center middle;
        background: $background 60%;

        #frame {
            width: 72;
            max-width: 100%;
            height: auto;
            max-height: 100%;
            padding: 0 1;
            background: $surface;
            border: round $primary;
            border-title-color: $text-primary;
            border-title-style: bold;
        }
        #body { height: auto; }
        .hint { color: $text-muted; }
        #under-way { color: $text-warning; height: auto; }
        #problem {
            color: $text-error;
            height: auto;
            margin-top: 1;
            display: none;
        }
        #problem.-told { display: block; }
        Footer {
            dock: none;
            margin-top: 1;
            background: $surface;
        }
        FooterKey {
            background: $surface;
            padding-right: 1;
            .footer-key--key {
                background: $surface;
                padding: 0 1 0 0;
            }
            .footer-key--description { background: $surface; }
        }
        Input {
            height: 1;
            border: none;
            padding: 0 1;
            background: $foreground 10%;
            &:focus {
                border: none;
                background: $primary 30%;
            }
        }
        /* Textual drops "reverse" here */
        OptionList:nocolor > .option-list--option-highlighted { text-style: bold underline; }
        DataTable:nocolor > .datatable--cursor { text-style: reverse; }
        OptionList {
            border: none;
            padding: 0;
            background: $surface;
            text-wrap: nowrap;
            text-overflow: ellipsis;
            scrollbar-size-vertical: 1;
            &:focus {
                border: none;
                background-tint: $foreground 0%;
            }
        }
    }
    """

    heading: str = ""
    """Title in the frame."""
    under_way: str = ""
    """Pending change of the same setting, in words; may be empty."""

    def compose(self) -> ComposeResult:
        """Compose the frame around the content of the dialog."""
        with Vertical(id="frame") as frame:
            frame.border_title = for_people(self.heading)
            with Vertical(id="body"):
                if self.under_way:
                    yield Static(for_people(self.under_way), id="under-way", markup=False)
                yield from self.compose_body()
            yield Static("", id="problem", markup=False)
            yield Footer(show_command_palette=False)

    def compose_body(self) -> ComposeResult:
        """Compose the content of the dialog."""
        yield from ()

    @on(Worker.StateChanged)
    def _tell_failure(self, event: Worker.StateChanged) -> None:
        """Report an unforeseen error of a worker of the dialog."""
        if event.worker.error is not None and event.state is WorkerState.ERROR:
            self.tell_problem(unforeseen(event.worker.error, "dialog"))

    refused: str | None = None
    """The text that the reported problem is about; None for none."""

    def tell_problem(self, text: str, typed: str | None = None) -> None:
        """Show in one line what is wrong with the answer; an empty text hides the line.

        Args:
            text: the line.
            typed: the typed text that it is about, for `forget_problem`.
        """
        self.refused = typed
        for problem in self.query("#problem").results(Static):  # none once the dialog is removed
            problem.update(f"✗ {for_people(text)}" if text else "")
            problem.set_class(bool(text), "-told")

    def forget_problem(self, typed: str) -> None:
        """Hide the problem line once something else is typed.

        A change event may arrive after the key that was pressed next, and must not hide the
        problem that key caused.
        """
        if self.refused is not None and typed != self.refused:
            self.tell_problem("")

    def answer(self, answer: Answered | None) -> None:
        """Dismiss the dialog with an answer; do nothing if it is no longer the current screen."""
        if self.app.screen is self:
            self.dismiss(answer)

    def after_typing(self, act: Callable[[], object]) -> None:
        """Act once the keys that were pressed before have taken effect.

        A priority binding overtakes keys that are still in the message queues of the focused
        widget and its ancestors; over a slow link, or from a script, several keys arrive at once.
        The call therefore passes through the same queues behind them. By then the dialog may have
        been dismissed by another press of the same key.
        """

        def act_if_open() -> object:
            return act() if self.app.screen is self else None

        begins = [*self.query(Input), self.focused or self]
        step: Callable[[], object] = act_if_open
        for queue in reversed([node for begin in begins for node in begin.ancestors_with_self]):
            step = partial(queue.call_later, step)
        step()

    def action_accept(self) -> None:
        """Answer, or report what is wrong, once the keys before have taken effect."""
        self.after_typing(self.accept)

    def accept(self) -> None:
        """Answer, or report what is wrong."""
        raise NotImplementedError

    def action_leave(self) -> None:
        """Dismiss the dialog without an answer."""
        self.answer(None)


class RadioList(OptionList):
    """A list of alternatives; the arrow keys or a click choose one.

    The radio mark is text, ``(*)`` or ``( )``, so that it is visible without colours too.
    """

    DEFAULT_CSS = """
    RadioList { height: auto; }
    """

    class Chosen(Message):
        """Posted when the user chose another alternative; ``RadioList.chosen`` is its index."""

    def __init__(self, labels: Sequence[str], chosen: int = 0, *, id: str | None = None) -> None:  # noqa: A002  Textual's own name
        """Offer alternatives.

        Args:
            labels: texts of the alternatives.
            chosen: index of the alternative that is chosen at first.
            id: as for every widget.
        """
        lines = (_line(label, index == chosen) for index, label in enumerate(labels))
        super().__init__(*(Option(line) for line in lines), id=id, compact=True, markup=False)
        self._labels = tuple(labels)
        self._chosen = chosen

    @property
    def chosen(self) -> int:
        """Index of the chosen alternative."""
        return self._chosen

    def on_mount(self) -> None:
        """Highlight the chosen alternative."""
        self.highlighted = self._chosen

    def choose(self, index: int) -> None:
        """Choose an alternative without posting `Chosen`: the caller knows."""
        self._move_mark(index)
        self.highlighted = index

    @on(OptionList.OptionHighlighted)
    def _follow_highlight(self, event: OptionList.OptionHighlighted) -> None:
        """Choose what is highlighted now: the event may be outdated by a newer one."""
        event.stop()
        index = self.highlighted
        if index is not None and index != self._chosen:
            self._move_mark(index)
            self.post_message(self.Chosen())

    def _move_mark(self, index: int) -> None:
        before, self._chosen = self._chosen, index
        for each in (before, index):
            self.replace_option_prompt_at_index(each, _line(self._labels[each], each == index))


def _line(label: str, chosen: bool) -> str:
    return f"({'*' if chosen else ' '}) {label}"
