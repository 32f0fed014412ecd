"""What tests of several areas need: Toxiproxy, certificates, a page, the zoo's animals, asyncio for async tests."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from harness.certificates import Authority
from harness.setup.toxiproxy import find_toxiproxy
from harness.zoo.animals import load_animals, zoo_folder
from harness.zoo.materialise import materialise
from suites.selftest.page_server import PageServer

# These options are for the session that is begun by now. The sessions that tests begin, and read every word of, are not meant.
os.environ.pop("PYTEST_ADDOPTS", None)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def toxiproxy_path() -> Path:
    """Where a usable server is; not skipped when there is none, for then nothing here is known to work."""
    found = asyncio.run(find_toxiproxy())
    assert found.path is not None, "these tests start servers of their own: unset CAPTCHAOS_TOXIPROXY, or set it to a path"
    return found.path


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
async def pages(anyio_backend: str) -> AsyncIterator[PageServer]:
    server = PageServer()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture(scope="session")
def animal_folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return a function that makes an animal of the zoo into a target's folder, each once."""
    into, made = tmp_path_factory.mktemp("zoo"), dict[str, Path]()

    def folder(name: str) -> Path:
        if name not in made:
            (animal,) = load_animals(zoo_folder(), [name])
            made[name] = materialise(animal, into)
        return made[name]

    return folder
