"""What every dialog has: a frame with a title, a line for what is wrong, its keys, radio lists."""

from collections.abc import Awaitable, Callable, Sequence
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

from deeptone_tui.app.messages import Timely
from deeptone_tui.core.errors import unforeseen
from deeptone_tui.core.output import for_people

Answered = TypeVar("Answered")
"""What a dialog is dismissed with; None when it was left."""


class Dialog(Timely, ModalScreen[Answered | None], Generic[Answered]):
    """A framed question over the main screen; escape leaves it and changes nothing."""

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
    """The title in the frame."""
    under_way: str = ""
    """A change of the same that has not been answered yet, in words; may be empty."""

    def compose(self) -> ComposeResult:
        """The frame, with what the dialog itself is about inside."""
        with Vertical(id="frame") as frame:
            frame.border_title = for_people(self.heading)
            with Vertical(id="body"):
                if self.under_way:
                    yield Static(for_people(self.under_way), id="under-way", markup=False)
                yield from self.compose_body()
            yield Static("", id="problem", markup=False)
            yield Footer(show_command_palette=False)

    def compose_body(self) -> ComposeResult:
        """What the dialog is about."""
        yield from ()

    @on(Worker.StateChanged)
    def _tell_failure(self, event: Worker.StateChanged) -> None:
        """Say that something beside the dialog has failed in a way that nobody foresaw."""
        if event.worker.error is not None and event.state is WorkerState.ERROR:
            self.tell_problem(unforeseen(event.worker.error, "dialog"))

    refused: str | None = None
    """What was typed when the problem was told."""

    def tell_problem(self, text: str, typed: str | None = None) -> None:
        """Say in one line what is wrong with the answer; empty takes it back.

        Args:
            text: the line.
            typed: what it is about, for `forget_problem`.
        """
        self.refused = typed
        problem = self.query_one("#problem", Static)
        problem.update(f"✗ {for_people(text)}" if text else "")
        problem.set_class(bool(text), "-told")

    def forget_problem(self, typed: str) -> None:
        """Take the line back once something else is typed.

        News of typing may come after the key that was pressed next, and must not take back
        what that key brought up.
        """
        if self.refused is not None and typed != self.refused:
            self.tell_problem("")

    def answer(self, answer: Answered | None) -> None:
        """Go away with an answer; nothing happens when this has gone already."""
        if self.app.screen is self:
            self.dismiss(answer)

    def after_typing(self, act: Callable[[], object]) -> None:
        """Act once the keys that were pressed before have had their effect.

        A key with priority overtakes those on their way through the queues of the widget with
        the focus and of all it stands in; and over a slow link, or from a script, several keys
        come at once. So this goes the same way behind them. By then the dialog may be gone, by
        another press of the same key.
        """

        def act_if_open() -> object:
            return act() if self.app.screen is self else None

        begins = [*self.query(Input), self.focused or self]
        step: Callable[[], object] = act_if_open
        for queue in reversed([node for begin in begins for node in begin.ancestors_with_self]):
            step = partial(queue.call_later, step)
        step()

    def action_accept(self) -> None:
        """Answer, unless something is wrong with it."""
        self.after_typing(self.accept)

    def accept(self) -> Awaitable[None] | None:
        """Answer, or say what is wrong."""
        raise NotImplementedError

    def action_leave(self) -> None:
        """Leave without an answer."""
        self.answer(None)


class RadioList(OptionList):
    """Alternatives in lines; the arrows or a click choose.

    The mark is a character, ``(*)`` or ``( )``, so that it is seen without colours too.
    """

    DEFAULT_CSS = """
    RadioList {
        height: auto;
        border: none;
        padding: 0;
    }
    """

    class Chosen(Message):
        """Another alternative was chosen by the user; ``RadioList.chosen`` tells which."""

    def __init__(self, labels: Sequence[str], chosen: int = 0, *, id: str | None = None) -> None:  # noqa: A002  Textual's own name
        """Offer alternatives.

        Args:
            labels: what they are.
            chosen: index of the one that is chosen now.
            id: as for every widget.
        """
        lines = (_line(label, index == chosen) for index, label in enumerate(labels))
        super().__init__(*(Option(line) for line in lines), id=id, compact=True, markup=False)
        self._labels = tuple(labels)
        self._chosen = chosen

    @property
    def chosen(self) -> int:
        """Index of the alternative that is chosen."""
        return self._chosen

    def on_mount(self) -> None:
        """The highlight begins where the mark is."""
        self.highlighted = self._chosen

    def choose(self, index: int) -> None:
        """Choose an alternative; who does so needs no message."""
        self._move_mark(index)
        self.highlighted = index

    @on(OptionList.OptionHighlighted)
    def _follow_highlight(self, event: OptionList.OptionHighlighted) -> None:
        """Choose what is highlighted now: the event may be older than another."""
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
