"""A threshold that is proposed, until the user takes it or leaves it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from deeptone_tui.app.spans import SPANS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deeptone_tui.app.view import View
    from deeptone_tui.monitor.state import Entry
    from deeptone_tui.tuning import Suggestion


@dataclass(frozen=True, slots=True)
class Proposal:
    """A suggestion, or why there is none, and what it was made from."""

    suggestion: "Suggestion"
    origin: str
    """Such as ``the last minute``."""


def proposal_of(view: "View", entries: "Sequence[Entry]") -> Proposal:
    """Find a threshold for the span that is shown.

    Args:
        view: what is shown.
        entries: the results, oldest first.
    """
    name = SPANS[view.span]
    return Proposal(_suggested(view, entries), f"the {name[0].lower()}{name[1:]}")


def _suggested(view: "View", entries: "Sequence[Entry]") -> "Suggestion":
    from deeptone_tui.app.heard import heard_in  # noqa: PLC0415  with the first suggestion
    from deeptone_tui.tuning import suggest  # noqa: PLC0415  with the first suggestion

    levels = np.asarray(view.span_levels, dtype=np.float64)
    first = view.state.history.end_step - len(levels)
    return suggest(levels, heard_in(entries, first, len(levels)))
