"""The table of input devices, fitted to its width, with a level in each row."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from rich.style import Style
from rich.text import Text
from textual.coordinate import Coordinate
from textual.events import Click
from textual.geometry import Region
from textual.widgets import DataTable

from deeptone_tui.app.presenters.wording import fitted
from deeptone_tui.app.widgets.geometry import EIGHTHS, LEFT, Scale
from deeptone_tui.audio import InputDevice, SourceError
from deeptone_tui.protocol.units import format_dbfs

_WORDS = (
    ("in use", "busy"),
    ("busy", "busy"),
    ("may not be used", "denied"),
    ("denied", "denied"),
    ("there is no input device", "unheard"),
    ("no audio", "no audio"),
    ("not answered", "no answer"),
    ("does not answer", "gone"),
    ("unplugged", "gone"),
    ("lost", "gone"),
)
"""Text in an error line, and the word shown for it; the first match counts."""
_UNHEARD = "plugged in after capture began, or gone: use it to hear it, or rescan"
"""The message for a device that cannot be opened: one that is plugged in while another is
captured cannot be opened beside it."""

_LEVEL_COLUMN = 5
_PADDING_CELLS = 2
"""Cells of padding of each column, in addition to its width."""


@dataclass(frozen=True, slots=True)
class DeviceReading:
    """The newest reading of a device: a level, or the reason why there is none."""

    level: float | None = None
    """RMS of a step, 0 to 1."""
    word: str = "…"
    """Shown instead of a level."""
    message: str = ""
    """The full reason, for the highlighted device."""


def failed(error: SourceError) -> DeviceReading:
    """Return the reading of a device that could not be opened: a word and a line."""
    line = str(error)
    word = next((word for sign, word in _WORDS if sign in line.lower()), "failed")
    return DeviceReading(word=word, message=_UNHEARD if word == "unheard" else line)


def bar(level: float, width: int) -> str:
    """Return a level over −60…0 dBFS as a bar in eighths of a cell, exactly ``width`` cells."""
    whole, part = divmod(int(Scale(width).position(level) * EIGHTHS), EIGHTHS)
    return f"{LEFT[EIGHTHS] * whole + LEFT[part] * bool(part):<{width}}"


def level_cell(reading: DeviceReading, width: int, style: Style) -> Text:
    """Return bar and decibels in ``width`` cells, or the word for the missing level.

    A level of exactly zero is not a quiet room but a muted input, and is shown as ``muted``.
    """
    if reading.level is None or reading.level <= 0.0:
        word = reading.word if reading.level is None else "muted"
        return Text(word[:width])
    number = format_dbfs(reading.level).removesuffix(" dBFS")
    length = width - 7
    return Text.assemble((bar(reading.level, length), style), f" {number:>6}")


def turns(count: int, favoured: Callable[[], int]) -> Iterator[int]:
    """Yield rows in turn, forever; every second turn goes to the favoured (highlighted) row."""
    others = 0
    while True:
        yield min(max(favoured(), 0), count - 1)
        if count > 1:
            others = (others + 1) % count
            yield others


@dataclass(frozen=True, slots=True)
class Widths:
    """Widths of the columns in cells, without padding."""

    name: int
    host_api: int
    level: int
    mark: int = 1
    channels: int = 2
    rate: int = 4

    @classmethod
    def within(cls, total: int) -> "Widths":
        """Return the widths that fill ``total`` cells, padding included; never below a minimum."""
        level = 17 if total >= 70 else 13  # noqa: PLR2004  where a bar of ten cells still fits
        rest = total - 6 * _PADDING_CELLS - 1 - 2 - 4 - level
        host_api = min(max(rest // 4, 5), 14)
        return cls(name=max(rest - host_api, 10), host_api=host_api, level=level)


class DeviceTable(DataTable[Text]):
    """A table with one row per device; only the cells of levels change while it is shown."""

    COMPONENT_CLASSES = DataTable.COMPONENT_CLASSES | {"device-table--bar", "device-table--note"}

    DEFAULT_CSS = """
    DeviceTable {
        height: auto;
        max-height: 55vh;
        scrollbar-size-vertical: 1;
        background: $surface;
        .device-table--bar { color: $success; }
        .device-table--note { color: $text-muted; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's own name
        super().__init__(id=id, cursor_type="row", zebra_stripes=False)
        self._devices: tuple[InputDevice, ...] = ()
        self.current: int | None = None
        """Row of the device in use, or used last."""
        self._readings: list[DeviceReading] = []
        self._clicked: int | None = None
        self._widths = Widths.within(70)

    _drawing_cell = False
    """True while one cell is being updated."""

    @property
    def device(self) -> InputDevice | None:
        """The highlighted device."""
        return self._devices[self.cursor_row] if self._devices else None

    @property
    def reading(self) -> DeviceReading:
        """The reading of the highlighted device."""
        return self._readings[self.cursor_row] if self._devices else DeviceReading()

    def show_devices(self, devices: Sequence[InputDevice], current: str) -> None:
        """Replace all rows, and move the cursor to the current device, or to the default one."""
        self._devices, self.current = tuple(devices), current_row(devices, current)
        self._clicked = None
        self._readings = [DeviceReading()] * len(devices)
        default = next((row for row, device in enumerate(devices) if device.default), 0)
        self._fill(default if self.current is None else self.current)

    def show_reading(self, row: int, reading: DeviceReading) -> None:
        """Show the reading of a device, and refresh only its cell."""
        self._readings[row] = reading
        place, cell = Coordinate(row, _LEVEL_COLUMN), self._level_cell(reading)
        if self.get_cell_at(place) != cell:
            self._drawing_cell = True
            self.update_cell_at(place, cell)
            self._drawing_cell = False
            self.refresh_coordinate(place)

    def refresh(
        self,
        *regions: Region,
        repaint: bool = True,
        layout: bool = False,
        recompose: bool = False,
    ) -> Self:
        """Refresh as usual, except that an update of one cell does not redraw the whole table.

        Over a slow link that is the difference between a few hundred bytes and some kilobytes,
        ten times a second.
        """
        if self._drawing_cell and not regions and not layout:
            return self
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def on_click(self, event: Click) -> None:
        """Select the row at a second click anywhere in it: Textual requires the same cell."""
        row, column = event.style.meta.get("row"), event.style.meta.get("column")
        if row is not None and row == self._clicked == self.cursor_row:
            self.move_cursor(column=column)
        self._clicked = row

    def fit(self, total: int) -> None:
        """Fit the columns to the available width."""
        widths = Widths.within(total)
        if widths != self._widths:
            self._widths = widths
            self._fill(self.cursor_row)

    def _fill(self, row: int) -> None:
        widths = self._widths
        self.clear(columns=True)
        for label, width in (
            ("", widths.mark),
            ("Name", widths.name),
            ("API", widths.host_api),
            ("Ch", widths.channels),
            ("kHz", widths.rate),
            ("Level, dBFS", widths.level),
        ):
            self.add_column(label[:width], width=width)
        for index, device in enumerate(self._devices):
            self.add_row(*self._cells(index, device))
        self.move_cursor(row=row)

    def _cells(self, row: int, device: InputDevice) -> tuple[Text, ...]:
        widths = self._widths
        return (
            Text("●" if row == self.current else ""),
            self._name_cell(device),
            Text(fitted(device.host_api, widths.host_api)),
            Text(f"{device.channels:>{widths.channels}}"),
            Text(f"{device.rate / 1000:>{widths.rate}.4g}"),
            self._level_cell(self._readings[row]),
        )

    def _name_cell(self, device: InputDevice) -> Text:
        if not device.default:
            return Text(fitted(device.name, self._widths.name))
        name = fitted(device.name, self._widths.name - len(" default"))
        return Text.assemble(name, (" default", self._style("device-table--note")))

    def _level_cell(self, reading: DeviceReading) -> Text:
        return level_cell(reading, self._widths.level, self._style("device-table--bar"))

    def _style(self, name: str) -> Style:
        """Return only a component's foreground, so that the cursor's background shows through."""
        return Style(color=self.get_component_rich_style(name).color)


def chosen_by(device: InputDevice) -> str:
    """Return the name by which a device is opened: its own, unless two devices share it."""
    return device.choice or device.name


def current_row(devices: Sequence[InputDevice], current: str) -> int | None:
    """Return the row of the current device; None if it is not listed, or none is current."""
    for names in ([chosen_by(device) for device in devices], [device.name for device in devices]):
        if current in names:
            return names.index(current)
    return None
