"""Ask each host by a client that brings its own list of authorities, as the vendor's Python SDK does."""

import json
import sys

import certifi
import requests


def met(host: str) -> str:
    """The status, or the first exception below the client's own that says what happened."""
    try:
        return str(requests.get(f"https://{host}/", timeout=10, verify=certifi.where()).status_code)
    except requests.RequestException as error:
        return repr(error)


print(json.dumps({host: met(host) for host in sys.argv[1:]}))  # noqa: T201 - a probe's answer
