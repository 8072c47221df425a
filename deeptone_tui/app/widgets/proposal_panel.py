"""The suggested threshold in words, in place of the mark, until it is taken or left."""

import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING

from deeptone_tui.app.drawing.scale_labels import SUGGESTED
from deeptone_tui.app.proposal import Proposal
from deeptone_tui.app.view import View
from deeptone_tui.app.widgets.painted import Painted, Part
from deeptone_tui.level import format_both, format_dbfs, format_share

if TYPE_CHECKING:
    from deeptone_tui.tuning import Suggestion

_INDENT = 3
_ROOMY = 78
"""Columns from which there is room for where it comes from."""
_MOST_ROWS = 2
"""Rows that the reason may take."""


class ProposalPanel(Painted):
    """What is suggested, what it is expected to cost, how sure that is, why, and the keys."""

    _drawn: Proposal | None = None

    def present(self, view: View) -> None:
        """Show another view."""
        self.view = view
        if view.proposed != self._drawn:
            self.paint()

    def paint(self) -> None:
        """Draw the lines anew."""
        self._drawn = self.view.proposed
        if self._drawn is None:
            return
        width = self.app.size.width
        lines = lines_of(self._drawn, width, self.view.key)
        self.styles.height = len(lines)
        if self.size.width:
            for row, line in enumerate(lines):
                self.put(row, line)


def lines_of(proposal: Proposal, width: int, key: Callable[[str, str], str]) -> list[list[Part]]:
    """The lines of the panel.

    Args:
        proposal: what they tell of.
        width: columns, 60 or more.
        key: how the keys are called.
    """
    found = proposal.suggestion
    pad = " " * _INDENT
    reason = textwrap.wrap(
        found.reason, width - _INDENT - 1, max_lines=_MOST_ROWS, placeholder=" …"
    )
    why: list[list[Part]] = [[(pad + line, "text")] for line in reason]
    measured = measured_in(found)
    if measured:
        why.insert(0, [(pad + measured, "text")])
    if found.threshold is None:
        head: list[Part] = [(f" ✗ {found.verdict}", "held"), (f"   in {proposal.origin}", "dim")]
        return [head, *why, [(pad, "text"), (key("leave", "escape"), "key"), (" goes back", "dim")]]
    keys: list[Part] = [
        (pad + key("apply", "enter"), "key"),
        (" takes it", "dim"),
        (pad + key("leave", "escape"), "key"),
        (" leaves all as it was", "dim"),
    ]
    return [
        [
            (f" {SUGGESTED} suggested ", "mark"),
            (format_both(found.threshold), "strong"),
            (f"   confidence {format_share(found.confidence)}", "text"),
            (f"   from {proposal.origin}" if width >= _ROOMY else "", "dim"),
        ],
        [(pad + costs_of(found), "text")],
        *why,
        keys,
    ]


def costs_of(found: "Suggestion") -> str:
    """What the threshold is expected to cost."""
    lost, passed = found.speech_lost, found.other_passed
    parts = [
        f"{what} {format_share(share)}"
        for share, what in ((lost, "speech lost"), (passed, "the rest passed"))
        if share is not None
    ]
    return f"expected: {', '.join(parts)}" if parts else ""


def measured_in(found: "Suggestion") -> str:
    """What was measured, unless the reason says it."""
    parts = [
        f"{what} {format_dbfs(level)}"
        for level, what in ((found.noise_floor, "noise"), (found.speech_level, "speech"))
        if level is not None and format_dbfs(level) not in found.reason
    ]
    return f"measured: {', '.join(parts)}" if parts else ""
