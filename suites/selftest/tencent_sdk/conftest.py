"""One served account and one client of each language for all of these tests; every test finds the account new."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3.response

from harness.certificates import Authority
from suites.selftest.tencent_sdk.node_sdk import PROXY_VARIABLES, NodeSdk
from suites.selftest.tencent_sdk.python_sdk import PythonSdk
from suites.selftest.tencent_sdk.served import Served


@pytest.fixture(scope="session")
def sdk_authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def served_account(sdk_authority: Authority) -> Iterator[Served]:
    site = Served(sdk_authority)
    yield site
    site.close()


@pytest.fixture
def served(served_account: Served, monkeypatch: pytest.MonkeyPatch) -> Served:
    # The SDK was measured without the module, which it does not bring along; here Locust's client does, for other tests.
    monkeypatch.setattr(urllib3.response, "brotli", None)
    decoded = [name for name in urllib3.response.HTTPResponse.CONTENT_DECODERS if name != "br"]
    monkeypatch.setattr(urllib3.response.HTTPResponse, "CONTENT_DECODERS", decoded)
    for name in PROXY_VARIABLES:
        # The vendor's SDKs would send even loopback requests through a proxy that the environment names.
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    served_account.renew()
    return served_account


@pytest.fixture(scope="session")
def python_sdk(sdk_authority: Authority) -> PythonSdk:
    return PythonSdk(str(sdk_authority.ca_file))


@pytest.fixture(scope="session")
def node_sdk(sdk_authority: Authority) -> Iterator[NodeSdk]:
    client = NodeSdk(Path(sdk_authority.ca_file))
    yield client
    client.close()
