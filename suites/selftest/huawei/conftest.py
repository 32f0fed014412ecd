"""One provider server for all of these tests; every test finds the tenant new."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.certificates import Authority
from suites.selftest.huawei.tenant import Tenant


@pytest.fixture(scope="session")
def served_tenant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tenant]:
    site = Tenant(Authority(tmp_path_factory.mktemp("authority")))
    yield site
    site.close()


@pytest.fixture
def tenant(served_tenant: Tenant) -> Tenant:
    return served_tenant.renew()
