"""Stream parameters that a client requests, and their encoding in the URL's query."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypedDict

from deeptone_tui.protocol.constants import (
    DEFAULT_MODELS,
    DEFAULT_OUTPUT_PERIOD_MS,
    DEFAULT_VOLUME_THRESHOLD,
    SAMPLE_RATE_HZ,
    SAMPLES_PER_MS,
    format_threshold,
)
from deeptone_tui.protocol.values import (
    ParameterError,
    check_include_raw_values,
    check_models,
    check_output_period,
    check_sample_rate,
    check_volume_threshold,
    parse_include_raw_values,
    parse_models,
    parse_output_period,
    parse_sample_rate,
    parse_volume_threshold,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamParameters:
    """The parameters of a stream; an instance always holds allowed values.

    Raises:
        ParameterError: If a value is not allowed.
    """

    models: tuple[str, ...] = DEFAULT_MODELS
    """Documented names without repetition, at least one."""
    output_period: int = DEFAULT_OUTPUT_PERIOD_MS
    """Milliseconds of audio per result: a multiple of 64, from 64 to 3 600 000."""
    volume_threshold: float = DEFAULT_VOLUME_THRESHOLD
    """Amplitude from 0 to 1, of at most four significant digits; lower levels are silence."""
    include_raw_values: bool = False
    """True if results include each model's values for all of its classes."""
    sample_rate: int = SAMPLE_RATE_HZ
    """Rate of the audio sent, in hertz, from 4000 to 384 000."""

    def __post_init__(self) -> None:
        # The checks also normalise (repeated names, an int for a threshold, minus zero), so that
        # equal requests compare equal; a frozen instance can only be written to this way.
        write = object.__setattr__
        write(self, "models", check_models(self.models))
        write(self, "output_period", check_output_period(self.output_period))
        write(self, "volume_threshold", check_volume_threshold(self.volume_threshold))
        write(self, "include_raw_values", check_include_raw_values(self.include_raw_values))
        write(self, "sample_rate", check_sample_rate(self.sample_rate))

    @property
    def period_samples(self) -> int:
        """Samples at 16 kHz per result, whatever rate is sent."""
        return SAMPLES_PER_MS * self.output_period

    def to_query(self) -> str:
        """Encode as a query, such as ``models=speech-rt,gender&output_period=1024&...``.

        ``include_raw_values`` and ``sample_rate`` are omitted if they have their default.
        """
        pairs = {
            "models": ",".join(self.models),
            "output_period": str(self.output_period),
            "volume_threshold": format_threshold(self.volume_threshold),
        }
        if self.include_raw_values:
            pairs["include_raw_values"] = "true"
        if self.sample_rate != SAMPLE_RATE_HZ:
            pairs["sample_rate"] = str(self.sample_rate)
        # Allowed values consist of letters, digits, commas, dots and hyphens: nothing to escape.
        return "&".join(f"{name}={value}" for name, value in pairs.items())

    @classmethod
    def from_query(cls, pairs: Iterable[tuple[str, str]]) -> "StreamParameters":
        """Parse a query.

        Args:
            pairs: Names and values, percent-decoded, in their order. Several models are given as
                a comma list, by repeating ``models``, or both. Names that are not parameters of
                the stream (such as ``api_key``) are ignored; missing ones get their default.

        Raises:
            ParameterError: If a value is not allowed, or a parameter other than ``models`` is
                repeated with a different value.
        """
        given: dict[str, str] = {}
        for name, value in pairs:
            if name not in _PARSERS:
                continue
            if name == "models" and name in given:
                given[name] += "," + value
            elif given.setdefault(name, value) != value:
                raise ParameterError(f"{name} is given more than once: one value is allowed")
        return cls(**{name: _PARSERS[name](value) for name, value in given.items()})  # type: ignore[arg-type]  # each parser returns its parameter's type


class Changes(TypedDict, total=False):
    """Parameters of a stream to be changed, by name."""

    models: tuple[str, ...]
    output_period: int
    volume_threshold: float
    include_raw_values: bool


_PARSERS: Mapping[str, Callable[[str], object]] = {
    "models": parse_models,
    "output_period": parse_output_period,
    "volume_threshold": parse_volume_threshold,
    "include_raw_values": parse_include_raw_values,
    "sample_rate": parse_sample_rate,
}
