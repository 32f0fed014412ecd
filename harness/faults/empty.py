"""The answer is there and has no body (HTTP 200): the SDKs' JSON readers and a script's missing global meet it differently.

Source: domain/sdk-behaviour.md, "Unreadable answers".
"""

from __future__ import annotations

from harness.faults.rewriting import ResponseFault, add, saying

add(ResponseFault(name="empty", title="The answer is empty", make=saying(b"")))
