"""A valid script that does nothing: it loads, runs, and the global that the page wants is not there."""

from __future__ import annotations

from harness.faults.rewriting import ResponseFault, add, saying

SCRIPT = b'(function () {\n  "use strict";\n})();\n'

add(ResponseFault(name="defines-nothing", title="The script defines nothing", make=saying(SCRIPT)))
