"""HTTP 200 whose JSONP cannot be parsed: the script loads, the callback is never called, and only a timer ends the wait.

Source: domain/tencent-client.md 3.4 e ("prehandle 200 with garbage: nothing for 20 s").
"""

from __future__ import annotations

import re

from harness.catalog import Answer, Asked
from harness.faults.rewriting import ResponseFault, add, always, instead

_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]{0,99}", re.ASCII)


def babble(answer: Answer, asked: Asked) -> Answer:
    """Call the callback that was asked for, with an object that breaks off."""
    name = asked.query.get("callback", "")
    callback = name if _NAME.fullmatch(name) else "callback"
    return instead(answer, body=f'{callback}({{"state":1,"data":{{"\ufffd\ufffd\ufffd'.encode())


add(ResponseFault(name="garbage-jsonp", title="The JSONP answer cannot be parsed", make=always(babble)))
