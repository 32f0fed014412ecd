"""The Compose file of docs/docker.md: by what the page says of it, by Docker Compose's own reader, and by Docker itself."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "examples" / "docker"
COMPOSE = FOLDER / "compose.yaml"
# What `docker compose config` reads files with. Its own command looks at the schema alone, so it is called as Compose does.
READER = "github.com/compose-spec/compose-go/v2"
READER_VERSION = "v2.16.2"
PROGRAM = f"""package main

import (
	"context"
	"fmt"
	"os"

	"{READER}/cli"
)

func main() {{
	options, err := cli.NewProjectOptions(os.Args[1:], cli.WithOsEnv, cli.WithDotEnv)
	if err == nil {{
		project, failed := options.LoadProject(context.Background())
		if err = failed; err == nil {{
			told, _ := project.MarshalJSON()
			fmt.Println(string(told))
			return
		}}
	}}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}}
"""
# What the Compose specification calls the keys of a service that are used here.
KEYS = {"image", "command", "build", "depends_on", "network_mode", "shm_size", "init", "environment", "volumes"}


def services() -> dict[str, dict[str, Any]]:
    read = yaml.safe_load(COMPOSE.read_text())
    assert list(read) == ["services"]
    return dict(read["services"])


def test_the_page_shows_the_file_as_it_is() -> None:
    assert f"```yaml\n{COMPOSE.read_text()}```\n" in (ROOT / "docs" / "docker.md").read_text()


def test_every_key_is_one_of_a_service_and_every_service_that_is_named_exists() -> None:
    known = services()
    for name, service in known.items():
        assert set(service) <= KEYS, name
        assert set(service.get("depends_on", ())) <= set(known)
        mode = service.get("network_mode", "")
        assert not mode or mode.removeprefix("service:") in known
        assert ("image" in service) != ("build" in service)


def test_the_two_share_a_loopback_and_the_server_is_pinned_and_counts() -> None:
    known = services()
    server, ours = known["toxiproxy"], known["captchaos"]
    assert ours["network_mode"] == "service:toxiproxy"
    assert server["image"].split(":")[1].count(".") == 2
    at = dict(zip(server["command"][::2], server["command"][1::2], strict=False))
    assert ours["environment"]["CAPTCHAOS_TOXIPROXY"] == f"http://{at['-host']}:{at['-port']}"
    assert "-proxy-metrics" in server["command"]
    (mount,) = ours["volumes"]
    assert mount.endswith(f":{ours['command'][-1]}/reports")


def test_the_image_has_what_playwrights_driver_needs_before_that_runs() -> None:
    """Its Node is linked against libatomic, which a slim image leaves out: ``playwright install`` ended there with 127."""
    steps = (FOLDER / "Dockerfile").read_text()
    assert "-slim" in steps
    assert steps.index("libatomic1") < steps.index("playwright install")


def test_docker_itself_reads_it() -> None:
    try:
        plugin = subprocess.run(["docker", "compose", "version"], capture_output=True, timeout=60, check=False)
    except FileNotFoundError:  # the tests below have its reader, which Go builds, read the same file
        pytest.skip("this machine has no Docker")
    if plugin.returncode:
        pytest.skip("Docker has no Compose plug-in here")
    words = ["docker", "compose", "-f", str(COMPOSE), "config", "--quiet"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_the_docker_compose_of_before_reads_it_too() -> None:
    if shutil.which("docker-compose") is None:  # the tests below have today's reader read the same file
        pytest.skip("this machine has no docker-compose 1")
    words = ["docker-compose", "-f", str(COMPOSE), "config", "--quiet"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def compose_reader(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], subprocess.CompletedProcess[str]]:
    """The reader that Docker Compose has, built for itself; it checks keys, types and what services say of each other."""
    if shutil.which("go") is None:
        pytest.skip("no Go is here to build Docker Compose's reader")
    folder = tmp_path_factory.mktemp("reader")
    (folder / "main.go").write_text(PROGRAM)
    env = {**os.environ, "GOFLAGS": "-mod=mod"}
    for words in (("mod", "init", "reader"), ("get", f"{READER}/cli@{READER_VERSION}"), ("build", "-o", "reader", ".")):
        done = subprocess.run(["go", *words], cwd=folder, env=env, capture_output=True, text=True, timeout=600, check=False)
        assert done.returncode == 0, done.stderr

    def read(file: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [folder / "reader", file], cwd=file.parent, capture_output=True, text=True, timeout=60, check=False
        )

    return read


@pytest.mark.nightly
def test_composes_own_reader_takes_it_and_understands_it_as_the_page_does(
    compose_reader: Callable[[Path], subprocess.CompletedProcess[str]],
) -> None:
    done = compose_reader(COMPOSE)
    assert done.returncode == 0, done.stderr
    read = json.loads(done.stdout)["services"]
    assert set(read) == {"toxiproxy", "captchaos"}
    assert read["captchaos"]["network_mode"] == "service:toxiproxy"
    assert read["captchaos"]["depends_on"]["toxiproxy"]["condition"] == "service_started"
    assert read["captchaos"]["build"]["context"] == str(FOLDER)
    assert int(read["captchaos"]["shm_size"]) == 1 << 30
    (mount,) = read["captchaos"]["volumes"]
    assert (mount["type"], mount["source"], mount["target"]) == ("bind", str(FOLDER / "reports"), "/app/reports")


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("right", "wrong", "complaint"),
    [
        ("network_mode:", "netwrok_mode:", "netwrok_mode"),
        ("      - toxiproxy\n", "      - toxyproxy\n", "toxyproxy"),
        ('shm_size: "1gb"', 'shm_size: "a lot"', "services[captchaos].shm_size"),
    ],
)
def test_composes_own_reader_would_have_said_what_is_wrong(
    compose_reader: Callable[[Path], subprocess.CompletedProcess[str]], tmp_path: Path, right: str, wrong: str, complaint: str
) -> None:
    text = COMPOSE.read_text()
    assert right in text
    (tmp_path / "compose.yaml").write_text(text.replace(right, wrong, 1))
    done = compose_reader(tmp_path / "compose.yaml")
    assert done.returncode != 0
    assert complaint in done.stderr
