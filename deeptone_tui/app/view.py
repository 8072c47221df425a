"""The view that the widgets render: one immutable value of state, span and user settings."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from deeptone_tui.app.keymap import KeyMap, shown
from deeptone_tui.monitor.state import MonitorState
from deeptone_tui.protocol import (
    DEFAULT_VOLUME_THRESHOLD,
    SAMPLE_RATE_HZ,
    STEP_SAMPLES,
    StreamParameters,
)

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from deeptone_tui.app.presenters.threshold import Proposal


SPANS = {
    30: "Last 30 seconds",
    60: "Last minute",
    120: "Last 2 minutes",
    300: "Last 5 minutes",
    900: "Last 15 minutes",
}
"""Spans in seconds, with the timeline's title for each."""

DEFAULT_SPAN = 60
LONGEST_SPAN = max(SPANS)


def stepped(span: int, steps: int) -> int:
    """Return the span some steps longer, or shorter if negative, clamped to the known spans."""
    spans = list(SPANS)
    return spans[min(max(spans.index(span) + steps, 0), len(spans) - 1)]


def known_span(span: int) -> int:
    """Return the shortest span that shows so many seconds, or the default one for 0."""
    return next((each for each in SPANS if each >= span), LONGEST_SPAN) if span else DEFAULT_SPAN


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer to save an unsaved threshold before the program quits."""

    threshold: float
    """The threshold in force, or being applied; 0 to 1."""
    profile: str
    """Name of the profile that it would be saved in."""


@dataclass(frozen=True, slots=True)
class View:
    """Snapshot of everything the screen shows, except the results."""

    state: MonitorState = field(default_factory=MonitorState)
    """The state that is rendered; it does not change while the screen is frozen."""
    live: MonitorState = field(default_factory=MonitorState)
    """The newest state, also while the screen is frozen."""
    mark: float = DEFAULT_VOLUME_THRESHOLD
    """The threshold under the cursor, 0 to 1."""
    span: int = DEFAULT_SPAN
    """Seconds that the timeline shows."""
    frozen: bool = False
    """True if the user froze the screen of a live source."""
    proposed: "Proposal | None" = None
    """The suggestion that the user has neither taken nor dismissed yet."""
    tuning: bool = False
    """True in tune mode: the endpoint runs at threshold 0 while the user moves the threshold."""
    whole: bool = False
    """True if tune mode counts all audio and not only the span, which is then the longest."""
    leaving: Offer | None = None
    """The offer made because the user is about to quit."""
    keys: KeyMap = field(default_factory=dict)
    """The user's key map."""

    def key(self, action: str, usual: str) -> str:
        """Return the text that the screen shows for the key of an action.

        Args:
            action: name of the action.
            usual: the text for its default key.
        """
        keys = self.keys.get(action)
        return shown(keys[0]) if keys else usual

    @property
    def applied(self) -> StreamParameters | None:
        """Parameters applied at the endpoint; None before the first connection."""
        return self.live.session.applied

    @property
    def in_force(self) -> StreamParameters:
        """Parameters in force at the endpoint, without pending or refused changes."""
        return self.live.session.in_force

    @property
    def models(self) -> tuple[str, ...]:
        """Models in force, in their order."""
        return self.in_force.models

    @property
    def span_levels(self) -> "npt.NDArray[np.floating]":
        """Levels of the steps in the span, oldest first, shape (n,)."""
        steps = self.span * SAMPLE_RATE_HZ // STEP_SAMPLES
        return self.state.history.levels[-steps:]
