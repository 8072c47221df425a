"""The threshold in both units beside the applied one, or the suggested one in words."""

import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from deeptone_tui.app.presenters.threshold import Proposal, share_of
from deeptone_tui.app.presenters.verdict import ANSWERING
from deeptone_tui.app.presenters.wording import width_of
from deeptone_tui.app.view import View
from deeptone_tui.app.widgets.geometry import SUGGESTED
from deeptone_tui.app.widgets.painted import Part, StripWidget
from deeptone_tui.monitor.state import SessionPhase, SessionStatus
from deeptone_tui.protocol import format_threshold
from deeptone_tui.protocol.units import format_both, format_dbfs, format_share

if TYPE_CHECKING:
    from deeptone_tui.tuning import Cost
    from deeptone_tui.tuning import Part as Counted


_INDENT = 3
_ROOMY_COLUMNS = 78
"""Minimum columns for details, such as the origin of a suggestion."""
_MOST_ROWS = 3
"""Maximum rows of the reason."""
_UNJUDGED = 0.02
"""Share of unjudged speech, from 0 to 1, above which the panel reports it."""
_UNSURE = 0.5
"""Confidence below which a threshold is unreliable."""


class ProposalPanel(StripWidget):
    """The suggested threshold: costs beside those of the applied one, confidence, reason, keys."""

    def present(self, view: View) -> None:
        """Show another view; a suggestion has its height before it is shown."""
        self.view = view
        if view.proposed != self._drawn:
            self._drawn = view.proposed
            self.paint()

    def paint(self) -> None:
        """Draw the lines."""
        if self.view.proposed is None:
            return
        lines = lines_of(self.view.proposed, self.app.size.width, self.view.key)
        self.styles.height = len(lines)
        if self.size.width:
            for row, line in enumerate(lines):
                self.put(row, line)


def lines_of(proposal: Proposal, width: int, key: Callable[[str, str], str]) -> list[list[Part]]:
    """Return the lines of the panel.

    Args:
        proposal: the suggestion that the lines report.
        width: columns; text that does not fit is cut off.
        key: returns the displayed key of an action, as `View.key` does.
    """
    found = proposal.suggestion
    pad = " " * _INDENT
    told = " ".join([found.reason, *_notes(proposal, key), *proposal.faults])
    room = max(1, width - _INDENT - 1)  # a terminal may be narrower than any text
    reason = textwrap.wrap(told, room, max_lines=_MOST_ROWS, placeholder=" …")
    why: list[list[Part]] = [[(pad + line, "text")] for line in reason]
    if found.threshold is None or found.cost is None:
        head: list[Part] = [(f" ✗ {found.verdict}", "held"), (f"   in {proposal.origin}", "dim")]
        back: list[Part] = [(pad, "text"), (key("leave", "esc"), "key"), (" goes back", "dim")]
        return [head, *why, back]
    sure = f"confidence {format_share(found.confidence)}"
    return [
        [
            (f" {SUGGESTED} suggested ", "mark"),
            (f"{format_threshold(found.threshold)}  {format_dbfs(found.threshold)}", "strong"),
            ("   ", "text"),
            (sure, "text" if found.confidence >= _UNSURE else "held"),
            (f"   from {proposal.origin}" if width >= _ROOMY_COLUMNS else "", "dim"),
        ],
        *_compared(proposal, found.cost, roomy=width >= _ROOMY_COLUMNS),
        *why,
        [
            (pad + key("apply", "enter"), "key"),
            (" applies", "dim"),
            (pad + key("leave", "esc"), "key"),
            (" cancels", "dim"),
        ],
    ]


def _compared(proposal: Proposal, cost: "Cost", *, roomy: bool) -> list[list[Part]]:
    """Return the costs of the suggested and the applied threshold, one line each."""
    pad, applied = " " * _INDENT, proposal.applied
    unit = f"   {proposal.output_period} ms" if roomy else ""
    between = cost.mixed_silenced.whole
    if between and roomy:
        unit += f", {between} between"
    rows: list[list[Part]] = [[(f"{pad}with it:  {costs_of(cost)}", "strong"), (unit, "dim")]]
    if applied is not None:
        number = f"   at {format_threshold(applied.threshold)}" if roomy else ""
        rows.append([(f"{pad}applied:  {costs_of(applied)}", "text"), (number, "dim")])
    return rows


def costs_of(cost: "Cost") -> str:
    """Return the costs of a threshold: ``speech lost 0 of 28, noise passed 2 of 27``."""
    return f"speech lost {_of(cost.speech_lost)}, noise passed {_of(cost.noise_passed)}"


def _of(part: "Counted") -> str:
    return f"{part.count} of {part.whole}"


def _notes(proposal: Proposal, key: Callable[[str, str], str]) -> list[str]:
    """Return notes on unjudged speech and on output periods with lower costs."""
    found, notes = proposal.suggestion, list[str]()
    if found.unjudged > _UNJUDGED:
        notes.append(
            f"{format_share(found.unjudged)} of the speech was silence at the applied threshold and"
            f" judged by level only; with {key('tune', 't')} the endpoint judges all."
        )
    if proposal.better:
        periods = ", ".join(map(str, proposal.better))
        notes.append(f"It would cost less at {periods} ms.")
    return notes


class _Style(NamedTuple):
    """The wording of the line for a width."""

    gap: str
    differs: str
    """Text before the key that applies the threshold."""
    units: bool = True
    """True if the endpoint's decibels have their unit too."""

    def value(self, threshold: float) -> str:
        """Return the text of the endpoint's threshold."""
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


class ThresholdLine(StripWidget):
    """The threshold, the one applied at the endpoint, and whether they are the same."""

    def content_key(self) -> object:
        """Return the thresholds and the state of the session."""
        session = self.view.live.session
        return self.view.mark, session.applied, session.pending, session.phase, self._agreement

    @property
    def _agreement(self) -> str:
        """How often preview and endpoint called the same periods silent; may be empty."""
        share = share_of(self.view.live.agreement) if self.size.width >= _ROOMY_COLUMNS else ""
        return f"agrees {share}" if share else ""

    def paint(self) -> None:
        """Draw the line in the first style in which it fits, or else in the last."""
        view, key = self.view, self.view.key("apply", "enter")
        styles = _STYLES if self.size.width >= _ROOMY_COLUMNS else _NARROW
        for style in styles:
            parts: list[Part] = [
                (" ▲ ", "mark"),
                (format_both(view.mark), "strong"),
                (style.gap, "text"),
                *_endpoint(view.live.session, view.mark, self._agreement, key, style),
            ]
            if sum(width_of(text) for text, _ in parts) <= self.size.width:
                break
        self.put(0, parts)


def _endpoint(
    session: SessionStatus, mark: float, agreement: str, key: str, style: _Style
) -> list[Part]:
    """Return the applied threshold, its relation to the current one, and the key that applies."""
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
