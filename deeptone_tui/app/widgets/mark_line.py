"""The mark in both units, and the endpoint's own threshold apart from it."""

from deeptone_tui.app.shifting import share_of
from deeptone_tui.app.verdict import ANSWERING
from deeptone_tui.app.view import View
from deeptone_tui.app.widgets.painted import Painted, Part
from deeptone_tui.level import format_both
from deeptone_tui.monitor.state import Agreement, SessionPhase, SessionStatus

_ROOMY = 78
"""Columns from which there is room for whole words."""


class MarkLine(Painted):
    """Where the mark stands, what the endpoint goes by, and whether they are the same."""

    _drawn: object = None

    def present(self, view: View) -> None:
        """Show another view."""
        self.view = view
        session = view.live.session
        agreement = _agreement(view.live.agreement) if self.size.width >= _ROOMY else ""
        now = (view.mark, session.applied, session.pending, session.phase in ANSWERING, agreement)
        if now != self._drawn and self.size.width:
            self._drawn = now
            roomy, key = self.size.width >= _ROOMY, self.view.key("apply", "enter")
            self.put(
                0,
                [
                    (" ▲ ", "mark"),
                    (format_both(view.mark), "strong"),
                    (_gap(roomy=roomy), "text"),
                    *_endpoint(session, view.mark, agreement, key, roomy=roomy),
                ],
            )

    def paint(self) -> None:
        """Draw the line anew."""
        self._drawn = None
        self.present(self.view)


def _endpoint(
    session: SessionStatus, mark: float, agreement: str, key: str, *, roomy: bool
) -> list[Part]:
    """The endpoint's threshold, how the mark relates to it, and the key that gives it."""
    gap = _gap(roomy=roomy)
    if session.pending is not None and session.pending != session.applied:
        value = format_both(session.pending.volume_threshold)
        return [(f"endpoint {value}", "dim"), (gap, "dim"), ("◌ applying", "busy")]
    if session.applied is None:
        return [("endpoint: not connected yet", "dim")]
    value = format_both(session.applied.volume_threshold)
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
    word = f"≠ not applied, press {key}" if roomy else f"≠ {key}"
    return [(f"endpoint {value}", "text"), (gap, "dim"), (word, "held")]


def _gap(*, roomy: bool) -> str:
    return "   " if roomy else " "


def _agreement(agreement: Agreement) -> str:
    """How often preview and endpoint called the same periods silent."""
    share = share_of(agreement)
    return f"agrees {share}" if share else ""
