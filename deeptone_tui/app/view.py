"""What the widgets draw, as one immutable value: state, spans, and what the user set."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from deeptone_tui.app.keymap import KeyMap, shown
from deeptone_tui.dsp import STEP_SAMPLES
from deeptone_tui.monitor.state import MonitorState
from deeptone_tui.protocol import DEFAULT_VOLUME_THRESHOLD, SAMPLE_RATE_HZ, StreamParameters

if TYPE_CHECKING:
    from deeptone_tui.app.presenters.threshold import Proposal


SPANS = {
    30: "Last 30 seconds",
    60: "Last minute",
    120: "Last 2 minutes",
    300: "Last 5 minutes",
    900: "Last 15 minutes",
}
"""Seconds, and how the timeline is called then."""

DEFAULT_SPAN = 60
LONGEST_SPAN = max(SPANS)


def stepped(span: int, steps: int) -> int:
    """The span some steps longer (or shorter, when negative), which ends at either end."""
    spans = list(SPANS)
    return spans[min(max(spans.index(span) + steps, 0), len(spans) - 1)]


def known_span(span: int) -> int:
    """The span if it is one of ours, as one remembered may not be; otherwise the default."""
    return span if span in SPANS else DEFAULT_SPAN


@dataclass(frozen=True, slots=True)
class Offer:
    """To save a threshold that nothing keeps, before the screen is left."""

    threshold: float
    """What is in force, or about to be; 0 to 1."""
    profile: str
    """Name of the profile that it would go into."""


@dataclass(frozen=True, slots=True)
class View:
    """Everything the screen shows at one moment, but for the results."""

    state: MonitorState = field(default_factory=MonitorState)
    """The state that is drawn; it stands still while the screen is frozen."""
    live: MonitorState = field(default_factory=MonitorState)
    """The newest state, for what goes on while the screen is frozen."""
    mark: float = DEFAULT_VOLUME_THRESHOLD
    """The threshold under the user's hand, 0 to 1."""
    span: int = DEFAULT_SPAN
    """Seconds that the timeline shows."""
    frozen: bool = False
    """Whether the user holds the screen of a live source."""
    proposed: "Proposal | None" = None
    """A threshold that the user has not taken or left yet."""
    tuning: bool = False
    """Whether the endpoint judges everything, at threshold 0, while the user moves the mark."""
    whole: bool = False
    """Whether tune mode counts all there was and not only the span, which is the longest then."""
    leaving: Offer | None = None
    """What is offered because the user is about to leave."""
    keys: KeyMap = field(default_factory=dict)
    """The user's own keys, by action."""

    def key(self, action: str, usual: str) -> str:
        """What stands on the screen for the key of an action.

        Args:
            action: its name.
            usual: what stands there for the key that it has when the user says nothing.
        """
        keys = self.keys.get(action)
        return shown(keys[0]) if keys else usual

    @property
    def applied(self) -> StreamParameters | None:
        """What the endpoint was asked for; None before the first connection."""
        return self.live.session.applied

    @property
    def in_force(self) -> StreamParameters:
        """What the endpoint goes by; what is only wished, or was refused, is not in it."""
        return self.live.session.in_force

    @property
    def models(self) -> tuple[str, ...]:
        """The models that answer, in their order."""
        return self.in_force.models

    @property
    def span_levels(self) -> npt.NDArray[np.floating]:
        """Levels of the steps that the span holds, oldest first, shape (n,)."""
        steps = self.span * SAMPLE_RATE_HZ // STEP_SAMPLES
        return self.state.history.levels[-steps:]
