"""Find the gap as a person does: by laying the piece over every place of the picture and seeing where it belongs."""

from __future__ import annotations

import base64
import io
import math

from PIL import Image, ImageFilter

_EVERY = 2


def find_gap(original: str, jigsaw: str) -> int:
    """Return how many pixels right of the picture's left edge the piece's strip belongs; both are base64 of a PNG.

    The hole shows the piece's own spot, only darker: brightness and contrast are left out of the comparison.
    """
    picture = _open(original).convert("L")
    strip = _open(jigsaw).convert("RGBA")
    inner = strip.getchannel("A").filter(ImageFilter.MinFilter(5))
    spots = [
        (x, y)
        for y in range(0, strip.height, _EVERY)
        for x in range(0, strip.width, _EVERY)
        if inner.getpixel((x, y)) == 255
    ]
    seen, piece = picture.tobytes(), strip.convert("L").tobytes()
    wanted = _normalised([piece[y * strip.width + x] for x, y in spots])
    offsets = [y * picture.width + x for x, y in spots]

    def likeness(left: int) -> float:
        here = _normalised([seen[offset + left] for offset in offsets])
        return sum(a * b for a, b in zip(here, wanted, strict=True))

    return max(range(picture.width - strip.width + 1), key=likeness)


def width_of(picture: str) -> int:
    """The picture's own width in pixels."""
    return _open(picture).width


def _open(encoded: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(encoded)))


def _normalised(values: list[int]) -> list[float]:
    mean = sum(values) / len(values)
    centred = [value - mean for value in values]
    length = math.sqrt(sum(value * value for value in centred)) or 1.0
    return [value / length for value in centred]
