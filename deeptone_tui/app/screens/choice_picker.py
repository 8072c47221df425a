"""A list to choose one or many from."""

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
"""Characters of detail that always fit into a line; longer ones are shown whole below."""


@dataclass(frozen=True, slots=True)
class PickerItem:
    """One thing to choose."""

    value: str
    """What the dialog answers with."""
    label: str
    """How it is called on the screen."""
    detail: str = ""
    """What it is, in a line."""
    enabled: bool = True
    """Whether it can be chosen now."""


class ChoicePicker(Dialog[tuple[str, ...]]):
    """Choose one of several, or with ``many`` any number but none.

    Answers with the values in the order of the choices.
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
            choices: what there is, in the order shown.
            many: whether more than one may be chosen.
            selected: values that are chosen now.
            under_way: what is being tried now, in words; may be empty.
        """
        super().__init__()
        self.under_way = under_way
        self.heading = title
        self._choices = tuple(choices)
        self._many = many
        self._marked = set(selected) & {item.value for item in choices}
        """Values that are chosen, where many can be."""

    def compose_body(self) -> ComposeResult:
        """The list, and the whole detail of the line that is highlighted."""
        yield OptionList(
            *(Option(self._line(item), disabled=not item.enabled) for item in self._choices),
            compact=True,
        )
        if any(len(item.detail) > _SHORT_CHARS for item in self._choices):
            yield Static("", id="detail", classes="hint", markup=False)

    def on_mount(self) -> None:
        """Begin at the first line that is chosen."""
        chosen = (i for i, item in enumerate(self._choices) if item.value in self._marked)
        listed = self.query_one(OptionList)
        listed.highlighted = next(chosen, 0) if self._choices else None
        listed.focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Marking belongs to lists in which many can be chosen."""
        del parameters
        return self._many if action == "mark" else True

    @on(OptionList.OptionHighlighted)
    def _show_detail(self, event: OptionList.OptionHighlighted) -> None:
        for detail in self.query("#detail").results(Static):
            detail.update(self._choices[event.option_index].detail)

    @on(OptionList.OptionSelected)
    def _take_clicked(self, event: OptionList.OptionSelected) -> None:
        """A click marks one of many, and is the whole answer where there is only one."""
        if self._many:
            self._toggle(event.option_index)
        else:
            self.answer((self._choices[event.option_index].value,))

    def action_mark(self) -> None:
        """Mark the highlighted line, or take its mark away."""
        index = self.query_one(OptionList).highlighted
        if index is not None and self._choices[index].enabled:
            self._toggle(index)

    def _toggle(self, index: int) -> None:
        self._marked ^= {self._choices[index].value}
        line = self._line(self._choices[index])
        self.query_one(OptionList).replace_option_prompt_at_index(index, line)
        self.tell_problem("")

    def accept(self) -> None:
        """Answer with what is chosen."""
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
        """Mark, label and detail in columns."""
        mark = ("[x] " if choice.value in self._marked else "[ ] ") if self._many else ""
        width = max(width_of(other.label) for other in self._choices)
        detail = (choice.detail, "dim")
        return Content.assemble(mark, f"{padded(choice.label, width)}  ", detail)
