"""The monitor: source, levels and session on a thread of their own, and one immutable state.

Importing this package brings in neither aiohttp nor any audio library; the core's thread does
that when it starts.
"""

from deeptone_tui.monitor.monitor import Monitor
from deeptone_tui.monitor.state import (
    Agreement,
    Change,
    ChangeKind,
    Counters,
    LevelHistory,
    Meter,
    MonitorState,
    Notice,
    PlacedResult,
    SessionPhase,
    SessionStatus,
    SourcePhase,
    SourceStatus,
)

__all__ = [
    "Agreement",
    "Change",
    "ChangeKind",
    "Counters",
    "LevelHistory",
    "Meter",
    "Monitor",
    "MonitorState",
    "Notice",
    "PlacedResult",
    "SessionPhase",
    "SessionStatus",
    "SourcePhase",
    "SourceStatus",
]
