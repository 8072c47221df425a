"""States in words and glyphs, formatted numbers, and texts measured in cells.

Characters that rendering replaces are replaced before a text is measured or cut.
"""

from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len

from deeptone_tui.app.view import View
from deeptone_tui.core.text import clean_name, clock, short_clock
from deeptone_tui.monitor.state import MonitorState, SessionPhase, SourcePhase
from deeptone_tui.protocol import SAMPLE_RATE_HZ
from deeptone_tui.terminal.canvas import graphemes

if TYPE_CHECKING:
    from deeptone_tui.recording import RecordingStatus

GOOD, BUSY, HELD, BAD, OVER = "good", "busy", "held", "bad", "over"
"""Tones of a state."""


def width_of(text: str) -> int:
    """Return the width of a text in cells."""
    return len(text) if text.isascii() and text.isprintable() else cell_len(clean_name(text))


def cut(text: str, width: int) -> str:
    """Return as much of a text as fits into a width in cells; no grapheme is split."""
    if width_of(text) <= width:
        return text
    kept, taken = [], 0
    for grapheme, cells in graphemes(clean_name(text)):
        taken += cells
        if taken > width:
            break
        kept.append(grapheme)
    return "".join(kept)


def fitted(text: str, width: int) -> str:
    """Return the text, cut with an ellipsis if it is wider than a width in cells."""
    if width_of(text) <= width:
        return text
    return f"{cut(text, width - 1)}…" if width > 0 else ""


def padded(text: str, width: int, fill: str = " ") -> str:
    """Return the text padded on the right to a width in cells, with a character of one cell."""
    return text + fill * (width - width_of(text))


class Status(NamedTuple):
    """A state, shown three times: as a glyph, a word and a tone."""

    glyph: str
    word: str
    tone: str


_SOURCE = {
    SourcePhase.OPENING: Status("◌", "OPENING", BUSY),
    SourcePhase.PAUSED: Status("‖", "PAUSED", HELD),
    SourcePhase.STALLED: Status("○", "NO DATA", BAD),
    SourcePhase.LOST: Status("✗", "SOURCE LOST", BAD),
    SourcePhase.FAILED: Status("✗", "NO SOURCE", BAD),
}
_SESSION = {
    SessionPhase.IDLE: Status("○", "NOT CONNECTED", BUSY),
    SessionPhase.STARTING: Status("◌", "STARTING", BUSY),
    SessionPhase.CONNECTING: Status("◌", "CONNECTING", BUSY),
    SessionPhase.OPEN: Status("◉", "CONNECTED", GOOD),
    SessionPhase.STREAMING: Status("●", "STREAMING", GOOD),
    SessionPhase.RETRYING: Status("↻", "RETRYING", BAD),
    SessionPhase.DRAINING: Status("◍", "LAST RESULTS", BUSY),
    SessionPhase.CLOSED: Status("■", "CLOSED", OVER),
    SessionPhase.REFUSED: Status("✗", "REFUSED", BAD),
    SessionPhase.REPLAYING: Status("▸", "REPLAY", GOOD),
}

_OVER = {SessionPhase.CLOSED, SessionPhase.IDLE, SessionPhase.REPLAYING}
"""Phases in which nothing follows after the source has ended."""
_SLOW_DISK_S = 2
"""Seconds of audio waiting for the disk from which the delay is reported."""


def status_of(view: View) -> Status:
    """Return the most important state: one that stops everything takes precedence."""
    if view.frozen:
        return Status("‖", "FROZEN", HELD)
    source, session = view.live.source.phase, view.live.session
    if source in _SOURCE and not (
        source is SourcePhase.PAUSED and session.phase is SessionPhase.REFUSED
    ):
        return _SOURCE[source]
    if source is SourcePhase.ENDED and session.phase in _OVER:
        return Status("■", "ENDED", OVER)
    status = _SESSION[session.phase]
    if view.live.speed not in {None, 1.0}:
        return Status(status.glyph, f"{status.word} {view.live.speed:g}×", status.tone)
    if session.phase is SessionPhase.RETRYING and session.retry_in > 0:
        seconds = session.retry_in
        wait = f"{seconds:.0f} s" if seconds < 100 else short_clock(seconds)  # noqa: PLR2004
        return Status(status.glyph, f"{status.word} in {wait}", status.tone)
    return status


def problem_of(state: MonitorState) -> str:
    """Return one line about what does not work, and the remedy; empty if all is well.

    A failed attempt stays reported during the next one, so that the line does not appear and
    disappear with every attempt.
    """
    source, session = state.source, state.session
    if source.phase in {SourcePhase.FAILED, SourcePhase.LOST, SourcePhase.STALLED}:
        text = source.message or f"{source.info.name or 'the source'}: {source.phase.value}"
        return text if state.speed else f"{text} · d another device, o another source"
    trying = session.phase in {SessionPhase.CONNECTING, SessionPhase.STARTING}
    if session.phase is SessionPhase.REFUSED:
        return f"{session.message or 'the endpoint refused'} · e another endpoint"
    if session.phase is SessionPhase.RETRYING or (trying and session.attempt > 1):
        return f"{session.message or 'connection lost'} · attempt {max(session.attempt, 1)}"
    return ""


def source_of(state: MonitorState) -> str:
    """Return the source and its rate: ``USB Audio CODEC 16 kHz``."""
    info = state.source.info
    if not info.name:
        return info.kind.value
    rate = f"{info.rate / 1000:g} kHz" if info.rate else ""
    return f"{info.name} {rate}".rstrip()


def recording_of(recording: "RecordingStatus") -> tuple[str, str]:
    """Return the state of a recording and its tone: ``● REC 00:03:12``, and a slow disk's delay.

    A recording that stopped by itself is reported until another one starts.
    """
    if recording.problem:
        return "✗ REC STOPPED", BAD
    text = f"● REC {clock(recording.seconds)}"
    behind = recording.waiting // SAMPLE_RATE_HZ
    return (f"{text}, {behind} s behind", BAD) if behind >= _SLOW_DISK_S else (text, "record")


def length(samples: int) -> str:
    """Return a number of samples as a time: ``0 s``, ``0.13 s``, ``2:05``."""
    seconds = samples / SAMPLE_RATE_HZ
    if not samples:
        return "0 s"
    return f"{max(seconds, 0.01):.2f} s" if seconds < 60 else short_clock(seconds)  # noqa: PLR2004  a minute
