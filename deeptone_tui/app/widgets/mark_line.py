"""The mark in both units, and the endpoint's own threshold apart from it."""

from typing import NamedTuple

from deeptone_tui.app.cells import width_of
from deeptone_tui.app.shifting import share_of
from deeptone_tui.app.verdict import ANSWERING
from deeptone_tui.app.view import View
from deeptone_tui.app.widgets.painted import Painted, Part
from deeptone_tui.dsp import format_both
from deeptone_tui.monitor.state import Agreement, SessionPhase, SessionStatus

_ROOMY = 78
"""Columns from which there is room for whole words."""


class _Style(NamedTuple):
    """How much room the line takes."""

    gap: str
    differs: str
    """What stands before the key that applies the mark."""
    units: bool = True
    """Whether the unit is written behind the endpoint's decibels too."""

    def value(self, threshold: float) -> str:
        """The endpoint's threshold."""
        both = format_both(threshold)
        return both if self.units else " ".join(both.split()[:2])


_STYLES = (
    _Style("   ", "≠ not applied, press "),
    _Style("  ", "≠ not applied, press "),
    _Style(" ", "≠ not applied, press "),
    _Style(" ", "≠ not applied: "),
    _Style(" ", "≠ "),
    _Style(" ", "≠ ", units=False),
)
_NARROW = _STYLES[4:]


class MarkLine(Painted):
    """Where the mark stands, what the endpoint goes by, and whether they are the same."""

    _drawn: object = None

    def present(self, view: View) -> None:
        """Show another view."""
        self.view = view
        session = view.live.session
        agreement = _agreement(view.live.agreement) if self.size.width >= _ROOMY else ""
        now = (view.mark, session.applied, session.pending, session.phase, agreement)
        if now != self._drawn and self.size.width:
            self._drawn = now
            self.put(0, self._parts(agreement))

    def _parts(self, agreement: str) -> list[Part]:
        """The line in the first of the styles in which it fits."""
        view, key = self.view, self.view.key("apply", "enter")
        styles = _STYLES if self.size.width >= _ROOMY else _NARROW
        for style in styles:
            parts: list[Part] = [
                (" ▲ ", "mark"),
                (format_both(view.mark), "strong"),
                (style.gap, "text"),
                *_endpoint(view.live.session, view.mark, agreement, key, style),
            ]
            if sum(width_of(text) for text, _ in parts) <= self.size.width:
                break
        return parts

    def paint(self) -> None:
        """Draw the line anew."""
        self._drawn = None
        self.present(self.view)


def _endpoint(
    session: SessionStatus, mark: float, agreement: str, key: str, style: _Style
) -> list[Part]:
    """The endpoint's threshold, how the mark relates to it, and the key that gives it."""
    gap = style.gap
    applying = session.pending is not None and session.pending != session.applied
    if applying and session.phase is not SessionPhase.REFUSED:
        value = style.value(session.wanted.volume_threshold)
        return [(f"endpoint {value}", "dim"), (gap, "dim"), ("◌ applying", "busy")]
    if session.applied is None:
        return [("endpoint: not connected yet", "dim")]
    value = style.value(session.applied.volume_threshold)
    if session.phase not in ANSWERING:
        return [(f"endpoint {value}", "dim"), (gap, "dim"), ("○ no connection", "busy")]
    if session.phase is SessionPhase.REPLAYING:
        return [(f"recorded at {value}", "dim"), (gap + agreement, "dim")]
    if session.applied.volume_threshold == mark:
        return [
            (f"endpoint {value}", "dim"),
            (gap, "dim"),
            ("✓ applied", "good"),
            (gap + agreement, "dim"),
        ]
    return [(f"endpoint {value}", "text"), (gap, "dim"), (f"{style.differs}{key}", "held")]


def _agreement(agreement: Agreement) -> str:
    """How often preview and endpoint called the same periods silent."""
    share = share_of(agreement)
    return f"agrees {share}" if share else ""
