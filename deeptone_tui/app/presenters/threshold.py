"""The threshold under the cursor: its grid, suggestions for it, and the shift of the preview.

The numbers of the grid are rounded like every threshold, by less than 0.005 dB: the next step
finds the same grid point again, so any number of steps back and forth leads to the same number.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from deeptone_tui.app.presenters.step_log import JudgedSpan, evidence_of, judged_span
from deeptone_tui.app.view import SPANS
from deeptone_tui.monitor.state import Agreement, MonitorState
from deeptone_tui.protocol import STEP_MS, round_threshold
from deeptone_tui.protocol.units import MINUS, from_dbfs, to_dbfs

if TYPE_CHECKING:
    from deeptone_tui.app.presenters.step_log import StepLog
    from deeptone_tui.app.view import View
    from deeptone_tui.tuning import Cost, Suggestion
    from deeptone_tui.tuning.offset import Offset


GRID_DB = 0.5
"""Decibels between two points of the grid."""
BOTTOM_DBFS = -72.0
"""dBFS of the lowest grid point above 0; a step down from here is 0."""

PERIODS_MS = (64, 128, 256, 512, 1024, 2048, 4096)
"""Output periods in milliseconds that are compared with the one in force."""
_WORTH = 0.02
"""Cost by which another output period must be better to be reported."""


def nudged(level: float, decibels: float) -> float:
    """Move a threshold along the grid.

    Args:
        level: the threshold, 0 to 1, on the grid or off it.
        decibels: distance up or down, a multiple of `GRID_DB`.

    Returns:
        The new threshold, 0 to 1. From 0, any step up leads to the bottom of the grid.
    """
    dbfs = to_dbfs(level)
    if dbfs < BOTTOM_DBFS - GRID_DB / 2:
        return _placed(BOTTOM_DBFS) if decibels > 0 else 0.0
    return _placed(round(dbfs / GRID_DB) * GRID_DB + decibels)


def snapped(level: float) -> float:
    """Return the grid point nearest to a level, such as the one under the mouse."""
    return nudged(level, 0.0)


def _placed(dbfs: float) -> float:
    """Return the threshold of a grid point: 0 below the grid, and full scale at most."""
    return round_threshold(from_dbfs(min(dbfs, 0.0))) if dbfs >= BOTTOM_DBFS else 0.0


@dataclass(frozen=True, slots=True)
class Proposal:
    """A suggestion or the reason for none, with its origin and what it is compared with."""

    suggestion: "Suggestion"
    origin: str
    """Source of the suggestion, such as ``the last minute``."""
    output_period: int = 1024
    """Output period in milliseconds; all counts are of these periods."""
    applied: "Cost | None" = None
    """Cost of the threshold in force for the same periods; None before the first connection."""
    better: tuple[int, ...] = ()
    """Other output periods, in milliseconds, with which the suggested threshold would cost less."""
    faults: tuple[str, ...] = ()
    """Faults that make the levels misleading, in sentences."""


def proposal_of(view: "View", log: "StepLog", before: float | None = None) -> Proposal:
    """Suggest a threshold for the span shown.

    Args:
        view: the view.
        log: the log of every step.
        before: the last suggestion for the same source.
    """
    name = SPANS[view.span]
    return propose(
        judged_span(evidence_of(view, log), before), f"the {name[0].lower()}{name[1:]}", view
    )


def propose(span: JudgedSpan, origin: str, view: "View") -> Proposal:
    """Return the suggestion of a span with the cost in force and the periods that cost less."""
    in_force = view.in_force
    return Proposal(
        span.suggestion,
        origin,
        in_force.output_period,
        span.periods.cost(in_force.volume_threshold) if view.applied is not None else None,
        _better(span, in_force.output_period),
        tuple(fault.words for fault in view.state.faults),
    )


def _better(span: JudgedSpan, output_period: int) -> tuple[int, ...]:
    """Return the other output periods with which the suggested threshold would cost less."""
    from deeptone_tui.tuning import recut  # noqa: PLC0415  with the first suggestion

    found, starts = span.suggestion, span.evidence.starts
    if found.threshold is None or found.cost is None:
        return ()
    costs = {}
    for milliseconds in PERIODS_MS:
        if milliseconds != output_period:
            cut = recut(starts[:1], span.steps, milliseconds // STEP_MS)
            costs[milliseconds] = span.judged.periods(cut).cost(found.threshold)
    return tuple(
        milliseconds
        for milliseconds, cost in costs.items()
        if cost.speech_lost.whole and cost.noise_passed.whole
        if cost.total < found.cost.total - _WORTH
    )


def offered(state: MonitorState) -> "Offset | None":
    """Return the offset that the preview could be shifted by; None if it is shifted or has none."""
    offset = state.agreement.offset
    if offset is None or state.shift:
        return None
    from deeptone_tui.tuning.offset import OffsetFinding  # noqa: PLC0415  foreign endpoints only

    return offset if offset.finding is OffsetFinding.FOUND else None


def why_none(state: MonitorState) -> str:
    """Return the reason why the preview cannot be shifted, in one sentence."""
    agreement = state.agreement
    offset = agreement.offset
    if offset is None:
        return "Only another maker's endpoint can hear other levels, once it has answered."
    from deeptone_tui.tuning.offset import OffsetFinding  # noqa: PLC0415  foreign endpoints only

    told = f"{share_of(agreement)} of {agreement.compared} periods agree"
    if offset.finding is OffsetFinding.AGREES:
        return f"There is nothing to shift: {told}."
    if offset.finding is OffsetFinding.UNEXPLAINED:
        return f"No shift explains how the endpoint differs: {told}."
    return f"Too little audio to find the shift: {told}. Levels near the threshold help most."


def share_of(agreement: Agreement) -> str:
    """Return the share of periods on whose silence preview and endpoint agree; empty for none."""
    return percent_of(agreement.agreed, agreement.compared)


def percent_of(agreed: int, compared: int) -> str:
    """Return a part in whole percent, rounded down: only the whole is 100 %; empty of nothing."""
    if not compared:
        return ""
    return f"{100 if agreed == compared else min(agreed * 100 // compared, 99)} %"


def signed(decibels: float) -> str:
    """Return a difference in decibels as text: ``+3.5 dB``, ``−3.5 dB``."""
    return f"{decibels:+.1f} dB".replace("-", MINUS)
