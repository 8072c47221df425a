"""State of one stream's analysis: network inputs from its audio, results from network outputs.

A track runs no networks and no threads: it provides the inputs of the networks and takes their
outputs, in this order for every slice of audio: `speech_windows`, `note_speech`, ``sounds.patches``
and ``sounds.note``, and if the slice ends a period `voice_windows`, ``voice.note``,
``voice.female``, `conclude`. Every decision is tied to a position in the sample count, so that the
results depend only on the samples and the parameters.
"""

import numpy as np

from deeptone_tui.dsp import Samples, silent, step_levels, to_waveform
from deeptone_tui.endpoint.engine.features import Floats, overlapping
from deeptone_tui.endpoint.engine.networks import CONTEXT_SAMPLES, WINDOW, VoiceState
from deeptone_tui.endpoint.engine.schedules import (
    SOUND_FIELD_STEPS,
    VOICE_FIELD_STEPS,
    History,
    Shares,
    SoundSchedule,
    VoiceSchedule,
    gender_answer,
    gender_raw,
    recent_audio,
    shares_of,
)
from deeptone_tui.protocol import STEP_SAMPLES, Answer, Step, StreamParameters

SPEECH_FIELD_STEPS = 17
"""Least number of steps that ``speech`` averages: its receptive field, 1082 ms, rounded up."""

SILENCE = Answer("silence", 1.0)


class Track:
    """Analysis state of one stream. Not thread-safe: only the holder of its slice may use it."""

    def __init__(self, parameters: StreamParameters) -> None:
        self.voice_state = VoiceState()
        """Recurrent state of the speech detector."""
        self.wants_gender = "gender" in parameters.models
        self._parameters = parameters
        self.period_steps = parameters.period_samples // STEP_SAMPLES
        """Steps in a period."""
        self._concluded = 0  # periods
        field = VOICE_FIELD_STEPS if self.wants_gender else SOUND_FIELD_STEPS
        self._audio = recent_audio(field * STEP_SAMPLES)
        self._history = History(max(field, SPEECH_FIELD_STEPS, self.period_steps))
        self.sounds = SoundSchedule(self._audio, self._history)
        self.voice = VoiceSchedule(self._audio, self._history)

    @property
    def begun(self) -> int:
        """Steps processed of the current period."""
        return self._history.end - self._concluded * self.period_steps

    @property
    def room(self) -> int:
        """Steps left to the end of the period, at least 1."""
        return self.period_steps - self.begun

    def speech_windows(self, samples: Samples) -> Floats:
        """Append whole steps, at most `room`, and return their windows [2 per step, 576]."""
        self._levels = step_levels(samples)
        self._audio.append(to_waveform(samples))
        end = self._audio.end
        audio = self._audio.view(end - len(samples) - CONTEXT_SAMPLES, end)
        return overlapping(audio, CONTEXT_SAMPLES + WINDOW, WINDOW)

    def note_speech(self, probabilities: Floats) -> None:
        """Take the windows' probabilities of speech; a step gets the larger of its two."""
        gate = silent(self._levels, self._parameters.volume_threshold)
        self._history.append(gate, probabilities.reshape(-1, 2).max(axis=1))

    def voice_windows(self) -> Floats:
        """Return windows [k, 160, 40] to embed at the end of a period; k may be 0."""
        wanted = self.wants_gender and not self._silent
        if wanted and self._shares(0).answer.result == "speech":
            return self.voice.windows()
        return np.empty((0, 0, 0), np.float32)

    def conclude(self) -> Step:
        """End the period and return its result."""
        models = self._parameters.models
        timestamp = float(self._concluded * self._parameters.output_period)
        quiet = self._silent
        answers = {model: SILENCE if quiet else self._answer(model) for model in models}
        asked = self._parameters.include_raw_values
        raw = {model: self._raw(model) for model in models} if asked else None
        self._concluded += 1
        return Step(timestamp, answers, raw)

    @property
    def _silent(self) -> bool:
        """True if all steps of the current period are silent."""
        end = self._history.end
        return bool(self._history.silent.view(end - self.begun, end).all())

    def _shares(self, field: int) -> Shares:
        """Return the shares in the period, or in the last ``field`` steps if those are more.

        They average the steps that are not silent. In a silent period they average all steps, and
        silent steps are not classified, so non-speech counts as other there.
        """
        end = self._history.end
        span = max(0, end - max(self.begun, field)), end
        chosen = ~self._history.silent.view(*span)
        if self._silent:
            chosen = np.ones_like(chosen)
        speech, music = self._history.speech.view(*span), self._history.music.view(*span)
        return shares_of(speech[chosen], music[chosen])

    def _speech_shares(self, model: str) -> Shares:
        return self._shares(SPEECH_FIELD_STEPS if model == "speech" else 0)

    def _answer(self, model: str) -> Answer:
        if model == "gender":
            return gender_answer(self._shares(0), self.voice.female)
        return self._speech_shares(model).answer

    def _raw(self, model: str) -> dict[str, float]:
        if model == "gender":
            return gender_raw(self.voice.female)
        return self._speech_shares(model).raw
