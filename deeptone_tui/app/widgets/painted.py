"""The base classes of the main screen's widgets: cached strips, rows and dragging."""

from abc import abstractmethod
from collections.abc import Iterable
from itertools import groupby

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.color import Color
from textual.containers import Horizontal
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from deeptone_tui.app.presenters.palette import Palette
from deeptone_tui.app.view import View
from deeptone_tui.core.redaction import for_people

Part = tuple[str, str | Style]
"""Text and its tone or style."""

_NO_BACKGROUND = Color(0, 0, 0)
"""The background passed to line filters, as the real one is unknown."""


class StripWidget(Widget, can_focus=False):
    """A widget that caches its strips and refreshes only those that change.

    Subclasses implement `paint`, which draws everything, and `content_key`, without which each
    view is drawn. A state that changes nothing costs no more than the comparison of two keys.
    """

    ALLOW_SELECT = False

    def __init__(self, palette: Palette) -> None:
        super().__init__()
        self.palette = palette
        self.view = View()
        """The view that was presented last."""
        self._drawn: object = None
        """The key of what is drawn; None if everything has to be drawn again."""
        self._lines: dict[int, Strip] = {}

    def present(self, view: View) -> None:
        """Show another view; a hidden widget is drawn when it is shown again, which resizes it."""
        self.view = view
        key = self.content_key()
        if key != self._drawn and all(self.outer_size):
            self._drawn = key
            self.paint()

    def content_key(self) -> object:
        """Return what the drawing depends on, besides size and theme; never None."""
        return object()

    def paint(self) -> None:
        """Draw the lines of the view."""
        raise NotImplementedError

    def repaint(self) -> None:
        """Redraw everything, whatever was drawn before: the size or the theme has changed."""
        self._lines.clear()
        self._drawn = None
        self.present(self.view)
        self.refresh()

    def on_resize(self) -> None:
        """Redraw in the new size."""
        self.repaint()

    def put(self, y: int, parts: Iterable[Part]) -> None:
        """Replace a line by parts, from the left; the rest is blank."""
        self.put_strip(y, self.strip(parts))

    def strip(self, parts: Iterable[Part]) -> Strip:
        """Return a strip of the widget's width made of parts."""
        palette, width = self.palette, self.outer_size.width
        segments = [
            Segment(for_people(text), palette[tone] if isinstance(tone, str) else tone)
            for text, tone in parts
            if text
        ]
        length = sum(cell_len(segment.text) for segment in segments)
        if length < width:
            segments.append(Segment(" " * (width - length), palette["text"]))
        strip = Strip(segments, max(length, width))
        if length > width:
            strip = strip.crop(0, width)
        for line_filter in palette.filters:
            strip = strip.apply_filter(line_filter, _NO_BACKGROUND)
        return strip

    def put_strip(self, y: int, strip: Strip) -> None:
        """Replace a line by a strip of the widget's width."""
        if self._lines.get(y) != strip:
            self._lines[y] = strip
            self.refresh(Region(0, y, self.outer_size.width, 1))

    def put_cells(self, y: int, cells: Iterable[Part]) -> None:
        """Replace a line by single characters; neighbours of one style are joined."""
        runs = groupby(cells, lambda cell: cell[1])
        self.put(y, (("".join(text for text, _ in run), style) for style, run in runs))

    def render_line(self, y: int) -> Strip:
        """Return the line as it was drawn last."""
        strip = self._lines.get(y)
        return (
            strip if strip is not None else Strip.blank(self.outer_size.width, self.palette["text"])
        )

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the lines of a region, as they are.

        Textual asks every visible widget for its lines in every frame, whatever changed. Its own
        implementation handles borders, padding and tints, which no widget here has, and would be
        the largest cost of a frame.
        """
        lines = [self.render_line(y) for y in crop.line_range]
        if crop.column_span == (0, self.outer_size.width):
            return lines
        return [line.crop(crop.x, crop.right) for line in lines]


class Row(Horizontal):
    """A row of widgets that cover it completely: it draws nothing itself."""

    BLANK = True


class ThresholdDragged(Message):
    """The mouse moved the threshold under the cursor."""

    def __init__(self, level: float) -> None:
        super().__init__()
        self.level = level
        """The new threshold, 0 to 1."""

    def can_replace(self, message: Message) -> bool:
        """Return True for another drag: only the newest threshold matters."""
        return isinstance(message, ThresholdDragged)


class Draggable(StripWidget):
    """A widget on which the mouse drags the threshold while the button is down."""

    @abstractmethod
    def level_under(self, event: events.MouseEvent) -> float:
        """Return the threshold for the mouse position: an amplitude from 0 to 1."""

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Capture the mouse, and move the threshold to it."""
        if event.button == 1:
            self.capture_mouse()
            self.post_message(ThresholdDragged(self.level_under(event)))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Drag the threshold while the button is down."""
        if self.app.mouse_captured is self:
            self.post_message(ThresholdDragged(self.level_under(event)))

    def on_mouse_up(self) -> None:
        """Release the mouse."""
        self.release_mouse()
