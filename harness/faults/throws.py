"""A script that loads and throws as soon as it runs: its ``load`` event fires, and nothing of it works."""

from __future__ import annotations

from harness.faults.rewriting import ResponseFault, add, saying

SCRIPT = b'"use strict";\nthrow new TypeError("Cannot read properties of undefined");\n'

add(ResponseFault(name="throws", title="The script throws when it runs", make=saying(SCRIPT)))
