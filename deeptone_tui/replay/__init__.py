"""Replay of a recording: its audio in real time, its results where they belong."""

from deeptone_tui.replay.playback import replay_monitor

__all__ = ["replay_monitor"]
