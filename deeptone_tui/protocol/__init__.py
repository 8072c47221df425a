"""The wire protocol of DeepTone's streaming endpoint, for client and server. Performs no I/O.

A client connects to ``/stream`` with the parameters in the query (`StreamParameters`), sends
16-bit little-endian mono samples as binary messages, and receives one JSON text message
(`parse_message`, `encode_results`) for every ``output_period`` of audio.

*Silence*, which every model answers in place of its classes, is audio with a level below
``volume_threshold``. DeepTone never published how it measured that level; `deeptone_tui.dsp`
holds the definition used here.
"""

from deeptone_tui.protocol.messages import (
    Answer,
    ErrorReported,
    Greeting,
    Message,
    ResultsReceived,
    Step,
    UnknownReceived,
    encode_error,
    encode_greeting,
    encode_results,
    parse_message,
)
from deeptone_tui.protocol.parameters import (
    CATALOGUE,
    DEFAULT_MODELS,
    DEFAULT_OUTPUT_PERIOD_MS,
    DEFAULT_VOLUME_THRESHOLD,
    END_OF_AUDIO,
    MAX_OUTPUT_PERIOD_MS,
    MAX_SAMPLE_RATE,
    MIN_SAMPLE_RATE,
    SAMPLE_RATE_HZ,
    SAMPLES_PER_MS,
    STEP_MS,
    STEP_SAMPLES,
    Changes,
    Model,
    ParameterError,
    StreamParameters,
    format_threshold,
    parse_include_raw_values,
    parse_models,
    parse_output_period,
    parse_sample_rate,
    parse_volume_threshold,
    round_threshold,
)

__all__ = [
    "CATALOGUE",
    "DEFAULT_MODELS",
    "DEFAULT_OUTPUT_PERIOD_MS",
    "DEFAULT_VOLUME_THRESHOLD",
    "END_OF_AUDIO",
    "MAX_OUTPUT_PERIOD_MS",
    "MAX_SAMPLE_RATE",
    "MIN_SAMPLE_RATE",
    "SAMPLES_PER_MS",
    "SAMPLE_RATE_HZ",
    "STEP_MS",
    "STEP_SAMPLES",
    "Answer",
    "Changes",
    "ErrorReported",
    "Greeting",
    "Message",
    "Model",
    "ParameterError",
    "ResultsReceived",
    "Step",
    "StreamParameters",
    "UnknownReceived",
    "encode_error",
    "encode_greeting",
    "encode_results",
    "format_threshold",
    "parse_include_raw_values",
    "parse_message",
    "parse_models",
    "parse_output_period",
    "parse_sample_rate",
    "parse_volume_threshold",
    "round_threshold",
]
