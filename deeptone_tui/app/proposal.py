"""A threshold that is proposed, until the user takes it or leaves it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from deeptone_tui.app.judged_span import JudgedSpan, evidence_of, judged_span
from deeptone_tui.app.spans import SPANS

if TYPE_CHECKING:
    from deeptone_tui.app.step_log import StepLog
    from deeptone_tui.app.view import View
    from deeptone_tui.tuning import Cost, Suggestion

PERIODS_MS = (64, 128, 256, 512, 1024, 2048, 4096)
"""Output periods that are compared with the one in force."""
_WORTH = 0.02
"""Cost by which another output period has to be better to be told."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A suggestion, or why there is none, what it was made from, and what it is compared with."""

    suggestion: "Suggestion"
    origin: str
    """Such as ``the last minute``."""
    output_period: int = 1024
    """Milliseconds, in which all is counted."""
    applied: "Cost | None" = None
    """What the threshold in force does to the same periods."""
    better: tuple[int, ...] = ()
    """Other output periods, in milliseconds, with which the suggested threshold would cost less."""
    faults: tuple[str, ...] = ()
    """What makes the levels misleading, in sentences."""


def proposal_of(view: "View", log: "StepLog", before: float | None = None) -> Proposal:
    """Find a threshold for the span that is shown.

    Args:
        view: what is shown.
        log: what is known of every step.
        before: the threshold that was suggested before to the same source.
    """
    name = SPANS[view.span]
    return propose(
        judged_span(evidence_of(view, log), before), f"the {name[0].lower()}{name[1:]}", view
    )


def propose(span: JudgedSpan, origin: str, view: "View") -> Proposal:
    """Put beside a suggestion what is in force, and what other periods would do."""
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
    """The other periods with which the suggested threshold would cost less."""
    from deeptone_tui.protocol import STEP_MS  # noqa: PLC0415  with the first suggestion
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
