"""Build the pinned Toxiproxy server with ``go install``, and read a binary's version from its build information."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from harness.errors import MissingPartError
from harness.setup.commands import run_command

PINNED_VERSION = "2.12.0"
MODULE = "github.com/Shopify/toxiproxy/v2/cmd/server"
_INSTALL_S = 600.0
_VERSION_S = 10.0


def cached_binary(cache: Path) -> Path:
    """Return where the pinned server stands in ``cache``, there or not."""
    return cache / f"toxiproxy-server-{PINNED_VERSION}"


async def go_install(cache: Path) -> Path:
    """Build the pinned server into ``cache``; raises MissingPartError with go's last line."""
    go = shutil.which("go")
    if go is None:
        raise MissingPartError("go is not on PATH, so `go install` cannot build it: install Go 1.22 or newer")
    cache.mkdir(parents=True, exist_ok=True)
    # Built beside its place, then moved in one step: a build that breaks off leaves no half binary behind.
    with tempfile.TemporaryDirectory(prefix="go-install-", dir=cache) as folder:
        command = (go, "install", f"{MODULE}@v{PINNED_VERSION}")
        outcome = await run_command(command, timeout_s=_INSTALL_S, env={"GOBIN": folder, "GOOS": "", "GOARCH": ""})
        built = Path(folder) / "server"
        if not outcome.ok or not built.is_file():
            raise MissingPartError(f"`go install {MODULE}@v{PINNED_VERSION}` failed: {outcome.last_line or 'it said nothing'}")
        return built.replace(cached_binary(cache))


async def binary_version(path: Path) -> str:
    """Return a server's version for display: from its build information where go can read it, else what it says itself."""
    if go := shutil.which("go"):
        told = await run_command((go, "version", "-m", str(path)), timeout_s=_VERSION_S)
        for fields in (line.split() for line in told.output.splitlines()):
            if len(fields) >= 3 and fields[0] == "mod" and fields[2].startswith("v"):
                return fields[2].removeprefix("v")
    told = await run_command((str(path), "-version"), timeout_s=_VERSION_S)
    return told.last_line.removeprefix("toxiproxy-server version ") if told.ok else "unknown"
