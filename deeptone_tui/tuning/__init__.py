"""Which ``volume_threshold`` to use, and what it would cost. Numpy only, no input or output.

- `cost_of`, `curve` and `histogram` replay the endpoint's gate on levels of steps and on what the
  endpoint says of them at threshold 0.
- `Periods` are what is replayed: levels, answers and lengths, whatever they were asked for.
- `suggest` finds a threshold from the levels and, where they are known, the endpoint's answers.
- `Calibration` is the guided way to one: two seconds of quiet, then a sentence.
"""

from deeptone_tui.tuning.calibration import Calibration, Phase
from deeptone_tui.tuning.evidence import OTHER, SPEECH, UNKNOWN, Evidence, Heard
from deeptone_tui.tuning.periods import Cost, Curve, Periods
from deeptone_tui.tuning.replay import GRID, cost_of, curve, histogram
from deeptone_tui.tuning.search import suggest
from deeptone_tui.tuning.suggestion import Suggestion, Verdict

__all__ = [
    "GRID",
    "OTHER",
    "SPEECH",
    "UNKNOWN",
    "Calibration",
    "Cost",
    "Curve",
    "Evidence",
    "Heard",
    "Periods",
    "Phase",
    "Suggestion",
    "Verdict",
    "cost_of",
    "curve",
    "histogram",
    "suggest",
]
