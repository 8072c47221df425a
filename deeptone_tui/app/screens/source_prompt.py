"""The dialog that asks for the source of the audio."""

import asyncio
import os
from dataclasses import dataclass
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from deeptone_tui.app.screens.dialog import Dialog, accepting
from deeptone_tui.audio import SourceError, SourceKind, parse_source
from deeptone_tui.core.text import clean_name

LIMIT = 200
"""Maximum entries listed of one folder; more would only be scrolled past."""

_NAMED = (
    ("mic", "the default microphone"),
    ("demo", "a recording that comes with the program"),
    ("tcp://", "HOST:PORT that sends raw 16-bit mono PCM"),
)
"""Sources in the list besides files, with their descriptions."""


@dataclass(frozen=True, slots=True)
class Completions:
    """The entries of a folder that begin with the typed text."""

    paths: tuple[str, ...] = ()
    """As the user typed them (``~`` stays), folders first and with a trailing separator."""
    common: str = ""
    """Common prefix of all entries, at least as long as the typed text."""
    more: int = 0
    """Number of entries beyond those listed."""


def complete_path(typed: str, *, limit: int = LIMIT) -> Completions:
    """Return the entries of the folder that the text names so far.

    Hidden entries are listed once their dot is typed. A folder that cannot be read has none.
    """
    head, tail = os.path.split(typed)
    folder = os.path.expanduser(head) or os.curdir  # noqa: PTH111  keeps ~nobody as it is
    try:
        with os.scandir(folder) as entries:
            found = sorted(
                (not _is_folder(entry), entry.name.casefold(), entry.name)
                for entry in entries
                if entry.name.startswith(tail) and (tail or not entry.name.startswith("."))
            )
    except (OSError, ValueError):
        return Completions(common=typed)
    paths = [os.path.join(head, name) + "/" * (not file) for file, _, name in found]  # noqa: PTH118  text
    common = os.path.commonprefix(paths) or typed  # noqa: RUF071  characters are meant
    return Completions(tuple(paths[:limit]), common, max(len(paths) - limit, 0))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


class SourcePrompt(Dialog[str]):
    """A dialog that answers with a source in the command line's syntax, checked where possible.

    The list below the field follows the typed text: tab completes as a shell does, the down
    arrow focuses the list, enter opens a folder or takes the highlighted entry.
    """

    heading = "Source"
    BINDINGS: ClassVar[list[BindingType]] = [
        accepting("Use it"),
        Binding("tab", "complete", "Complete", priority=True),
        Binding("down", "enter_list", "List", show=False),
    ]
    DEFAULT_CSS = """
    SourcePrompt {
        OptionList { height: 9; margin-top: 1; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._offers: tuple[str, ...] = ()
        """Text that each line of the list would put into the field."""

    def compose_body(self) -> ComposeResult:
        """Compose the field and the list of completions."""
        yield Static("mic, demo, tcp://HOST:PORT or the path of a file", classes="hint")
        yield Input(id="source")
        yield OptionList(id="offers", compact=True)

    def on_mount(self) -> None:
        """Focus the field and list the first completions."""
        self.query_one(Input).focus()
        self._list_offers("")

    @on(Input.Changed)
    def _follow_typing(self, event: Input.Changed) -> None:
        self.forget_problem(event.input.value)
        self._list_offers(event.input.value)

    @work(group="completion", exclusive=True, exit_on_error=False)
    async def _list_offers(self, typed: str) -> None:
        """List the completions of the text; a slow folder must not delay the typing."""
        named, found = await _offers(typed)
        self._offers = (*named, *found.paths)
        offers = self.query_one(OptionList)
        offers.clear_options()
        offers.add_options(
            Option(Content.assemble(f"{name:<8}", (detail, "dim")))
            for name, detail in named.items()
        )
        offers.add_options(Option(Content(clean_name(path))) for path in found.paths)
        if found.more:
            offers.add_option(Option(f"… and {found.more} more: keep typing", disabled=True))

    def action_complete(self) -> None:
        """Extend the text by the common prefix of all completions."""
        self.after_typing(self._complete)

    @work(group="typing", exclusive=True, exit_on_error=False)
    async def _complete(self) -> None:
        field = self.query_one(Input)
        typed = field.value
        named, found = await _offers(typed)
        if field.value == typed:  # otherwise the user has typed on meanwhile
            shared = [*named, found.common] if found.paths else [*named]
            self._put(os.path.commonprefix(shared) or typed)  # noqa: RUF071  as above

    def action_enter_list(self) -> None:
        """Focus the list, unless it is empty."""
        if self._offers:
            offers = self.query_one(OptionList)
            offers.highlighted = offers.highlighted or 0
            offers.focus()

    @on(OptionList.OptionSelected)
    def _take_offer(self, event: OptionList.OptionSelected) -> None:
        self._choose(self._offers[event.option_index])

    def accept(self) -> None:
        """Answer with the highlighted completion, or with the typed text."""
        offers = self.query_one(OptionList)
        if offers.has_focus and offers.highlighted is not None:
            self._choose(self._offers[offers.highlighted])
        else:
            self._answer(self.query_one(Input).value)

    def _choose(self, offer: str) -> None:
        """Take a completion; a folder or a partial address only goes into the field."""
        if offer.endswith("/"):
            self._put(offer)
        else:
            self._answer(offer)

    def _put(self, text: str) -> None:
        field = self.query_one(Input)
        field.value = text
        field.cursor_position = len(text)
        field.focus()

    @work(group="check", exclusive=True, exit_on_error=False)
    async def _answer(self, typed: str) -> None:
        """Dismiss with the source, or report what is wrong with it."""
        try:
            text = await asyncio.to_thread(check_source, typed)
        except SourceError as error:
            self.tell_problem(str(error), typed)
        else:
            self.answer(text)


async def _offers(typed: str) -> tuple[dict[str, str], Completions]:
    """Return the named sources and the paths that begin with the typed text."""
    named = {name: detail for name, detail in _NAMED if name.startswith(typed)}
    if typed.casefold().startswith("tcp://"):
        return named, Completions()
    return named, await asyncio.to_thread(complete_path, typed)


def check_source(typed: str) -> str:
    """Check a source as far as possible without opening anything.

    Returns:
        The source in the command line's syntax, with ``~`` expanded.

    Raises:
        SourceError: with one line about what is wrong.
    """
    text = os.path.expanduser(typed.strip())  # noqa: PTH111  keeps ~nobody as it is
    spec = parse_source(text)
    if spec.kind is SourceKind.STDIN:
        raise SourceError("a pipe can only be given at the start: … | deeptone-tui -")
    if spec.kind is not SourceKind.FILE:
        return text
    if not os.path.exists(text):  # noqa: PTH110  text, and never an error for odd characters
        raise SourceError(f"there is no file {text}")
    if os.path.isdir(text):  # noqa: PTH112  as above
        raise SourceError(f"{text} is a folder")
    if not os.access(text, os.R_OK):
        raise SourceError(f"no permission to read {text}")
    return text
