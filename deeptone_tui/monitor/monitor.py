"""The monitor as the rest of the program sees it: a thread, a state, commands."""

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from deeptone_tui.audio import SourceOptions, SourceSpec, open_source
from deeptone_tui.core.errors import unforeseen
from deeptone_tui.monitor.buffer import BufferOptions
from deeptone_tui.monitor.capture import OpenSource, Wanted, info_of
from deeptone_tui.monitor.handover import Playback, ResultQueue
from deeptone_tui.monitor.state import (
    MonitorState,
    PlacedResult,
    SessionPhase,
    SessionStatus,
    SourceStatus,
)
from deeptone_tui.protocol import SAMPLE_RATE_HZ, Changes, StreamParameters
from deeptone_tui.session import TargetProvider

if TYPE_CHECKING:
    from deeptone_tui.monitor.pipeline import Pipeline
    from deeptone_tui.session.active_connection import Connect
    from deeptone_tui.session.retry import Timing

_log = logging.getLogger(__name__)

PUBLISH_EVERY_S = 1 / 30
"""Seconds between publications of the state at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What a monitor gets from outside; tests give it another."""

    open_source: OpenSource = open_source
    """Constructs a source."""
    connect: "Connect | None" = None
    """Opens a connection; None for that of aiohttp, which is loaded when it is needed."""
    timing: "Timing | None" = None
    """Clock, waiting and chance; None for those of the system."""
    publish_every_s: float = PUBLISH_EVERY_S
    """Seconds between publications at least."""


class Monitor:
    """Owns the core's thread and its event loop. Everything here may be called from any thread.

    Args:
        spec: the source to listen to.
        options: how it is delivered.
        provider: the endpoint to ask; closed when the monitor stops or takes another.
        parameters: what to ask for. Audio always goes out at 16 kHz.
        on_update: called in the core's thread after a new state is there; must be quick.
        stream: False measures levels without asking any endpoint.
        link: how bad links are borne.
        record: folder for a recording that begins with the first sample; None for none.
        playback: a recording that is shown again instead of the source.
        outside: clock, connections and sources.
    """

    def __init__(
        self,
        spec: SourceSpec,
        options: SourceOptions,
        provider: TargetProvider,
        parameters: StreamParameters,
        *,
        on_update: Callable[[], None] | None = None,
        stream: bool = True,
        link: BufferOptions | None = None,
        record: Path | None = None,
        playback: Playback | None = None,
        outside: Outside | None = None,
    ) -> None:
        self._wanted = Wanted(spec, options)
        self._provider = provider
        self._parameters = _at_our_rate(parameters)
        self._on_update = on_update
        self._stream = stream
        self._link = link or BufferOptions()
        self._record_from_start = record
        self._playback = playback
        self._outside = outside or Outside()
        self._state = MonitorState(
            source=SourceStatus(info_of(spec)),
            session=SessionStatus(
                label=provider.label, pending=self._parameters, provider=provider
            ),
        )
        if playback is not None:
            state, speed = self._state, playback.speed
            self._state = replace(state, session=playback.session, speed=speed)
        self._entries = ResultQueue()
        self._done = threading.Event()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._running: asyncio.Task[None] | None = None
        self._core: Pipeline | None = None
        self._early: list[Callable[[Pipeline], None]] = []
        self._lock = threading.Lock()
        self._stopping = False

    @property
    def state(self) -> MonitorState:
        """The newest state."""
        return self._state

    def start(self) -> None:
        """Begin to listen; returns at once. Works once."""
        with self._lock:
            if self._thread is not None or self._stopping:
                return
            self._loop = asyncio.new_event_loop()
            # Before any command can be queued, or the first would find no core yet.
            self._running = self._loop.create_task(self._monitor())
            # A daemon, so that a driver that hangs in C cannot keep the program from ending.
            self._thread = threading.Thread(target=self._run, name="monitor core", daemon=True)
            self._thread.start()
            early, self._early = self._early, []
        for command in early:
            self._post(command)

    def stop(self, timeout: float = 0.4) -> bool:
        """End everything: source, connection, endpoint, thread.

        Args:
            timeout: seconds to wait at most.

        Returns:
            Whether everything ended in time.
        """
        with self._lock:
            self._stopping = True
            thread = self._thread
        if thread is None:
            return True
        self._call(self._cancel)
        thread.join(timeout)
        return not thread.is_alive()

    def take_entries(self) -> list[PlacedResult]:
        """Results since the last call, oldest first; what was dropped is in the counters.

        A state that is read afterwards counts all of them, and has the levels of their audio.
        """
        return self._entries.take()

    def apply(self, **changes: Unpack[Changes]) -> None:
        """Ask the endpoint for something else, over a new connection, and for the rest as it is.

        Raises:
            ParameterError: when a value is not allowed.
        """
        StreamParameters(**changes)  # here, where somebody can be told
        self._post(lambda core: core.apply(**changes))

    def switch_source(self, spec: SourceSpec, options: SourceOptions | None = None) -> None:
        """Listen to another source; the options stay as they are where none are given."""
        with self._lock:
            self._wanted = Wanted(spec, options or self._wanted.options)
            wanted = self._wanted
        self._post(lambda core: core.switch_source(wanted.spec, wanted.options))

    def switch_provider(self, provider: TargetProvider) -> None:
        """Ask another endpoint; the old one is closed once the new one has answered."""
        self._post(lambda core: core.switch_provider(provider))

    def shift(self, decibels: float) -> None:
        """Shift the preview by decibels, to measure as this endpoint does; 0 ends it."""
        self._post(lambda core: core.shift(decibels))

    def pause(self) -> None:
        """Hold a file or the demo; nothing happens to live sources."""
        self._post(lambda core: core.pause())

    def resume(self) -> None:
        """Go on where it was held."""
        self._post(lambda core: core.resume())

    def seek(self, seconds: float) -> None:
        """Go on elsewhere in a file or the demo; begins a new connection."""
        self._post(lambda core: core.seek(seconds))

    def reset_peaks(self) -> None:
        """Put out the clip lamp and let the peak mark fall."""
        self._post(lambda core: core.reset_peaks())

    def record(self, parent: Path) -> None:
        """Record into a new folder within this one; what comes of it is in ``state.recording``."""
        self._post(lambda core: core.record(parent))

    def set_speed(self, speed: float) -> None:
        """Show a recording faster or slower; nothing happens to other sources."""
        self._post(lambda core: core.set_speed(speed))

    def stop_recording(self) -> None:
        """Finish the recording; what is in flight is written by its own thread."""
        self._post(lambda core: core.stop_recording())

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the source has ended and the last results are in, or nothing can help.

        Args:
            timeout: seconds; None waits as long as it takes.

        Returns:
            False when the time was up before.
        """
        return self._done.wait(timeout)

    def _post(self, command: "Callable[[Pipeline], None]") -> None:
        """Let the core do something, now or when it has started."""
        with self._lock:
            if self._thread is None:
                self._early.append(command)
                return
        self._call(lambda: self._execute(command))

    def _execute(self, command: "Callable[[Pipeline], None]") -> None:
        """A command, in the core's thread."""
        if self._core is not None:
            self._core.carry_out(command)

    def _call(self, function: Callable[[], None]) -> None:
        """Call a function in the core's thread, if that still runs."""
        try:
            if self._loop is not None:
                self._loop.call_soon_threadsafe(function)
        except RuntimeError:
            return  # the loop is closed: there is nothing left to command

    def _cancel(self) -> None:
        """End the core's task, in its thread."""
        if self._running is not None:
            self._running.cancel()

    def _run(self) -> None:
        """The thread."""
        assert self._loop is not None  # noqa: S101  set before the thread is started
        assert self._running is not None  # noqa: S101  the same
        loop = self._loop
        try:
            loop.run_until_complete(self._running)
        except asyncio.CancelledError:
            pass  # stopped
        except Exception as error:  # noqa: BLE001  a thread that dies unseen would look like silence
            self._fail(unforeseen(error, "monitor's core"))
        finally:
            _wind_up(loop)
            self._done.set()

    async def _monitor(self) -> None:
        """Build the core and run it."""
        # Imported here, after the first paint: the session is not needed before.
        from deeptone_tui.monitor.pipeline import Outlets, Pipeline  # noqa: PLC0415  see above
        from deeptone_tui.session.target import StreamRequest  # noqa: PLC0415  see above

        plan = StreamRequest(self._provider, self._parameters) if self._stream else None
        outlets = Outlets(publish=self._publish, entries=self._entries, done=self._set_done)
        with self._lock:
            wanted = self._wanted
        self._core = Pipeline(
            wanted,
            plan,
            outlets,
            open_source=self._outside.open_source,
            connect=self._outside.connect,
            timing=self._outside.timing,
            publish_every_s=self._outside.publish_every_s,
            link=self._link,
            playback=self._playback,
        )
        if self._record_from_start is not None:
            self._core.record(self._record_from_start)
        await self._core.run()

    def _publish(self, state: MonitorState) -> None:
        """A new state, and then the results that it counts, in the core's thread."""
        self._state = state
        self._entries.release()
        if self._on_update is None:
            return
        try:
            self._on_update()
        except Exception:  # noqa: BLE001  whatever the listener raises
            # A screen that has gone away must not take the core with it.
            _log.debug("nobody listens to updates any more", exc_info=True)
            self._on_update = None

    def _set_done(self, done: bool) -> None:
        """Whether waiting is over, in the core's thread."""
        if done != self._done.is_set():
            (self._done.set if done else self._done.clear)()

    def _fail(self, words: str) -> None:
        """Say that the core has failed."""
        session = replace(self._state.session, phase=SessionPhase.REFUSED, message=words)
        revision = self._state.revision + 1
        self._publish(replace(self._state, session=session, revision=revision))


def _at_our_rate(parameters: StreamParameters) -> StreamParameters:
    """Parameters for audio at 16 kHz: whatever the source's rate, it is resampled here."""
    return replace(parameters, sample_rate=SAMPLE_RATE_HZ)


def _wind_up(loop: asyncio.AbstractEventLoop) -> None:
    """End what is left in a loop, and the loop."""
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.wait(left, timeout=0.05))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()
