"""Inference engine of the local endpoint: networks, analysis of a stream, and worker threads.

``Engine`` holds the networks; ``Analysis`` belongs to one connection. Semantics of the answers:

- Audio is judged in steps of 64 ms. A period whose steps are all silent (`deeptone_tui.dsp`) is
  ``silence`` with confidence 1 for every model; otherwise the models answer for its steps that
  are not silent. The networks process all of the audio, whatever the threshold is.
- ``speech-rt``: Silero VAD's probability of speech, the maximum of each step's windows, averaged
  over the period. The speech/music/noise network divides the rest into music and other; it
  classifies 0.7 s of audio every 256 ms wherever speech is not clear. The largest share is the
  result and its size the confidence.
- ``speech``: the same, over the last 1082 ms if the period is shorter.
- ``gender``: a voice embedding of the speech in the last 3130 ms and a linear head, updated at
  most every 512 ms; ``unknown`` between 0.3 and 0.7; ``no_speech`` if the result of ``speech-rt``
  is not speech, with 1 - its share of speech as confidence.
- Raw values exist in silence, too: the shares over all steps, where non-speech counts as other,
  and the newest estimate of gender (0.5 before any speech). Requesting them changes no answer.
"""

from deeptone_tui.endpoint.engine.batch import EngineClosed
from deeptone_tui.endpoint.engine.engine import Analysis, Engine

__all__ = ["Analysis", "Engine", "EngineClosed"]
