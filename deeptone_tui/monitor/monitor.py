"""Monitor as the rest of the program sees it: a thread, a state, commands."""

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
    from deeptone_tui.session.timing import Timing

_log = logging.getLogger(__name__)

PUBLISH_EVERY_S = 1 / 30
"""Minimum interval between publications of the state, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """External dependencies of a monitor; tests substitute their own."""

    open_source: OpenSource = open_source
    """Constructs a source."""
    connect: "Connect | None" = None
    """Opens a connection; None for aiohttp's, which is imported when needed."""
    timing: "Timing | None" = None
    """Clock, sleep and random numbers; None for the system's."""
    publish_every_s: float = PUBLISH_EVERY_S
    """Minimum seconds between publications."""


class Monitor:
    """Owner of the pipeline's thread and event loop. All members may be used from any thread.

    Args:
        spec: the source to listen to.
        options: delivery options of the source.
        provider: the endpoint; closed when the monitor stops or switches to another.
        parameters: what to request of the endpoint. Audio is always sent at 16 kHz.
        on_update: called in the pipeline's thread after each new state; must return quickly.
        stream: False measures levels without any endpoint.
        link: options for unreliable networks.
        record: folder for a recording that begins with the first sample; None for none.
        playback: a recording to replay instead of the source.
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
        """Newest state."""
        return self._state

    def start(self) -> None:
        """Start listening and return at once. Has no effect if already started or stopped."""
        with self._lock:
            if self._thread is not None or self._stopping:
                return
            self._loop = asyncio.new_event_loop()
            # Before any command can be queued, or the first would find no pipeline yet.
            self._running = self._loop.create_task(self._monitor())
            # A daemon, so that a driver that hangs in C cannot keep the program from ending.
            self._thread = threading.Thread(target=self._run, name="monitor core", daemon=True)
            self._thread.start()
            early, self._early = self._early, []
        for command in early:
            self._post(command)

    def stop(self, timeout: float = 0.4) -> bool:
        """Stop the source, the connection, the endpoint and the thread.

        Args:
            timeout: maximum wait in seconds.

        Returns:
            True if everything ended in time.
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
        """Return the results since the last call, oldest first; dropped ones are in the counters.

        A state that is read afterwards counts all of them, and has the levels of their audio.
        """
        return self._entries.take()

    def apply(self, **changes: Unpack[Changes]) -> None:
        """Request changed parameters over a new connection; the others stay as they are.

        Raises:
            ParameterError: if a value is not allowed.
        """
        StreamParameters(**changes)  # validated here, where the caller gets the error
        self._post(lambda core: core.apply(**changes))

    def switch_source(self, spec: SourceSpec, options: SourceOptions | None = None) -> None:
        """Switch to another source; the options stay as they are if none are given."""
        with self._lock:
            self._wanted = Wanted(spec, options or self._wanted.options)
            wanted = self._wanted
        self._post(lambda core: core.switch_source(wanted.spec, wanted.options))

    def switch_provider(self, provider: TargetProvider) -> None:
        """Switch to another endpoint; the old one is closed once the new one has answered."""
        self._post(lambda core: core.switch_provider(provider))

    def shift(self, decibels: float) -> None:
        """Shift the preview by decibels, to measure as this endpoint does; 0 ends the shift."""
        self._post(lambda core: core.shift(decibels))

    def pause(self) -> None:
        """Pause a file or the demo; has no effect on live sources."""
        self._post(lambda core: core.pause())

    def resume(self) -> None:
        """Resume a paused source."""
        self._post(lambda core: core.resume())

    def seek(self, seconds: float) -> None:
        """Seek in a file or the demo; starts a new connection."""
        self._post(lambda core: core.seek(seconds))

    def reset_peaks(self) -> None:
        """Clear the clip lamp and reset the peak mark."""
        self._post(lambda core: core.reset_peaks())

    def record(self, parent: Path) -> None:
        """Record into a new folder inside ``parent``; ``state.recording`` reports the status."""
        self._post(lambda core: core.record(parent))

    def set_speed(self, speed: float) -> None:
        """Set the replay speed of a recording; has no effect on other sources."""
        self._post(lambda core: core.set_speed(speed))

    def stop_recording(self) -> None:
        """Finish the recording; its own thread writes the backlog."""
        self._post(lambda core: core.stop_recording())

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the source has ended and the last results are in, or nothing more can come.

        Args:
            timeout: seconds; None waits without limit.

        Returns:
            False if the timeout expired first.
        """
        return self._done.wait(timeout)

    def _post(self, command: "Callable[[Pipeline], None]") -> None:
        """Run a command in the pipeline's thread, now or once it has started."""
        with self._lock:
            if self._thread is None:
                self._early.append(command)
                return
        self._call(lambda: self._execute(command))

    def _execute(self, command: "Callable[[Pipeline], None]") -> None:
        """Run a command; called in the pipeline's thread."""
        if self._core is not None:
            self._core.carry_out(command)

    def _call(self, function: Callable[[], None]) -> None:
        """Schedule a function in the pipeline's thread, if that still runs."""
        try:
            if self._loop is not None:
                self._loop.call_soon_threadsafe(function)
        except RuntimeError:
            return  # the loop is closed: there is nothing left to command

    def _cancel(self) -> None:
        """Cancel the pipeline's task; called in its thread."""
        if self._running is not None:
            self._running.cancel()

    def _run(self) -> None:
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
        """Build the pipeline and run it."""
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
        """Set a new state, then release the results it counts; called in the pipeline's thread."""
        self._state = state
        self._entries.release()
        if self._on_update is None:
            return
        try:
            self._on_update()
        except Exception:  # noqa: BLE001  whatever the listener raises
            # A listener that fails, such as a closed screen, must not end the pipeline.
            _log.debug("nobody listens to updates any more", exc_info=True)
            self._on_update = None

    def _set_done(self, done: bool) -> None:
        """Set or clear the end of ``wait``; called in the pipeline's thread."""
        if done != self._done.is_set():
            (self._done.set if done else self._done.clear)()

    def _fail(self, words: str) -> None:
        """Publish that the pipeline has failed."""
        session = replace(self._state.session, phase=SessionPhase.REFUSED, message=words)
        revision = self._state.revision + 1
        self._publish(replace(self._state, session=session, revision=revision))


def _at_our_rate(parameters: StreamParameters) -> StreamParameters:
    """Return the parameters at 16 kHz: whatever the source's rate, it is resampled here."""
    return replace(parameters, sample_rate=SAMPLE_RATE_HZ)


def _wind_up(loop: asyncio.AbstractEventLoop) -> None:
    """Cancel the remaining tasks of a loop and close it."""
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.wait(left, timeout=0.05))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()
