"""Another process on every core that does nothing but compute, as a build beside the tests does."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator

# It ends by itself when whoever started it is gone, killed or not.
_COMPUTE = "import os\nparent = os.getppid()\nwhile os.getppid() == parent:\n    sum(range(1_000_000))"


@contextlib.contextmanager
def busy_cores() -> Iterator[None]:
    """Keep every core busy while the block runs."""
    processes = [subprocess.Popen([sys.executable, "-c", _COMPUTE]) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
        for process in processes:
            process.wait()
