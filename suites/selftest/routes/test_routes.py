"""Each runtime, told only by the route's variables, reaches what the router maps and meets what it would meet without one.

What each must meet is transcribed from domain/sdk-behaviour.md and from what these clients do without a proxy.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harness.certificates import Authority
from harness.target.runtimes import RUNTIMES, with_route
from harness.target.runtimes.java import truststore
from harness.target.runtimes.route import Route
from suites.selftest.node import node_tool
from suites.selftest.routes import mapped
from suites.selftest.routes.mapped import HERE, HOSTS, Outcome, outcome_of

# The other runtimes' routes are tried all the same, and a machine without a JDK has no target in Java.
needs_a_jdk = pytest.mark.skipif(shutil.which("keytool") is None, reason="this machine has no JDK")
ENDED = {
    mapped.RESET: "upstream-reset",
    mapped.CLOSED: "upstream-eof",
    mapped.REFUSED: "refused",
    mapped.NO_NAME: "no-such-name",
    mapped.UNMAPPED: "unmapped",
}


def saw_everything(outcome: Outcome) -> bool:
    """Whether each host was asked through the router, and ended there as it should."""
    return {host: outcome.ended.get(host) for host in ENDED} == ENDED and set(outcome.ended) == set(HOSTS)


def test_node_meets_the_errors_that_it_meets_without_a_proxy(tmp_path: Path) -> None:
    outcome = asyncio.run(outcome_of("node", [node_tool("node"), str(HERE / "probe.js")], tmp_path))
    assert outcome.met == {
        mapped.GOOD: "204",
        mapped.BAD: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
        mapped.RESET: "ECONNRESET",
        mapped.CLOSED: "ECONNRESET",
        mapped.REFUSED: "ECONNREFUSED",
        mapped.NO_NAME: "ENOTFOUND",
        mapped.UNMAPPED: "EACCES",
    }
    assert saw_everything(outcome)


def test_python_trusts_the_laboratory_beside_the_list_that_a_client_brings_along(tmp_path: Path) -> None:
    outcome = asyncio.run(outcome_of("python", [sys.executable, str(HERE / "probe.py")], tmp_path))
    assert outcome.met[mapped.GOOD] == "204"
    assert "CERTIFICATE_VERIFY_FAILED" in outcome.met[mapped.BAD]
    assert "ConnectionResetError" in outcome.met[mapped.RESET]
    assert saw_everything(outcome)


# Python's clients, each as its own documents show it: the module, and a question.
LED = {
    "requests": ("requests", "requests.get('{url}')"),
    "httpx": ("httpx", "httpx.get('{url}')"),
    "urllib": ("urllib.request", "urllib.request.urlopen('{url}')"),
}
# They look at no proxy variable: docs/routes.md says so.
NOT_LED = {
    "http.client": ("http.client", "http.client.HTTPSConnection('{host}', timeout=5).request('GET', '/')"),
    "urllib3": ("urllib3", "urllib3.PoolManager().request('GET', '{url}', retries=False, timeout=5)"),
    "requests without the environment": ("requests", "s = requests.Session(); s.trust_env = False; s.get('{url}', timeout=5)"),
}
# What becomes of the question is no matter: whether it came to the lab is.
ASKS = """import contextlib, {module}
with contextlib.suppress(Exception):
    {question}
print("{{}}")
"""


@pytest.mark.parametrize("client", [*LED, *NOT_LED])
def test_which_of_pythons_clients_are_led(tmp_path: Path, client: str) -> None:
    module, question = {**LED, **NOT_LED}[client]
    code = ASKS.format(module=module, question=question.format(url=f"https://{mapped.GOOD}/", host=mapped.GOOD))
    outcome = asyncio.run(outcome_of("python", [sys.executable, "-c", code], tmp_path))
    assert (mapped.GOOD in outcome.ended) is (client in LED)


@pytest.mark.nightly
def test_go_goes_by_its_two_variables(tmp_path: Path) -> None:
    probe = tmp_path / "probe"
    subprocess.run(["go", "build", "-o", str(probe), str(HERE / "probe.go")], check=True, timeout=240)
    outcome = asyncio.run(outcome_of("go", [str(probe)], tmp_path))
    assert outcome.met[mapped.GOOD] == "204"
    assert "unknown authority" in outcome.met[mapped.BAD]
    assert "connection reset by peer" in outcome.met[mapped.RESET]
    assert saw_everything(outcome)


@pytest.mark.nightly
@needs_a_jdk
def test_a_java_virtual_machine_picks_up_its_options(tmp_path: Path) -> None:
    outcome = asyncio.run(outcome_of("java", ["java", str(HERE / "Probe.java")], tmp_path))
    assert outcome.met[mapped.GOOD] == "204"
    assert "PKIX path building failed" in outcome.met[mapped.BAD]
    assert saw_everything(outcome)


def test_node_leaves_loopback_and_other_ports_alone(tmp_path: Path) -> None:
    """With a proxy that is not there, only what would go through it can fail for its lack."""
    script = """
      const seen = [];
      require("tls").connect({ host: "127.0.0.1", port: 2, rejectUnauthorized: false }).on("error", (e) => console.log(e.port));
      require("tls").connect(3, "127.0.0.1").on("error", (e) => console.log(e.port));
    """
    route = Route(proxy_port=1, ca_file=Authority(tmp_path).ca_file)
    env = {**os.environ, **with_route("node", route, {}, {})}
    done = subprocess.run(["node", "-e", script], env=env, capture_output=True, text=True, timeout=60, check=True)
    assert sorted(done.stdout.split()) == ["2", "3"]


def test_a_sitecustomize_of_ones_own_still_runs(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import os\nos.environ['OWN'] = 'ran'\n")
    route = Route(proxy_port=1, ca_file=Authority(tmp_path / "ca").ca_file)
    env = {**os.environ, **with_route("python", route, {"PYTHONPATH": str(tmp_path)}, {})}
    words = [sys.executable, "-c", "import os, sys; print(os.environ['OWN'], 'ssl' in sys.modules)"]
    done = subprocess.run(words, env=env, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["ran", "False"]


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_the_owners_variables_win_and_lists_go_together(tmp_path: Path, runtime: str) -> None:
    route = Route(proxy_port=4711, ca_file=Authority(tmp_path).ca_file)
    lists = {"PYTHONPATH": "src", "NODE_OPTIONS": "--inspect", "JAVA_TOOL_OPTIONS": "-Xmx64m"}
    alone = with_route(runtime, route, {}, {})
    both = with_route(runtime, route, {"HTTPS_PROXY": "mine", **lists}, {"PYTHONPATH": "inherited"})
    assert both["HTTPS_PROXY"] == "mine"
    for name, said in lists.items():
        expected = said if name not in alone else alone[name] + (":" if name == "PYTHONPATH" else " ") + said
        assert both[name] == expected
    assert with_route("python", route, {}, {"PYTHONPATH": "inherited"})["PYTHONPATH"].endswith(":inherited")


@pytest.mark.nightly
@needs_a_jdk
def test_the_trust_store_is_one_that_java_lists_the_authority_in(tmp_path: Path) -> None:
    store = truststore(Authority(tmp_path).ca_file)
    assert store == truststore(tmp_path / "ca.pem")
    words = ["keytool", "-list", "-keystore", str(store), "-storepass", "captchaos"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert "trustedCertEntry" in done.stdout, done.stdout + done.stderr
