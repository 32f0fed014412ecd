"""The entry script loads and defines its global, whose constructor throws (domain/tencent-client.md 3.4 b)."""

from __future__ import annotations

from harness.catalog import Place
from harness.faults.rewriting import ResponseFault, add, saying

SCRIPT = b"""(function () {
  "use strict";
  window.TencentCaptcha = function TencentCaptcha() {
    throw new Error("The parameter of the constructor of the Captcha is passed incorrectly");
  };
})();
"""

add(
    ResponseFault(
        name="constructor-throws",
        title="The client's constructor throws",
        make=saying(SCRIPT),
        felt_at=(Place.PROVIDER, Place.BROWSER),
    )
)
