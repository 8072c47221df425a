"""The dialogs that ask for a threshold, for an endpoint and for models."""

from collections.abc import Collection, Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from deeptone_tui.app.actions.in_force import EndpointChoice
from deeptone_tui.app.presenters.wording import padded, width_of
from deeptone_tui.app.screens.dialog import Dialog, RadioList, accepting
from deeptone_tui.core.address import is_readable_on_the_way
from deeptone_tui.core.redaction import MARK, redacted
from deeptone_tui.protocol import format_threshold
from deeptone_tui.protocol.units import format_both, parse_threshold
from deeptone_tui.session import RemoteTarget, TargetError

_WHICH = ("Local endpoint, on this machine", "Another endpoint, by its address")


class ThresholdPrompt(Dialog[float]):
    """A dialog that answers with a level from 0 to 1, typed in either unit."""

    heading = "Threshold"
    BINDINGS: ClassVar[list[BindingType]] = [accepting("Set it")]
    DEFAULT_CSS = """
    ThresholdPrompt #frame { width: 56; }
    """

    def __init__(self, level: float) -> None:
        """Ask for a threshold.

        Args:
            level: the current threshold, 0 to 1.
        """
        super().__init__()
        self._level = level

    def compose_body(self) -> ComposeResult:
        """Compose the field, and its meaning in both units."""
        yield Static("A level from 0 to 1 (0.005), or decibels (-46).", classes="hint")
        yield Input(format_threshold(self._level), select_on_focus=True)
        yield Static("", id="meaning", markup=False)

    @on(Input.Changed)
    def _show_meaning(self, event: Input.Changed) -> None:
        self.forget_problem(event.input.value)
        self.query_one("#meaning", Static).update(meaning(event.input.value))

    def accept(self) -> None:
        """Answer with the level, or report why the text is none."""
        typed = self.query_one(Input).value
        try:
            self.answer(parse_threshold(typed))
        except ValueError as error:
            self.tell_problem(str(error), typed)


def meaning(text: str) -> str:
    """Return a typed threshold in both units; a dash if it is none."""
    try:
        return f"= {format_both(parse_threshold(text))}"
    except ValueError:
        return "= –"


class EndpointPrompt(Dialog[EndpointChoice]):
    """A dialog that answers with an endpoint. The key is masked, and goes only to that endpoint."""

    heading = "Endpoint"
    BINDINGS: ClassVar[list[BindingType]] = [
        accepting("Connect"),
        Binding("tab", "app.focus_next", "Next field", priority=True),
    ]
    DEFAULT_CSS = """
    EndpointPrompt {
        #remote {
            height: auto;
            margin-top: 1;
            &.-local { display: none; }
        }
        #url, #key { margin-bottom: 1; }
    }
    """

    def __init__(self, current_url: str | None, under_way: str = "") -> None:
        """Ask for an endpoint.

        Args:
            current_url: the address in force; None for the local endpoint.
            under_way: the pending change, in words; may be empty.
        """
        super().__init__()
        self._current = current_url
        self._shown = redacted(current_url or "")
        self.under_way = under_way

    def compose_body(self) -> ComposeResult:
        """Compose the choice of the two, then address and key."""
        yield RadioList(_WHICH, int(self._current is not None), id="which")
        with Vertical(id="remote"):
            yield Static("Address", classes="hint")
            yield Input(self._shown, id="url", placeholder="wss://HOST/stream")
            yield Static("API key (leave empty to keep the one in use, if any)", classes="hint")
            yield Input(id="key", password=True)
            yield Static("", id="warning", classes="hint", markup=False)

    def on_mount(self) -> None:
        """Show the fields of the choice, and focus the choice."""
        self._show_fields()
        self.query_one("#which").focus()

    @property
    def _local(self) -> bool:
        return self.query_one(RadioList).chosen == 0

    @on(RadioList.Chosen)
    def _show_fields(self) -> None:
        self.query_one("#remote").set_class(self._local, "-local")
        self.tell_problem("")

    @on(Input.Changed)
    def _warn(self) -> None:
        url, key = self._typed()
        self.forget_problem(url + key)
        warned = bool(key) and is_readable_on_the_way(url)
        self.query_one("#warning", Static).update(
            "ws:// is not encrypted: others can read the key." if warned else ""
        )

    def accept(self) -> None:
        """Answer with the endpoint, or report what is wrong with its address or key."""
        if self._local:
            self.answer(EndpointChoice())
            return
        url, key = self._typed()
        if MARK in url:
            self.tell_problem(f"{MARK} stands for a secret: type the whole address", url + key)
            return
        try:
            target = RemoteTarget(url, key or None).fixed
        except TargetError as error:
            self.tell_problem(str(error), url + key)
        else:
            self.answer(EndpointChoice(target.url, target.api_key))

    def _typed(self) -> tuple[str, str]:
        """Return address and key; an address left as it is shown is the one in force."""
        url, key = (self.query_one(name, Input).value.strip() for name in ("#url", "#key"))
        return (self._current or "") if url == self._shown else url, key


class ModelPicker(Dialog[tuple[str, ...]]):
    """A dialog that asks for at least one model, and answers with the names in listed order.

    The boxes are text, so that they are visible without colours too.
    """

    heading = "Models"
    BINDINGS: ClassVar[list[BindingType]] = [
        accepting("Accept"),
        Binding("space", "toggle_model", "Select", tooltip="Select the model, or deselect it"),
    ]

    DEFAULT_CSS = """
    ModelPicker {
        OptionList {
            height: auto;
            max-height: 12;
        }
        #detail {
            height: 2;
            margin-top: 1;
        }
    }
    """

    def __init__(
        self, models: Mapping[str, str], selected: Collection[str], under_way: str = ""
    ) -> None:
        """Offer models.

        Args:
            models: description in one line of each model by name, in the order shown.
            selected: names that are chosen at first.
            under_way: the pending change, in words; may be empty.
        """
        super().__init__()
        self.under_way = under_way
        self._models = dict(models)
        self._names = tuple(models)
        self._selected = set(selected) & models.keys()

    def compose_body(self) -> ComposeResult:
        """Compose the list, and the full description of the highlighted line."""
        yield OptionList(*(Option(self._line(name)) for name in self._names), compact=True)
        yield Static("", id="detail", classes="hint", markup=False)

    def on_mount(self) -> None:
        """Highlight the first chosen line."""
        listed = self.query_one(OptionList)
        chosen = (index for index, name in enumerate(self._names) if name in self._selected)
        listed.highlighted = next(chosen, 0)
        listed.focus()

    @on(OptionList.OptionHighlighted)
    def _show_detail(self, event: OptionList.OptionHighlighted) -> None:
        self.query_one("#detail", Static).update(self._models[self._names[event.option_index]])

    @on(OptionList.OptionSelected)
    def _take_clicked(self, event: OptionList.OptionSelected) -> None:
        self._toggle(event.option_index)

    def action_toggle_model(self) -> None:
        """Select the highlighted line, or deselect it."""
        index = self.query_one(OptionList).highlighted
        if index is not None:
            self._toggle(index)

    def _toggle(self, index: int) -> None:
        self._selected ^= {self._names[index]}
        line = self._line(self._names[index])
        self.query_one(OptionList).replace_option_prompt_at_index(index, line)
        self.tell_problem("")

    def accept(self) -> None:
        """Answer with the chosen models, or report that there are none."""
        if self._selected:
            self.answer(tuple(name for name in self._names if name in self._selected))
        else:
            self.tell_problem("Select at least one.")

    def _line(self, name: str) -> Content:
        """Return box, name and description in columns."""
        box = "[x] " if name in self._selected else "[ ] "
        width = max(map(width_of, self._names))
        return Content.assemble(box, f"{padded(name, width)}  ", (self._models[name], "dim"))
