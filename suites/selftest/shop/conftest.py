"""One shop per test, so that limits and tries do not leak; and one per module, for tests that bring their own account."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from suites.selftest.shop.by_sms import BySms
from suites.selftest.shop.oneaccess import environment, fake_oneaccess
from suites.selftest.shop.parts import FIXTURES, FakeApi, Shop, fake_api, running


@pytest.fixture
def api() -> Iterator[FakeApi]:
    with fake_api() as served:
        yield served


@pytest.fixture
def shop(api: FakeApi, tmp_path: Path) -> Iterator[Shop]:
    with running(FIXTURES / "shop", api, tmp_path) as shop:
        yield shop


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with fake_api() as served, running(FIXTURES / "shop", served, tmp_path_factory.mktemp("shop")) as shop:
        yield shop


@pytest.fixture(scope="module")
def registering(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BySms]:
    scratch = tmp_path_factory.mktemp("shop")
    with fake_oneaccess() as api, running(FIXTURES / "shop", FakeApi(), scratch, **environment(api)) as shop:
        yield BySms(shop=shop, api=api)


@pytest.fixture
def by_sms(registering: BySms) -> BySms:
    """The shop that has OneAccess, which answers as documented and was asked nothing."""
    registering.api.answers.clear()
    registering.api.asked.clear()
    return registering
