"""A registry that fills itself: built-ins by import of their folder, third parties by entry points."""

from __future__ import annotations

import importlib
import importlib.metadata
import pkgutil
from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

from harness.errors import ConfigurationError, UsageError, closest

T = TypeVar("T")


class Registry(Generic[T]):
    """Name → part. Adding a part is adding one module that calls :meth:`add` where it stands."""

    def __init__(self, kind: str, *, package: str, entry_point_group: str) -> None:
        self.kind = kind
        self._package = package
        self._group = entry_point_group
        self._parts: dict[str, T] = {}
        self._loaded = False

    def add(self, name: str, part: T) -> T:
        """Register ``part`` under ``name``; a second part of the same name is refused."""
        if name in self._parts:
            raise ConfigurationError(f"two {self.kind}s are called {name!r}: rename one of them")
        self._parts[name] = part
        return part

    def get(self, name: str) -> T:
        """Return the part called ``name``; raises :class:`UsageError` with the closest match."""
        parts = self.all()
        if name not in parts:
            raise UsageError(f"no {self.kind} is called {name!r}{closest(name, parts)}")
        return parts[name]

    def all(self) -> Mapping[str, T]:
        """Every registered part by name, built-ins first."""
        self._load()
        return dict(self._parts)

    def __iter__(self) -> Iterator[T]:
        return iter(self.all().values())

    def _load(self) -> None:
        if self._loaded:
            return
        self._loaded = True
        try:
            self._load_all()
        except BaseException:
            # Who asks again must be told again, and not be given the part that could be loaded.
            self._loaded = False
            raise

    def _load_all(self) -> None:
        package = importlib.import_module(self._package)
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{self._package}.{module.name}")
        for entry_point in importlib.metadata.entry_points(group=self._group):
            self._load_foreign(entry_point)

    def _load_foreign(self, entry_point: importlib.metadata.EntryPoint) -> None:
        try:
            entry_point.load()
        except (ImportError, AttributeError) as error:
            named = f"the {self.kind} {entry_point.name!r} ({entry_point.value}, an entry point of {self._group})"
            raise ConfigurationError(f"{named} cannot be loaded: {error}; mend it, or remove its package") from error
