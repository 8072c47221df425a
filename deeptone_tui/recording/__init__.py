"""Recordings: audio, results and events of a session, with every file valid at any moment.

A recording is a folder with ``audio-000.wav`` and so on, ``results.jsonl``, ``events.jsonl`` and
``settings.json``. Positions in it are absolute samples at 16 kHz since capture began; the first
audio file begins at the ``first_sample`` of the settings, and the others follow.
"""

from deeptone_tui.recording.backlog import Facts
from deeptone_tui.recording.recorder import Recorder, RecordingStatus

__all__ = ["Facts", "Recorder", "RecordingStatus"]
