"""The slider's pictures are real: PNGs of the documented width, with a hole that can be found by looking."""

from __future__ import annotations

import base64
import io
import struct
import subprocess
import sys

from PIL import Image

from suites.selftest.huawei.tenant import Tenant, seen_gap

# domain: seed 004's example begins iVBORw0KGgoAAAANSUhEUgAAATY, a PNG whose header says 310 pixels across.
SEED_HEAD = "iVBORw0KGgoAAAANSUhEUgAAATY"


def test_the_picture_begins_as_the_vendors_example_does(tenant: Tenant) -> None:
    shown = tenant.picture()
    assert shown["originalImageBase64"].startswith(SEED_HEAD)
    heights = [struct.unpack(">I", base64.b64decode(shown[f"{name}ImageBase64"])[20:24]) for name in ("original", "jigsaw")]
    assert heights[0] == heights[1], "the strip is laid over the picture's whole height"


def test_the_gap_is_found_by_comparing_the_pictures_alone(tenant: Tenant) -> None:
    for _ in range(25):
        shown = tenant.picture()
        assert abs(seen_gap(shown) - tenant.emulator.tokens.gap_of(shown["token"])) <= 1


def test_no_two_pictures_are_the_same(tenant: Tenant) -> None:
    shown = [tenant.picture() for _ in range(10)]
    for name in ("originalImageBase64", "jigsawImageBase64", "token"):
        assert len({picture[name] for picture in shown}) == 10
    assert len({seen_gap(picture) for picture in shown}) > 3


def test_the_hole_shows_the_pieces_own_spot_darker(tenant: Tenant) -> None:
    for _ in range(5):
        shown = tenant.picture()
        left = tenant.emulator.tokens.gap_of(shown["token"])
        scene, strip = (opened(shown[f"{name}ImageBase64"]) for name in ("original", "jigsaw"))
        solid = [(x, y) for x in range(10, strip.width) for y in range(strip.height) if strip.getpixel((x, y))[3] == 255]
        piece = sum(sum(strip.getpixel(spot)[:3]) for spot in solid)
        hole = sum(sum(scene.getpixel((left + x, y))[:3]) for x, y in solid)
        assert len(solid) > 800
        assert 0.2 < hole / piece < 0.75


def opened(encoded: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(encoded))).convert("RGBA")


def test_who_neither_draws_nor_looks_loads_no_pillow() -> None:
    loading = "import sys; from harness.providers.base import PROVIDERS; PROVIDERS.all(); print('PIL' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", loading], capture_output=True, text=True, check=True, timeout=60)
    assert told.stdout == "False\n"
