"""Monitor: source, levels and session on a thread of their own, with one immutable state.

Importing this package imports neither aiohttp nor any audio library; the pipeline's thread does so
when it starts.
"""

from deeptone_tui.monitor.monitor import Monitor
from deeptone_tui.monitor.state import (
    Counters,
    MonitorState,
    Notice,
    PlacedResult,
    SessionPhase,
    SessionStatus,
    SourcePhase,
    SourceStatus,
)

__all__ = [
    "Counters",
    "Monitor",
    "MonitorState",
    "Notice",
    "PlacedResult",
    "SessionPhase",
    "SessionStatus",
    "SourcePhase",
    "SourceStatus",
]
