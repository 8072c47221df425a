"""Endpoint of a run, and the outcome of the run in words."""

import math
from collections.abc import Callable

from deeptone_tui.audio import SourceKind, SourceOptions
from deeptone_tui.cli.errors import WrongUsage
from deeptone_tui.cli.settings import Settings
from deeptone_tui.monitor import (
    Monitor,
    MonitorState,
    SessionPhase,
    SessionStatus,
    SourcePhase,
    SourceStatus,
)
from deeptone_tui.protocol import SAMPLE_RATE_HZ, SAMPLES_PER_MS, STEP_SAMPLES
from deeptone_tui.session import RemoteTarget, TargetError, TargetProvider

_LAST_RESULTS_TIMEOUT_S = 30.0
"""Timeout in seconds for retrying an endpoint for the last results of a source that has ended."""
_LONGEST_WAIT_S = 60.0
"""Maximum seconds that an endpoint may ask to wait; a longer wait is pointless."""
_FIRST_ATTEMPTS = 5
"""Maximum attempts of the first connection to an endpoint that each time says when to retry."""

_NOT_WRITTEN_SAMPLES = SAMPLE_RATE_HZ // 2
"""Pending samples at the end that count as not written; fewer may be written but not yet
reported."""


def provider_for(url: str | None, api_key: str | None) -> TargetProvider:
    """Return a remote endpoint by its address, or else the local one; nothing is opened yet.

    Args:
        url: ``ws://`` or ``wss://`` address; None for the local endpoint.
        api_key: the key to a remote endpoint; the local one has a random key of its own.

    Raises:
        WrongUsage: if the address or the key cannot be used.
    """
    if url is not None:
        try:
            return RemoteTarget(url, api_key)
        except TargetError as error:
            raise WrongUsage(f"--url: {error}") from None
    from deeptone_tui.endpoint import LocalEndpoint  # noqa: PLC0415  not needed for a remote one

    return LocalEndpoint()


def monitor_of(
    settings: Settings, options: SourceOptions, on_update: Callable[[], None] | None = None
) -> Monitor:
    """Return the monitor of a run, not yet started.

    Args:
        settings: settings of the run.
        options: delivery options of its source.
        on_update: called in the monitor's thread after each new state.
    """
    return Monitor(
        settings.source,
        options,
        provider_for(settings.url, settings.api_key),
        settings.parameters,
        on_update=on_update,
        link=settings.link,
        record=settings.record,
    )


class RetryDeadline:
    """Time spent on retrying an endpoint for its first response, or for the last results."""

    def __init__(self) -> None:
        self._spoke = False
        self._answered = 0
        self._since: float | None = None

    def waited(self, state: MonitorState, now: float) -> float:
        """Return the seconds of retrying, counted again from the first response and each result.

        Args:
            state: the newest state.
            now: monotonic time in seconds.
        """
        spoke, answered = state.session.applied is not None, state.counters.answered
        awaited = is_over(state.source) or not spoke
        if not awaited or spoke != self._spoke or answered != self._answered:
            self._spoke, self._answered, self._since = spoke, answered, None
        if self._since is None and state.session.phase is SessionPhase.RETRYING:
            self._since = now
        return 0.0 if self._since is None else now - self._since


def failed(state: MonitorState, waited: float = 0.0) -> str | None:
    """Return in words why it is pointless to go on; None if it is not.

    A lost connection is retried, and so is a first one if the endpoint has said when. An endpoint
    that cannot be reached at all, or for a while after the source has ended, will hardly come back
    while a script waits.

    Args:
        state: the newest state.
        waited: seconds of retrying (``RetryDeadline``).
    """
    source, session = state.source, state.session
    if not state.counters.captured:
        if source.phase is SourcePhase.ENDED:
            return f"{source.info.name} ended before any audio arrived"
        if cause := broken(source):
            return cause
    if session.phase is SessionPhase.REFUSED:
        return session.message or "the endpoint refused the connection"
    if _retries(session) and _gives_up(session, waited, source):
        return session.message or "the endpoint cannot be reached"
    return None


def _retries(session: SessionStatus) -> bool:
    """Return True if an attempt has failed; the wait for the next may be too short to be seen."""
    if session.phase is SessionPhase.RETRYING:
        return True
    trying = session.phase in (SessionPhase.STARTING, SessionPhase.CONNECTING)
    return trying and session.attempt > 1 and session.applied is None


def _gives_up(session: SessionStatus, waited: float, source: SourceStatus) -> bool:
    """Return True if another attempt is not worth waiting for."""
    if session.applied is None:
        again = session.asked_to_wait and session.attempt < _FIRST_ATTEMPTS
        return not again or waited + session.retry_in > _LONGEST_WAIT_S
    return waited >= _LAST_RESULTS_TIMEOUT_S or (
        is_over(source) and session.retry_in > _LONGEST_WAIT_S
    )


def wait_announced(before: SessionStatus, now: SessionStatus) -> str | None:
    """Return in words when an endpoint is retried that asked to wait; None if that is not new.

    Args:
        before: session at the previous call.
        now: the newest session.
    """
    if now.phase is not SessionPhase.RETRYING or not now.asked_to_wait:
        return None
    if before.phase is now.phase and before.attempt == now.attempt:
        return None
    return f"trying again in {math.ceil(now.retry_in)} s"


def incomplete(state: MonitorState) -> str | None:
    """Return in words what is missing after the end; None if nothing is.

    Audio too short to be judged is not missing: less than a step, or less than a period if the
    endpoint does not know the end of audio.
    """
    counters = state.counters
    if cause := broken(state.source):
        return cause
    if counters.results_dropped:
        return f"{counters.results_dropped} results were lost because stdout was not read in time"
    kind = state.source.info.kind
    if kind is not SourceKind.MICROPHONE and counters.captured < STEP_SAMPLES:
        return (
            f"{length(counters.captured)} of audio is less than a step of 64 ms: too short for a"
            " result"
        )
    if kind not in {SourceKind.FILE, SourceKind.DEMO}:
        return None
    between = counters.lost - counters.lost_since_result
    if between >= STEP_SAMPLES or counters.lost_since_result >= unjudged(state.session):
        return f"incomplete: {summary(state)}"
    return None


def unjudged(session: SessionStatus) -> int:
    """Return the number of samples at the end of the audio from which a result is due."""
    if session.applied is None:
        return 1
    return STEP_SAMPLES if session.end_of_audio else session.applied.period_samples


def cancelled_out(state: MonitorState) -> str | None:
    """Return in words why a mix of channels is inaudible; None if it is not."""
    from deeptone_tui.dsp import FaultKind  # noqa: PLC0415  numpy is there by then

    kind = FaultKind.CANCELLING_CHANNELS
    return next((fault.words for fault in state.faults if fault.kind is kind), None)


def broken(source: SourceStatus) -> str | None:
    """Return in words why a source has failed; None if it has not."""
    if source.phase is not SourcePhase.FAILED:
        return None
    return source.message or f"{source.info.name} has failed"


def unanswered(state: MonitorState) -> str | None:
    """Return in words what was given up as the endpoint did not come back; None if nothing.

    If the endpoint never responded, the failure itself says so.
    """
    missing = state.counters.in_flight
    if state.session.applied is None or missing < STEP_SAMPLES:
        return None
    return f"no results for the last {length(missing)} of the audio"


def unrecorded(state: MonitorState) -> str:
    """Return in words what is wrong with a finished recording; empty if nothing is."""
    recording = state.recording
    if recording is None:
        return ""
    missing = [recording.problem] if recording.problem else []
    if recording.waiting >= _NOT_WRITTEN_SAMPLES and not missing:
        missing.append(f"the disk was too slow for the last {length(recording.waiting)}")
    if recording.left_out:
        missing.append(f"{recording.left_out} results and events are missing")
    return "; ".join(missing)


def recorded_in(state: MonitorState) -> str:
    """Return in words length, path and faults of a recording; empty if there is none."""
    recording = state.recording
    if recording is None:
        return ""
    words = f"recorded {length(recording.samples)} in {recording.path}"
    missing = unrecorded(state)
    return f"{words}; {missing}" if missing else words


def summary(state: MonitorState) -> str:
    """Return a one-line summary of the run."""
    counters = state.counters
    results = f"{counters.results} result{'' if counters.results == 1 else 's'}"
    words = f"{length(counters.captured)} of audio, {results}"
    lost = counters.lost + counters.dropped_by_source
    return f"{words}, {length(lost)} lost" if lost else words


def length(samples: int) -> str:
    """Return the duration of some samples: ``1.0 s``, ``63 ms``."""
    if samples >= SAMPLE_RATE_HZ:
        return f"{samples / SAMPLE_RATE_HZ:.1f} s"
    return f"{math.ceil(samples / SAMPLES_PER_MS)} ms"


def is_over(source: SourceStatus) -> bool:
    """Return True if no more audio comes."""
    return source.phase in (SourcePhase.ENDED, SourcePhase.FAILED)
