"""Monitor as the rest of the program sees it: a thread, a state, commands."""

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from deeptone_tui.audio import SourceOptions, SourceSpec
from deeptone_tui.core.text import unforeseen
from deeptone_tui.monitor.handover import (
    BufferOptions,
    Outside,
    Playback,
    ResultQueue,
    Wanted,
    info_of,
)
from deeptone_tui.monitor.state import (
    MonitorState,
    PlacedResult,
    SessionPhase,
    SessionStatus,
    SourcePhase,
    SourceStatus,
)
from deeptone_tui.protocol import SAMPLE_RATE_HZ, Changes, StreamParameters
from deeptone_tui.session import TargetProvider
from deeptone_tui.session.target import StreamRequest

if TYPE_CHECKING:
    from deeptone_tui.monitor.pipeline import Pipeline

_log = logging.getLogger(__name__)


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
        # Whatever the source's rate, it is resampled here.
        parameters = replace(parameters, sample_rate=SAMPLE_RATE_HZ)
        self._plan = StreamRequest(provider, parameters) if stream else None
        self._on_update = on_update
        self._link = link or BufferOptions()
        self._record_from_start = record
        self._playback = playback
        self._outside = outside or Outside()
        self._state = MonitorState(
            source=SourceStatus(info_of(spec)),
            session=SessionStatus(label=provider.label, pending=parameters, provider=provider),
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
            thread, running = self._thread, self._running
        if thread is None or running is None:
            return True
        self._call(running.cancel)
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
        self._post(lambda core: core.request(**changes))

    def switch_source(self, spec: SourceSpec, options: SourceOptions | None = None) -> None:
        """Switch to another source; the options stay as they are if none are given."""
        with self._lock:
            self._wanted = Wanted(spec, options or self._wanted.options)
            wanted = self._wanted
        self._post(lambda core: core.capture.switch(wanted))

    def switch_provider(self, provider: TargetProvider) -> None:
        """Switch to another endpoint; the old one is closed once the new one has answered."""
        self._post(lambda core: core.request(provider))

    def shift(self, decibels: float) -> None:
        """Shift the preview by decibels, to measure as this endpoint does; 0 ends the shift."""
        self._post(lambda core: core.evaluation.shift(decibels))

    def pause(self) -> None:
        """Pause a file or the demo; has no effect on live sources."""
        self._post(lambda core: core.capture.pause())

    def resume(self) -> None:
        """Resume a paused source."""
        self._post(lambda core: core.capture.resume())

    def seek(self, seconds: float) -> None:
        """Seek in a file or the demo; starts a new connection."""
        self._post(lambda core: core.seek(seconds))

    def reset_peaks(self) -> None:
        """Clear the clip lamp and reset the peak mark."""
        self._post(lambda core: core.metering.reset_peaks())

    def record(self, parent: Path) -> None:
        """Record into a new folder inside ``parent``; ``state.recording`` reports the status."""
        self._post(lambda core: core.tape.begin(parent))

    def set_speed(self, speed: float) -> None:
        """Set the replay speed of a recording; has no effect on other sources."""
        if (playback := self._playback) is not None:
            self._post(lambda _core: playback.set_speed(speed))

    def stop_recording(self) -> None:
        """Finish the recording; its own thread writes the backlog."""
        self._post(lambda core: core.tape.end())

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

    def _call(self, function: Callable[[], object]) -> None:
        """Schedule a function in the pipeline's thread, if that still runs."""
        try:
            if self._loop is not None:
                self._loop.call_soon_threadsafe(function)
        except RuntimeError:
            return  # the loop is closed: there is nothing left to command

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
        from deeptone_tui.monitor.pipeline import Pipeline  # noqa: PLC0415  see above

        with self._lock:
            wanted = self._wanted
        self._core = Pipeline(
            wanted,
            self._plan,
            publish=self._publish,
            entries=self._entries,
            outside=self._outside,
            link=self._link,
            playback=self._playback,
        )
        if (parent := self._record_from_start) is not None:
            self._core.carry_out(lambda core: core.tape.begin(parent))
        await self._core.run()

    def _publish(self, state: MonitorState) -> None:
        """Set a new state, then release the results it counts; called in the pipeline's thread."""
        self._state = state
        self._entries.release()
        try:
            if self._on_update is not None:
                self._on_update()
        except Exception:  # noqa: BLE001  whatever the listener raises
            # A listener that fails, such as a closed screen, must not end the pipeline.
            _log.debug("nobody listens to updates any more", exc_info=True)
            self._on_update = None
        if is_done(state, streaming=self._plan is not None):
            self._done.set()
        else:
            self._done.clear()

    def _fail(self, words: str) -> None:
        """Publish that the pipeline has failed."""
        session = replace(self._state.session, phase=SessionPhase.REFUSED, message=words)
        revision = self._state.revision + 1
        self._publish(replace(self._state, session=session, revision=revision))


def is_done(state: MonitorState, *, streaming: bool) -> bool:
    """Return True if nothing more will come without a command.

    Args:
        state: the newest state.
        streaming: True if an endpoint is used at all.
    """
    if state.session.phase is SessionPhase.REFUSED:
        return True
    if state.source.phase not in (SourcePhase.ENDED, SourcePhase.FAILED):
        return False
    unheard = state.source.phase is SourcePhase.FAILED and not state.counters.captured
    return not streaming or unheard or state.session.phase is SessionPhase.CLOSED


def _wind_up(loop: asyncio.AbstractEventLoop) -> None:
    """Cancel the remaining tasks of a loop and close it."""
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.wait(left, timeout=0.05))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()
