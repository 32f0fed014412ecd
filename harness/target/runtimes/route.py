"""The way into one laboratory, as every runtime is told of it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

LOOPBACK = "127.0.0.1"
# Variables that are lists: what leads into the laboratory and what the owner wants of them go together.
JOINED_BY = {"PYTHONPATH": os.pathsep, "NODE_OPTIONS": " ", "JAVA_TOOL_OPTIONS": " "}


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The port of the laboratory's proxy (HTTP CONNECT, on loopback), and the file of its certificate authority (PEM)."""

    proxy_port: int
    ca_file: Path

    @property
    def proxy(self) -> str:
        """The proxy's URL."""
        return f"http://{LOOPBACK}:{self.proxy_port}"
