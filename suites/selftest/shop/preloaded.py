"""Processes that have loaded the shop's libraries already: to load them anew costs each more than all that it then does.

Each is the fork of one that has loaded them, and has run nothing of the shop's. Labs start the shop by its command.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Mapping
from multiprocessing.process import BaseProcess
from pathlib import Path

LIBRARIES = (
    "uvicorn.main",
    "uvicorn.lifespan.on",
    "uvicorn.protocols.http.h11_impl",
    "uvicorn.protocols.websockets.auto",
    "starlette.applications",
    "starlette.middleware.sessions",
    "starlette.staticfiles",
    "sqlalchemy.dialects.sqlite",
    "cryptography.hazmat.primitives.ciphers",
    "httpx",
    "jinja2",
)


def start(folder: Path, environment: Mapping[str, str], output: Path) -> BaseProcess:
    """Start uvicorn with the app in ``folder`` on a port of its own choosing; what it says comes into ``output``."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([*LIBRARIES, __name__])
    process = context.Process(target=_serve, args=(str(folder), dict(environment), str(output)), daemon=True)
    process.start()
    return process


def _serve(folder: str, environment: dict[str, str], output: str) -> None:
    import uvicorn  # what asks for such a process needs it not

    with open(output, "ab", buffering=0) as sink:
        os.dup2(sink.fileno(), 1)
        os.dup2(sink.fileno(), 2)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.path.insert(0, folder)
    uvicorn.run("app:app", host="127.0.0.1", port=0)
