"""The smallest page that a person of the harness can register on: the ids that docs/huawei-oneaccess.md asks for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

# The piece moves with the mouse, and a drop is written down in pixels of the picture's own width, whatever its size on screen.
_PAGE = """<!DOCTYPE html><meta charset="utf-8"><title>Register</title>
<div id="oneaccess-captcha" data-round="1" style="position:relative;margin:37px">
  <img id="oneaccess-picture" style="display:block;width:WIDTHpx">
  <img id="oneaccess-piece" style="position:absolute;left:0;top:0;width:PIECEpx">
  <div id="oneaccess-handle" style="width:40px;height:30px;background:silver;touch-action:none"></div>
  <button id="oneaccess-refresh">another</button>
</div>
<script>
const rounds = ROUNDS, dropped = [], panel = document.getElementById("oneaccess-captcha");
const [picture, piece, handle] = ["picture", "piece", "handle"].map(name => document.getElementById("oneaccess-" + name));
const data = base64 => "data:image/png;base64," + base64;
let from = null;
function show() {
  const round = rounds.shift();
  if (!round) { panel.hidden = true; panel.style.display = "none"; return; }
  picture.src = data(round.originalImageBase64);
  piece.src = data(round.jigsawImageBase64);
  panel.dataset.round = String(Number(panel.dataset.round) + 1);
}
show();
document.getElementById("oneaccess-refresh").onclick = show;
handle.onmousedown = event => { from = event.clientX; };
document.onmousemove = event => { if (from !== null) piece.style.left = event.clientX - from + "px"; };
document.onmouseup = event => {
  if (from === null) return;
  dropped.push((event.clientX - from) * picture.naturalWidth / picture.width);
  from = null;
};
</script>"""


def shop_page(*rounds: Mapping[str, Any], width: int = 310) -> str:
    """The page with these pictures, one after the other, shown ``width`` pixels wide; then its panel goes away."""
    piece = str(round(47 * width / 310))
    return _PAGE.replace("WIDTH", str(width)).replace("PIECE", piece).replace("ROUNDS", json.dumps(list(rounds)))
