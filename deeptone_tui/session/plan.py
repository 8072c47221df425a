"""What is asked of whom."""

from dataclasses import dataclass

from deeptone_tui.protocol import StreamParameters
from deeptone_tui.session.target import TargetProvider


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked of whom."""

    provider: TargetProvider
    parameters: StreamParameters
