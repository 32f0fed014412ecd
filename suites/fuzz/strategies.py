"""Tickets as forgers, broken pages and vendors write them. They are rendered by hand, not by the code that reads them."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

# Documented codes of the client (1001–1014) and of a business server (2001–2006), and some that nobody has documented.
CODES = (*range(1001, 1015), *range(2001, 2007), 1000, 1015, 9999)
DAY_S = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A ticket, to be written when app and moment are known: ``{app}``, ``{now}``, ``{old}`` and ``{later}`` are filled in."""

    text: str

    def write(self, *, app_id: str, now_s: int) -> str:
        """Write the ticket."""
        filled = self.text.replace("{app}", app_id).replace("{now}", str(now_s))
        return filled.replace("{old}", str(now_s - DAY_S)).replace("{later}", str(now_s + DAY_S))


_prefixes = st.sampled_from(["terror", "trerror"])
_codes = st.sampled_from(CODES)
_suffixes = st.one_of(st.just(""), st.text("0123456789abcdef", min_size=1, max_size=40).map(lambda text: f"_{text}"))

# What cannot be told from an honest user's ticket: of the client's documented codes, for our app, of now.
lookalikes = st.builds(
    lambda prefix, code, suffix: Recipe(text=f"{prefix}_{code}_{{app}}_{{now}}{suffix}"),
    _prefixes, st.sampled_from(CODES[:14]), _suffixes,
)

_near_misses = st.builds(
    lambda shape, prefix, code: Recipe(text=shape.replace("PREFIX", prefix).replace("CODE", str(code))),
    st.sampled_from(
        [
            "PREFIX_CODE_{app}{now}", "PREFIX_CODE__{now}", "PREFIX_{app}_{now}", "PREFIX_CODE_{app}_{now}000",
            "PREFIX_CODE_1{app}_{now}", "PREFIX_CODE_{app}_{old}", "PREFIX_CODE_{app}_{later}", "PREFIX_CODE_{app}",
            "PREFIX_CODE_{app}_{now}_", " PREFIX_CODE_{app}_{now}", "PREFIX_CODE_{app}_{now}\n", "PREFIX__{app}_{now}",
            "PREFIX_-CODE_{app}_{now}", "PREFIX_CODE_{app}_-{now}", "PREFIX_0xCODE_{app}_{now}",
        ]
    ),
    _prefixes,
    _codes,
)
_guesses = st.builds(  # a business server's ticket, its signature guessed
    lambda code, guess: Recipe(text=f"terror_{code}_{{app}}_{{now}}_{guess}"),
    st.integers(2001, 2006), st.text("0123456789abcdef", min_size=32, max_size=64),
)
_garbage = st.one_of(
    st.text(max_size=200),
    st.text(max_size=60).map(lambda text: f"terror_1001_{text}"),
    st.text("0123456789٠١٢３４５_", min_size=1, max_size=40).map(lambda text: f"terror_{text}"),
    st.integers(1, 20_000).map(lambda length: "t" * length),
    st.sampled_from(["", " ", "null", "true", "0", "terror_", "trerror_", "terror", "{}", "[]", "%00", "\x00", "' OR 1=1 --"]),
).map(lambda text: Recipe(text=text))

# Every ticket that nobody honest has while the provider is healthy.
worthless = st.one_of(_near_misses, _guesses, _garbage)
