"""One connection's audio on its own sample count, and what is concluded from it. No threads.

The networks are elsewhere: a track says what it wants them to see and takes note of what they
saw, in this order for every slice of its audio: `hear`, `note_speech`, `sound_patches`,
`note_sounds`, and where the slice ends a period `voice_windows`, `note_voice`, `note_gender`,
`conclude`. Every
decision is taken at a place in the sample count, so that the results depend on nothing but the
samples and the parameters.
"""

import numpy as np
import numpy.typing as npt

from deeptone_tui.dsp import STEP_SAMPLES, silent, step_levels
from deeptone_tui.endpoint.engine.features import overlapping
from deeptone_tui.endpoint.engine.networks import CONTEXT_SAMPLES, WINDOW, VoiceState
from deeptone_tui.endpoint.engine.schedules import (
    SOUND_FIELD_STEPS,
    VOICE_FIELD_STEPS,
    History,
    RecentAudio,
    Shares,
    SoundSchedule,
    VoiceSchedule,
    gender_answer,
    gender_raw,
    shares_of,
)
from deeptone_tui.protocol import Answer, Step, StreamParameters

__all__ = ["Track"]


Floats = npt.NDArray[np.float32]

SPEECH_FIELD_STEPS = 17
"""Steps that ``speech`` averages over at least: its receptive field, 1082 ms, rounded up."""

SILENCE = Answer("silence", 1.0)


class Track:
    """One stream. Not thread-safe: whoever holds its slice works on it alone."""

    def __init__(self, parameters: StreamParameters) -> None:
        self.voice_state = VoiceState()
        """The speech detector's memory of this stream."""
        self.wants_gender = "gender" in parameters.models
        self._parameters = parameters
        self.period_steps = parameters.period_samples // STEP_SAMPLES
        """Steps in a period."""
        self._concluded = 0  # periods
        field = VOICE_FIELD_STEPS if self.wants_gender else SOUND_FIELD_STEPS
        self._audio = RecentAudio(field * STEP_SAMPLES)
        self._history = History(max(field, SPEECH_FIELD_STEPS, self.period_steps))
        self._sounds = SoundSchedule(self._audio, self._history)
        self._voice = VoiceSchedule(self._audio, self._history)

    @property
    def begun(self) -> int:
        """Steps heard of the period that is not concluded."""
        return self._history.end - self._concluded * self.period_steps

    @property
    def room(self) -> int:
        """Steps to the end of the period, at least 1."""
        return self.period_steps - self.begun

    def hear(self, samples: npt.NDArray[np.int16]) -> Floats:
        """Take whole steps, at most `room`, and return windows [2 a step, 576] of them."""
        self._levels = step_levels(samples)
        self._audio.append(samples)
        end = self._audio.end
        audio = self._audio.between(end - len(samples) - CONTEXT_SAMPLES, end)
        return overlapping(audio, CONTEXT_SAMPLES + WINDOW, WINDOW)

    def note_speech(self, probabilities: Floats) -> None:
        """Take the probabilities of speech of the windows; a step is as likely as its likelier."""
        gate = silent(self._levels, self._parameters.volume_threshold)
        self._history.append(gate, probabilities.reshape(-1, 2).max(axis=1))

    def sound_patches(self, *, period_ends: bool) -> Floats:
        """Patches [k, 68, 21] that have to be classified; k may be 0."""
        return self._sounds.patches(period_ends=period_ends)

    def note_sounds(self, classes: Floats) -> None:
        """Take the classes of the patches, [k, 3]; to be called with none, too."""
        self._sounds.note(classes)

    def voice_windows(self) -> Floats:
        """Windows [k, 160, 40] whose voice has to be told at the end of a period; k may be 0."""
        wanted = self.wants_gender and not self._silent
        if wanted and self._shares(0).answer.result == "speech":
            return self._voice.windows()
        return np.empty((0, 0, 0), np.float32)

    def note_voice(self, embeddings: Floats) -> Floats:
        """Take the embeddings of the windows and return those to tell the gender from."""
        return self._voice.note(embeddings)

    def note_gender(self, female: float) -> None:
        """Take the probability that the voice is a woman's."""
        self._voice.female = female

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
        """Whether all steps of the period are silent."""
        end = self._history.end
        return bool(self._history.silent(end - self.begun, end).all())

    def _shares(self, field: int) -> Shares:
        """Shares in the period, or in the last ``field`` steps if those are more.

        Of the steps that are not silent; of all, if there are none: nothing has been divided
        there, and what is not speech is other.
        """
        end = self._history.end
        span = max(0, end - max(self.begun, field)), end
        chosen = ~self._history.silent(*span)
        if self._silent:
            chosen = np.ones_like(chosen)
        return shares_of(self._history.speech(*span)[chosen], self._history.music(*span)[chosen])

    def _speech_shares(self, model: str) -> Shares:
        return self._shares(SPEECH_FIELD_STEPS if model == "speech" else 0)

    def _answer(self, model: str) -> Answer:
        if model == "gender":
            return gender_answer(self._shares(0), self._voice.female)
        return self._speech_shares(model).answer

    def _raw(self, model: str) -> dict[str, float]:
        if model == "gender":
            return gender_raw(self._voice.female)
        return self._speech_shares(model).raw
