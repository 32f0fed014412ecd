"""Effects that no path of the target's tells: counted by SQL, by a command, or by a pattern in what it prints."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.errors import ConfigurationError, TargetError
from harness.target.placeholders import fill
from harness.target.spec import Effects

LIMIT_S = 10.0
_NUMBER = re.compile(r"-?\d+")


class LineTally:
    """How many lines of what is printed have matched each pattern; a line may come in pieces."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._begun = b""

    def watch(self, pattern: str) -> None:
        """Count this pattern from here on."""
        self._counts.setdefault(pattern, 0)

    def feed(self, chunk: bytes) -> None:
        """Count on in the next piece."""
        *lines, self._begun = (self._begun + chunk).split(b"\n")
        for pattern in self._counts:
            self._counts[pattern] += sum(re.search(pattern, line.decode("utf-8", "replace")) is not None for line in lines)

    def count(self, pattern: str) -> int:
        """How many lines have matched."""
        return self._counts.get(pattern, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """Where one lab's effects are counted. ``values`` fill placeholders, ``env`` is the target's own environment."""

    cwd: Path
    values: Mapping[str, str]
    env: Mapping[str, str] = field(default_factory=dict)
    printed: Callable[[str], int] = lambda _pattern: 0

    async def count(self, effects: Effects, key: str) -> int:
        """Count; raises TargetError naming the key when that cannot be done, ConfigurationError where a package is missing."""
        if effects.log is not None:
            return self.printed(effects.log)
        if effects.sql is not None:
            return await self._by_sql(effects.sql, fill(effects.database or "", self.values), f"{key}.sql")
        return await self._by_command(effects.command or "", f"{key}.command")

    async def _by_sql(self, query: str, database: str, key: str) -> int:
        found = await asyncio.to_thread(_first_value, query, database, key)
        if isinstance(found, bool) or not isinstance(found, int):
            raise TargetError(f"{key} finds {found!r:.80}; expected a query whose first value is a whole number")
        return found

    async def _by_command(self, command: str, key: str) -> int:
        words = [fill(word, self.values) for word in shlex.split(command)]
        try:
            process = await asyncio.create_subprocess_exec(
                *words, cwd=self.cwd, env={**os.environ, **self.env}, stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            )  # fmt: skip
        except OSError as error:
            raise TargetError(f"{key}: {words[0]} cannot be started ({error.strerror})") from error
        try:
            async with asyncio.timeout(LIMIT_S):
                out, err = await process.communicate()
        except TimeoutError as error:
            process.kill()
            await process.wait()
            raise TargetError(f"{key}: it was not over after {LIMIT_S:g} s") from error
        said = out.decode("utf-8", "replace").strip()
        if process.returncode or not _NUMBER.fullmatch(said):
            why = (err.decode("utf-8", "replace").strip() or said)[-200:]
            raise TargetError(f"{key}: expected a whole number and status 0, but it ended with {process.returncode}: {why}")
        return int(said)


def _first_value(query: str, database: str, key: str) -> Any:
    try:
        import sqlalchemy  # an extra: most targets count by a path
        from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
        from sqlalchemy.pool import NullPool
    except ImportError as error:
        raise ConfigurationError(f"{key} needs SQLAlchemy: pip install 'captchaos[sql]'") from error
    try:
        engine = sqlalchemy.create_engine(database, poolclass=NullPool)
        with engine.connect() as connection:
            found = connection.execute(sqlalchemy.text(query))
            if not found.returns_rows:
                raise TargetError(f"{key} finds nothing, for it is no query; say one that counts")
            return found.scalar()
    except (ArgumentError, NoSuchModuleError) as error:
        raise TargetError(f"{key}: the database URL is none that SQLAlchemy knows: {error}") from error
    except ModuleNotFoundError as error:
        raise TargetError(f"{key}: the database's driver is missing: pip install {error.name}") from error
    except SQLAlchemyError as error:
        raise TargetError(f"{key}: {str(error).splitlines()[0]}") from error


class Origin(str):
    """A target's own address, which also knows where its effects are counted beside it."""

    __slots__ = ("counters",)
    counters: Counters

    @classmethod
    def of(cls, address: str, counters: Counters) -> Origin:
        """Make one."""
        made = cls(address)
        made.counters = counters
        return made
