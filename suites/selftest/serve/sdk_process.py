"""The vendor's official Python SDK in a process of its own: a question a line on stdin, its outcome a line on stdout."""

from __future__ import annotations

import dataclasses
import json
import sys

from suites.selftest.tencent_sdk.python_sdk import PythonSdk


def main(ca_file: str) -> None:
    """Answer until stdin ends."""
    sdk = PythonSdk(ca_file)
    for line in sys.stdin:
        sys.stdout.write(json.dumps(dataclasses.asdict(sdk.ask(json.loads(line)))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
