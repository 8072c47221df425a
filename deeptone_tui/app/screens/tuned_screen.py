"""The dialog that exports the tuned settings: copied, saved, or written as a profile."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from deeptone_tui.app.presenters.exports import Form
from deeptone_tui.app.screens.dialog import Dialog

_ROOMY_ROWS = 24
"""Minimum rows for blank lines around the list."""

Act = Callable[[Form], Coroutine[Any, Any, None]]
"""An action on a form, which reports its own outcome."""


class TunedScreen(Dialog[None]):
    """A dialog that shows one form at a time, and stays open so that several can be taken."""

    heading = "Export the tuned settings"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,x,q", "leave", "Close", key_display="esc"),
        Binding("c,enter", "copy", "Copy", key_display="c", priority=True),
        Binding("p", "write_profile", "Profile", tooltip="Write the profile"),
        Binding("s", "save", "Save", tooltip="Save the form to a file"),
        Binding("down", "step(1)", "Next", key_display="↑↓", priority=True),
        Binding("up", "step(-1)", "Previous form", show=False, priority=True),
        Binding("pagedown,space", "page(1)", "Text down", show=False, priority=True),
        Binding("pageup", "page(-1)", "Text up", show=False, priority=True),
        *(Binding(str(n), f"show({n - 1})", f"Form {n}", show=False) for n in range(1, 7)),
    ]
    DEFAULT_CSS = """
    TunedScreen {
        #frame { width: 110; height: 100%; max-height: 26; }
        #body { height: 1fr; }
        #problem { margin-top: 0; }
        #settings { height: auto; }
        #pending { height: auto; color: $text-warning; display: none; }
        #pending.-told { display: block; }
        OptionList { height: auto; margin: 1 0; }
        &.-low OptionList { margin: 0; }
        VerticalScroll {
            height: 1fr;
            padding: 0 1;
            background: $foreground 10%;
            scrollbar-size-vertical: 1;
        }
        #note { margin-top: 1; }
    }
    """

    def __init__(
        self,
        settings: str,
        forms: Sequence[Form],
        *,
        copy: Act,
        save: Act,
        write_profile: Callable[[], Coroutine[Any, Any, None]],
        pending: str = "",
    ) -> None:
        """Show the forms.

        Args:
            settings: the tuned settings, in words and units.
            forms: the forms to offer; number keys show the first six.
            copy: copies a form.
            save: saves a form to a file.
            write_profile: writes the profile.
            pending: sentences on what is not in force yet; may be empty.
        """
        super().__init__()
        self._settings = settings
        self._forms = tuple(forms)
        self._copy, self._save, self._write_profile = copy, save, write_profile
        self._pending = pending

    def compose_body(self) -> ComposeResult:
        """Compose the tuned settings, the list, and the highlighted form."""
        yield Static(self._settings, id="settings", markup=False)
        yield Static(self._pending, id="pending", markup=False).set_class(
            bool(self._pending), "-told"
        )
        yield OptionList(
            *(Option(self._line(index)) for index in range(len(self._forms))), compact=True
        )
        with VerticalScroll(can_focus=False):
            yield Static("", id="text", markup=False)
            yield Static("", id="note", classes="hint", markup=False)

    def on_resize(self, event: events.Resize) -> None:
        """Remove the blank lines on a low screen, to leave the rows to the text."""
        self.set_class(event.size.height < _ROOMY_ROWS, "-low")

    def _line(self, index: int) -> Content:
        form = self._forms[index]
        width = max(len(each.name) for each in self._forms)
        return Content.assemble(f"{index + 1}  {form.name:<{width}}  ", (form.detail, "dim"))

    def on_mount(self) -> None:
        """Highlight the first form."""
        listed = self.query_one(OptionList)
        listed.highlighted = 0
        listed.focus()

    @property
    def form(self) -> Form:
        """The form that is shown."""
        return self._forms[self.query_one(OptionList).highlighted or 0]

    @on(OptionList.OptionHighlighted)
    def _show_form(self) -> None:
        self.query_one("#text", Static).update(self.form.text)
        self.query_one("#note", Static).update(self.form.note)
        self.query_one(VerticalScroll).scroll_home(animate=False)

    def action_step(self, forms: int) -> None:
        """Show the next form, or the one before."""
        listed = self.query_one(OptionList)
        listed.highlighted = ((listed.highlighted or 0) + forms) % len(self._forms)

    def action_show(self, index: int) -> None:
        """Show a form by its index."""
        if index < len(self._forms):
            self.query_one(OptionList).highlighted = index

    def action_page(self, pages: int) -> None:
        """Scroll a form that is longer than its area, by pages that share one line."""
        view = self.query_one(VerticalScroll)
        view.scroll_relative(y=pages * max(view.size.height - 1, 1), animate=False)

    def action_copy(self) -> None:
        """Copy the form."""
        self._act(self._copy(self.form))

    def action_save(self) -> None:
        """Save the form to a file."""
        self._act(self._save(self.form))

    def action_write_profile(self) -> None:
        """Write the profile into the configuration."""
        self._act(self._write_profile())

    def _act(self, work: Coroutine[Any, Any, None]) -> None:
        """Run an action as a worker of the app; its dialogs appear over this screen."""
        self.app.run_worker(work, group="dialog")
