"""Make the slider's two pictures: a scene with a hole, and the piece that fills it.

310 pixels is the width that the header of seed 004's example PNG states. The height, the piece's width and the piece standing
at its own height in a transparent strip are AJ-Captcha's, whose shape the answer has: an inference, not a document.
"""

from __future__ import annotations

import base64
import io
import secrets
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageFilter

WIDTH, HEIGHT = 310, 155
PIECE = 47

_BODY = (4, 9, 37, 42)
_KNOB_RADIUS = 6
_SMOOTHING = 4
_DARKENED = 0.45
_random = secrets.SystemRandom()


@dataclass(frozen=True, slots=True, kw_only=True)
class Puzzle:
    """One slider: where the gap's left edge is, in pixels, and its two pictures as base64 of a PNG."""

    gap_x: int
    original: str
    jigsaw: str


def draw_puzzle() -> Puzzle:
    """Draw a new scene and cut a piece out of it, at a place that no two puzzles share but by chance."""
    gap_x = PIECE + 20 + _random.randrange(WIDTH - 2 * PIECE - 20)
    gap_y = _random.randrange(HEIGHT - PIECE)
    scene, shape = _scene(), _shape()
    box = (gap_x, gap_y, gap_x + PIECE, gap_y + PIECE)
    cut = scene.crop(box)
    strip = Image.new("RGBA", (PIECE, HEIGHT))
    strip.paste(_edged(cut, shape, (255, 255, 255)), (0, gap_y), shape)
    hole = _edged(cut.point(lambda value: value * _DARKENED), shape, (235, 235, 235))
    scene.paste(hole, box[:2], shape)
    return Puzzle(gap_x=gap_x, original=_base64(scene), jigsaw=_base64(strip))


def _scene() -> Image.Image:
    """A soft gradient, some shapes, and a grain that makes every spot its own."""
    size = (WIDTH, HEIGHT)
    corners = Image.new("RGB", (4, 3))
    corners.putdata([_colour() for _ in range(12)])
    scene = corners.resize(size, Image.Resampling.BICUBIC)
    brush = ImageDraw.Draw(scene)
    for number in range(14):
        x, y, w, h = _random.randrange(WIDTH), _random.randrange(HEIGHT), _random.randint(12, 70), _random.randint(8, 45)
        paint = brush.ellipse if number % 2 else brush.rectangle
        paint((x - w // 2, y - h // 2, x + w // 2, y + h // 2), fill=_colour())
    grain = Image.effect_noise(size, 24).convert("RGB")
    return Image.blend(scene.filter(ImageFilter.SMOOTH), grain, 0.22)


def _colour() -> tuple[int, int, int]:
    return _random.randint(60, 230), _random.randint(60, 230), _random.randint(60, 230)


def _shape() -> Image.Image:
    """The piece's outline: a square with a knob above and on the right, and a notch on the left."""
    scale = _SMOOTHING
    mask = Image.new("L", (PIECE * scale, PIECE * scale))
    brush = ImageDraw.Draw(mask)
    left, top, right, bottom = (edge * scale for edge in _BODY)
    brush.rectangle((left, top, right, bottom), fill=255)
    middle_x, middle_y, radius = (left + right) // 2, (top + bottom) // 2, _KNOB_RADIUS * scale
    for x, y, fill in ((middle_x, top, 255), (right, middle_y, 255), (left, middle_y, 0)):
        brush.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill)
    return mask.resize((PIECE, PIECE), Image.Resampling.LANCZOS)


def _edged(picture: Image.Image, shape: Image.Image, colour: tuple[int, int, int]) -> Image.Image:
    rim = ImageChops.subtract(shape, shape.filter(ImageFilter.MinFilter(3)))
    edged = picture.copy()
    edged.paste(colour, (0, 0), rim)
    return edged


def _base64(picture: Image.Image) -> str:
    written = io.BytesIO()
    picture.save(written, "PNG")
    return base64.b64encode(written.getvalue()).decode("ascii")
