"""A few alternatives, of which one is always chosen."""

from collections.abc import Sequence

from textual import on
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option


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
