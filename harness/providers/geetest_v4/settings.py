"""What the notes leave open, as options with a default; a wrong value is refused by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.errors import ConfigurationError

OPTIONS: Mapping[str, str] = {
    "lot_valid_s": "how long a challenge may be solved, in seconds (not documented; 600)",
    "pass_valid_s": "how long a pass may be validated, in seconds (not documented; 300)",
    "bypass_passes": "whether /validate accepts what the bypass script made (not documented; false)",
    "error_code": "the code of a validation that cannot be read or is not signed (which one is not documented; -50005)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The options as they stand."""

    lot_valid_s: int = 600
    pass_valid_s: int = 300
    bypass_passes: bool = False
    error_code: str = "-50005"


def settings_from(options: Mapping[str, object]) -> Settings:
    """Read ``[provider.options]``; raises :class:`ConfigurationError` for a value of another type."""
    known = {name: value for name, value in options.items() if name in OPTIONS}
    for name, value in known.items():
        wanted = type(getattr(Settings(), name))
        if type(value) is not wanted:
            raise ConfigurationError(f"provider option {name!r} must be of type {wanted.__name__}, not {value!r}")
    return Settings(**known)  # type: ignore[arg-type]  # each type has just been looked at
