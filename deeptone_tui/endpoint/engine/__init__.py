"""The models behind the local endpoint: what they hear in a stream, and the threads they run in.

``Engine`` holds the networks; ``Analysis`` is one connection. What the answers mean:

- Audio is judged in steps of 64 ms. A period whose steps are all silent (`deeptone_tui.dsp`) is
  ``silence`` with confidence 1 for every model; otherwise the models answer for its steps that
  are not silent. The networks hear all of the audio, whatever the threshold is.
- ``speech-rt``: Silero VAD's probability of speech, the likelier window of each step, averaged
  over the period. What is not speech is divided into music and other by the speech/music/noise
  network, which looks at 0.7 s of audio every 256 ms wherever speech is not clear. The largest
  share is the result and its size the confidence.
- ``speech``: the same, over the last 1082 ms where the period is shorter.
- ``gender``: a voice embedding of the speech in the last 3130 ms and a linear head, renewed at
  most every 512 ms; ``unknown`` from 0.3 to 0.7; ``no_speech`` where ``speech-rt`` does not say
  speech, with 1 - its share of speech as confidence.
- Raw values are there in silence, too: the shares of all steps, what is not speech being other,
  and the newest estimate of gender (0.5 before any speech). Asking for them changes no answer.
"""

from deeptone_tui.endpoint.engine.batch import EngineClosed
from deeptone_tui.endpoint.engine.engine import OFFERED, Analysis, Engine, ModelNotOffered

__all__ = ["OFFERED", "Analysis", "Engine", "EngineClosed", "ModelNotOffered"]
