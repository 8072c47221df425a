"""The shift of the preview in words: what is offered, what stands, and why there is none."""

from typing import TYPE_CHECKING

from deeptone_tui.dsp.decibels import MINUS
from deeptone_tui.monitor.state import Agreement, MonitorState

if TYPE_CHECKING:
    from deeptone_tui.tuning.offset import Offset


def offered(state: MonitorState) -> "Offset | None":
    """The offset by which the preview could be shifted; None when it is, or there is none."""
    offset = state.agreement.offset
    if offset is None or state.shift:
        return None
    from deeptone_tui.tuning.offset import Finding  # noqa: PLC0415  foreign endpoints only

    return offset if offset.finding is Finding.FOUND else None


def why_none(state: MonitorState) -> str:
    """Why there is nothing by which the preview could be shifted, in one sentence."""
    agreement = state.agreement
    offset = agreement.offset
    if offset is None:
        return "Only an endpoint that is not ours can hear another level, once it has answered."
    from deeptone_tui.tuning.offset import Finding  # noqa: PLC0415  foreign endpoints only

    told = f"{share_of(agreement)} of {agreement.compared} periods agree"
    if offset.finding is Finding.AGREES:
        return f"There is nothing to shift: {told}."
    if offset.finding is Finding.UNEXPLAINED:
        return f"No shift explains how the endpoint differs: {told}."
    return f"Too little to tell by how much to shift: {told}. Levels near the mark tell most."


def share_of(agreement: Agreement) -> str:
    """How often preview and endpoint called the same periods silent; empty before the first."""
    return percent_of(agreement.agreed, agreement.compared)


def percent_of(agreed: int, compared: int) -> str:
    """A part in whole percent, cut off: only what is whole is said to be so."""
    if not compared:
        return ""
    return f"{100 if agreed == compared else min(agreed * 100 // compared, 99)} %"


def signed(decibels: float) -> str:
    """A difference in decibels: ``+3.5 dB``, ``−3.5 dB``."""
    return f"{decibels:+.1f} dB".replace("-", MINUS)
