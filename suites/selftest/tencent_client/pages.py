"""Pages for the client's options and builds: an entry, a container, a button that shows, everything written down."""

from __future__ import annotations

from suites.selftest.tencent_client import vendor_notes as notes
from suites.selftest.tencent_client.stage import APP_ID

_PAGE = """<!DOCTYPE html><html lang="en"><title>shop</title><style>STYLE</style>
<div id="box"></div><button id="go">Go</button>
<script>
var results = [], told = [], constructed = 0, shown = 0, acted = 0, captcha = null, thrown = "";
function callback(result) { results.push({ result: result, at: performance.now() }); }
document.getElementById("box").addEventListener("click", function () { shown = performance.now(); }, true);
</script>
<script src="https://ENTRY"></script>
<script>
constructed = performance.now();
try { captcha = new TencentCaptcha(ARGUMENTS); } catch (error) { thrown = error.message; }
document.getElementById("go").onclick = function () { shown = performance.now(); captcha.show(); };
</script></html>"""
BOX = "document.getElementById('box')"
APP_FIRST = f"'{APP_ID}', callback, OPTIONS"
BOX_FIRST = f"{BOX}, '{APP_ID}', callback, OPTIONS"
ENTRIES = {"v2": notes.ENTRY_2, "international": notes.ENTRY_INTERNATIONAL}


def page(arguments: str = APP_FIRST, *, options: str = "{}", entry: str = notes.ENTRY_1, style: str = "") -> str:
    """A page whose constructor is called with these arguments, as JavaScript; ``OPTIONS`` in them stands for ``options``."""
    called = arguments.replace("OPTIONS", options)
    return _PAGE.replace("STYLE", style).replace("ENTRY", entry).replace("ARGUMENTS", called)


def page_of(build: str, *, options: str = "{}") -> str:
    """The documented page of a build: element first where it is the international one."""
    first = BOX_FIRST if build == "international" else APP_FIRST
    return page(first, options=options, entry=ENTRIES.get(build, notes.ENTRY_1))
