from __future__ import annotations

import random

import pytest
from PIL import Image

from providers.covers import pixels
from providers.errors import BackendFailed
from providers.types import CoverBrief
from tests.fake_vendors import picture
from tests.providers.covers.pictures import GOOD_PNG, blank, opened, saved

BRIEF = CoverBrief(title="", prompt="", slug="", width_px=1200, height_px=630)


def cover_jpeg(data: bytes) -> bytes:
    return pixels.drawn(pixels.decode(data, "X"), BRIEF, "X").data


def cover(data: bytes) -> Image.Image:
    return opened(cover_jpeg(data))


@pytest.mark.parametrize("size", [(1344, 704), (1536, 864), (1024, 1024), (640, 1280), (300, 300)])
def test_any_ratio_becomes_exactly_the_size(size):
    assert cover(picture("p", *size)).size == (1200, 630)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_any_usual_format_becomes_a_jpeg(kind):
    image = cover(saved(opened(GOOD_PNG), kind))
    assert (image.format, image.mode) == ("JPEG", "RGB")


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "LA", "CMYK", "I;16"])
def test_any_colour_mode_becomes_rgb(mode):
    kind = "TIFF" if mode in ("CMYK", "I;16") else "PNG"
    source = opened(GOOD_PNG).convert("L").convert(mode) if mode == "I;16" else opened(GOOD_PNG).convert(mode)
    assert cover(saved(source, kind)).mode == "RGB"


def test_metadata_is_left_behind():
    exif = Image.Exif()
    exif[0x010E] = "a secret prompt"
    data = saved(opened(GOOD_PNG), "JPEG", exif=exif, comment=b"made at home")
    assert b"secret" in data
    made = cover_jpeg(data)
    assert b"secret" not in made
    assert b"home" not in made


def test_the_middle_is_kept():
    sides = Image.new("RGB", (1800, 630), "red")
    sides.paste("blue", (300, 0, 1500, 630))
    sides.paste("white", (880, 300, 920, 330))
    edge = cover(saved(sides, "PNG")).getpixel((6, 300))
    assert edge[2] > 200
    assert edge[0] < 60


def test_it_is_light_enough_to_be_previewed():
    noise = Image.frombytes("RGB", (1200, 630), random.Random(1).randbytes(1200 * 630 * 3))
    assert len(pixels.encode(noise)) <= pixels.MAX_BYTES


@pytest.mark.parametrize(
    "data", [b"", b"<html></html>", b"\x89PNG\r\n\x1a\n", b'{"error": "no"}', b"\xff\xd8\xff"]
)
def test_what_is_no_picture_is_refused(data):
    with pytest.raises(BackendFailed) as caught:
        cover(data)
    assert caught.value.error_class == "format"


@pytest.mark.parametrize("keep", [0.2, 0.6, 0.95])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_half_a_picture_is_refused(kind, keep):
    data = saved(opened(GOOD_PNG), kind)
    with pytest.raises(BackendFailed) as caught:
        cover(data[: int(len(data) * keep)])
    assert caught.value.error_class == "format"


@pytest.mark.parametrize("colour", ["black", "white", "#808080", "#030405"])
def test_one_colour_is_refused(colour):
    with pytest.raises(BackendFailed, match="one colour"):
        cover(blank(colour))


@pytest.mark.parametrize("size", [(20_000, 20_000), (9_000, 9_000), (16, 16)])
def test_bombs_and_crumbs_are_refused(size):
    with pytest.raises(BackendFailed) as caught:
        cover(saved(Image.new("1", size), "PNG"))
    assert caught.value.error_class == "format"
