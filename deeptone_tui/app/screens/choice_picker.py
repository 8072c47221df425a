"""The dialog that asks for one or many items of a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from deeptone_tui.app.presenters.wording import padded, width_of
from deeptone_tui.app.screens.dialog import Dialog

_SHORT_CHARS = 36
"""Characters of detail that always fit into a line; longer ones are shown in full below."""


@dataclass(frozen=True, slots=True)
class PickerItem:
    """One item of the list."""

    value: str
    """The dialog's answer for the item."""
    label: str
    """Name on the screen."""
    detail: str = ""
    """Description in one line."""
    enabled: bool = True
    """True if the item can be chosen now."""


class ChoicePicker(Dialog[tuple[str, ...]]):
    """A dialog that asks for one of several items, or with ``many`` for at least one.

    It answers with the values in the order of the choices.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "accept", "Accept", key_display="enter", priority=True),
        Binding("space", "mark", "Mark", tooltip="Mark the line, or take its mark away"),
    ]

    DEFAULT_CSS = """
    ChoicePicker {
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
        self,
        title: str,
        choices: Sequence[PickerItem],
        *,
        many: bool = False,
        selected: Sequence[str] = (),
        under_way: str = "",
    ) -> None:
        """Offer choices.

        Args:
            title: the question.
            choices: the items, in the order shown.
            many: True if more than one may be chosen.
            selected: values that are chosen at first.
            under_way: the pending change, in words; may be empty.
        """
        super().__init__()
        self.under_way = under_way
        self.heading = title
        self._choices = tuple(choices)
        self._many = many
        self._marked = set(selected) & {item.value for item in choices}
        """Values that are chosen; with one to choose, the value that is highlighted at first."""

    def compose_body(self) -> ComposeResult:
        """Compose the list, and the full detail of the highlighted line."""
        yield OptionList(
            *(Option(self._line(item), disabled=not item.enabled) for item in self._choices),
            compact=True,
        )
        if any(len(item.detail) > _SHORT_CHARS for item in self._choices):
            yield Static("", id="detail", classes="hint", markup=False)

    def on_mount(self) -> None:
        """Highlight the first chosen line."""
        chosen = (i for i, item in enumerate(self._choices) if item.value in self._marked)
        listed = self.query_one(OptionList)
        listed.highlighted = next(chosen, 0) if self._choices else None
        listed.focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return False for marking unless many can be chosen."""
        del parameters
        return self._many if action == "mark" else True

    @on(OptionList.OptionHighlighted)
    def _show_detail(self, event: OptionList.OptionHighlighted) -> None:
        for detail in self.query("#detail").results(Static):
            detail.update(self._choices[event.option_index].detail)

    @on(OptionList.OptionSelected)
    def _take_clicked(self, event: OptionList.OptionSelected) -> None:
        """Mark the clicked line if many can be chosen, or else answer with it."""
        if self._many:
            self._toggle(event.option_index)
        else:
            self.answer((self._choices[event.option_index].value,))

    def action_mark(self) -> None:
        """Mark the highlighted line, or remove its mark."""
        index = self.query_one(OptionList).highlighted
        if index is not None and self._choices[index].enabled:
            self._toggle(index)

    def _toggle(self, index: int) -> None:
        self._marked ^= {self._choices[index].value}
        line = self._line(self._choices[index])
        self.query_one(OptionList).replace_option_prompt_at_index(index, line)
        self.tell_problem("")

    def accept(self) -> None:
        """Answer with the chosen values, or report that there are none."""
        values = self._chosen()
        if values:
            self.answer(values)
        else:
            self.tell_problem("Mark at least one." if self._many else "This cannot be chosen now.")

    def _chosen(self) -> tuple[str, ...]:
        if self._many:
            return tuple(item.value for item in self._choices if item.value in self._marked)
        index = self.query_one(OptionList).highlighted
        if index is None or not self._choices[index].enabled:
            return ()
        return (self._choices[index].value,)

    def _line(self, choice: PickerItem) -> Content:
        """Return mark, label and detail in columns."""
        mark = ("[x] " if choice.value in self._marked else "[ ] ") if self._many else ""
        width = max(width_of(other.label) for other in self._choices)
        detail = (choice.detail, "dim")
        return Content.assemble(mark, f"{padded(choice.label, width)}  ", detail)
