"""The dialog that asks for an input device, with a level beside each."""

import asyncio
import os
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from deeptone_tui.app.screens.device_table import (
    DeviceReading,
    DeviceTable,
    chosen_by,
    current_row,
    failed,
    turns,
)
from deeptone_tui.app.screens.dialog import Dialog, accepting
from deeptone_tui.audio import InputDevice, SourceError
from deeptone_tui.audio.devices import no_device_advice

_OTHER_SOURCES = "Everything but microphones works: 'o' opens the demo, a file or tcp://HOST:PORT."
_OVER_SSH = """\
You are logged in over SSH; your microphone is at your end. To send it, run there:
  arecord -q -t raw -f S16_LE -r 16000 -c 1 | nc -l 4711
  ssh -N -R 4711:localhost:4711 {user}{host}
Then press 'o' here and type tcp://localhost:4711"""

_OPEN_TIMEOUT_S = 3.0
"""Maximum seconds for opening a device and hearing a step."""
_PAUSE_S = 0.05
"""Seconds between two turns: five devices that refuse must not load the machine."""
_TURNS_OFF = 6
"""Turns for which a device is skipped after it could not be opened."""


def without_devices(problem: str, environ: Mapping[str, str]) -> str:
    """Return the reason why there is no microphone, and advice on how to go on.

    Args:
        problem: the line with the reason.
        environ: the environment, which reveals a login over SSH.
    """
    parts = [problem[:1].upper() + problem[1:], _OTHER_SOURCES]
    connection = environ.get("SSH_CONNECTION", "").split()
    if len(connection) > 2:  # noqa: PLR2004  client, its port, the address reached here
        user = environ.get("USER", "")
        parts.insert(1, _OVER_SSH.format(user=f"{user}@" * bool(user), host=connection[2]))
    return "\n\n".join(parts)


class DevicePicker(Dialog[str]):
    """A dialog that answers with the name by which a device is opened.

    One device at a time is opened for a fifth of a second, every second time the highlighted
    one, so that the levels are live and no device stays open.
    """

    heading = "Input device"
    BINDINGS: ClassVar[list[BindingType]] = [
        accepting("Use it"),
        Binding("r", "rescan", "Rescan", tooltip="List the devices again"),
    ]
    DEFAULT_CSS = """
    DevicePicker {
        #frame { width: 90; }
        #notice { height: auto; display: none; }
        #notice.-told { display: block; }
        #detail { height: 2; margin-top: 1; }
        #listed { height: auto; }
        #listed.-empty { display: none; }
    }
    """

    def __init__(
        self,
        current: str,
        scan: Callable[[], Awaitable[Sequence[InputDevice]]],
        probe: Callable[[str], Awaitable[float]],
        *,
        in_use: bool = True,
        current_level: Callable[[], float] | None = None,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        """Offer the devices.

        Args:
            current: name or choice of the device in use, or used last; may be empty.
            scan: lists the devices; raises SourceError if PortAudio is missing.
            probe: opens a device by name and returns the level heard, 0 to 1; raises SourceError
                if it cannot.
            in_use: True if the current device is the source now, not only used last.
            current_level: returns the level of the current device while the monitor captures it;
                it is then not opened a second time, which many systems refuse.
            environ: the environment, which reveals a login over SSH.
        """
        super().__init__()
        self._current = current
        self._scan = scan
        self._probe = probe
        self._mark = "● in use" if in_use else "● used last"
        self._current_level = current_level
        self._environ = environ
        self._rescan = asyncio.Event()

    def compose_body(self) -> ComposeResult:
        """Compose the notice, the table, and the details of the highlighted row."""
        yield Static("", id="notice", markup=False)
        with Vertical(id="listed"):
            yield DeviceTable(id="devices")
            yield Static("", id="detail", classes="hint", markup=False)

    def on_mount(self) -> None:
        """List the devices, and keep listening to them."""
        self._watch_devices()

    def on_resize(self) -> None:
        """Fit the table after the frame has its new width."""
        self.call_after_refresh(self._fit)

    def _fit(self) -> None:
        """Fit the table, unless the dialog has been dismissed before the refresh."""
        for body in self.query("#body"):
            self._table.fit(body.size.width)

    @property
    def _table(self) -> DeviceTable:
        return self.query_one(DeviceTable)

    @work(group="devices", exclusive=True, exit_on_error=False)
    async def _watch_devices(self) -> None:
        """List the devices and listen; begin again at each rescan."""
        while True:
            self._rescan.clear()
            devices = await self._list_devices()
            if devices:
                await self._listen(devices)
            else:
                await self._rescan.wait()

    async def _list_devices(self) -> Sequence[InputDevice]:
        self._say("Looking for devices …")
        try:
            devices = await self._scan()
        except SourceError as error:
            self._show(())
            self._say(without_devices(str(error), self._environ))
            return ()
        self._show(devices)
        if not devices:
            self._say(without_devices(no_device_advice(), self._environ))
        elif self._current and current_row(devices, self._current) is None:
            self._say(f'"{self._current}" is not connected.')
        else:
            self._say("")
        return devices

    async def _listen(self, devices: Sequence[InputDevice]) -> None:
        """Probe the devices in turn until a rescan is requested."""
        table = self._table
        resting: Counter[int] = Counter()
        for row in turns(len(devices), lambda: table.cursor_row):
            if self._rescan.is_set():
                return
            if resting[row]:
                resting[row] -= 1
            else:
                reading = await self._read(devices[row], current=row == table.current)
                resting[row] = 0 if reading.level is not None else _TURNS_OFF
                table.show_reading(row, reading)
                self._show_detail()
            await asyncio.sleep(_PAUSE_S)

    async def _read(self, device: InputDevice, *, current: bool) -> DeviceReading:
        if current and self._current_level is not None:
            return DeviceReading(self._current_level())
        try:
            return DeviceReading(
                await asyncio.wait_for(self._probe(chosen_by(device)), _OPEN_TIMEOUT_S)
            )
        except SourceError as error:
            return failed(error)
        except TimeoutError:
            return DeviceReading(word="no answer", message=f"no audio for {_OPEN_TIMEOUT_S:.0f} s")

    def _show(self, devices: Sequence[InputDevice]) -> None:
        table = self._table
        self.query_one("#listed").set_class(not devices, "-empty")
        table.show_devices(devices, self._current)
        table.focus()
        self.refresh_bindings()
        self._fit()
        self._show_detail()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return False for accepting while no device is listed, or the table is not there."""
        del parameters
        return action != "accept" or any(table.device for table in self.query(DeviceTable))

    def _say(self, text: str) -> None:
        notice = self.query_one("#notice", Static)
        notice.update(text)
        notice.set_class(bool(text), "-told")

    @on(DeviceTable.RowHighlighted)
    def _show_detail(self) -> None:
        table = self._table
        mark = self._mark if table.cursor_row == table.current else ""
        text = describe(table.device, table.reading, mark) if table.device else ""
        detail = self.query_one("#detail", Static)
        if detail.content != text:  # an update triggers a layout, and comes ten times a second
            detail.update(text)

    @on(DeviceTable.RowSelected)
    def accept(self) -> None:
        """Answer with the highlighted device."""
        if device := self._table.device:
            self.answer(chosen_by(device))

    def action_rescan(self) -> None:
        """List the devices again after the current turn."""
        self._rescan.set()


def describe(device: InputDevice, reading: DeviceReading, mark: str = "") -> str:
    """Return why a device cannot be heard, or else its description and the meaning of its mark."""
    if reading.message:
        return f"{reading.word}: {reading.message}"
    words = [device.name, device.host_api, f"{device.channels} ch", f"{device.rate} Hz"]
    return " · ".join([*words, *["default"] * device.default, *[mark] * bool(mark)])
