from __future__ import annotations

import io
import random

import pytest
from PIL import Image, ImageDraw

from providers.covers.cropping import best_start, crop_box, saliency
from providers.covers.renditions import look_of, looks_like, opened, renditions, sha256_of
from providers.errors import InputRejected
from tests.providers.covers.pictures import GOOD_PNG, blank, saved


def scene(x: int, y: int, size: tuple[int, int] = (1536, 864), seed: int = 3) -> Image.Image:
    """A red ball with white eyes at (x, y) before a grainy sky."""
    sky = Image.linear_gradient("L").resize(size).convert("RGB")
    grain = Image.frombytes("L", size, random.Random(seed).randbytes(size[0] * size[1])).convert("RGB")
    picture = Image.blend(sky, grain, 0.2)
    pen = ImageDraw.Draw(picture)
    pen.circle((x, y), 90, "#c83c28")
    for eye in (x - 25, x + 25):
        pen.circle((eye, y - 25), 14, "white")
    return picture


@pytest.mark.parametrize(
    ("mime", "kind"), [("image/jpeg", "JPEG"), ("image/webp", "WEBP"), ("image/png", "PNG")]
)
def test_a_cover_and_a_square(mime, kind):
    made = renditions(saved(scene(768, 400), "PNG"), mime=mime)
    assert {name: (one.width_px, one.height_px) for name, one in made.items()} == {
        "cover": (1200, 630), "square": (864, 864),
    }  # fmt: skip
    for one in made.values():
        picture = Image.open(io.BytesIO(one.data))
        assert (picture.format, picture.size, one.mime) == (kind, (one.width_px, one.height_px), mime)
        assert kind == "PNG" or len(one.data) <= 300_000


def test_noise_is_made_light_enough():
    noise = Image.frombytes("RGB", (1400, 1400), random.Random(1).randbytes(1400 * 1400 * 3))
    noise.paste("black", (0, 0, 700, 700))
    for mime in ("image/jpeg", "image/webp"):
        made = renditions(saved(noise, "PNG"), mime=mime)
        assert (made["square"].width_px, made["square"].height_px) == (1080, 1080)
        assert len(made["cover"].data) <= 300_000
        assert len(made["square"].data) <= 300_000


@pytest.mark.parametrize("mime", ["image/jpeg", "image/webp", "image/png"])
def test_nothing_but_pixels_is_kept(mime):
    exif = Image.Exif()
    exif[0x010E] = "taken at the flat of a source"
    data = saved(opened(GOOD_PNG), "JPEG", exif=exif, comment=b"a secret")
    assert b"a source" in data
    for one in renditions(data, mime=mime).values():
        assert b"a source" not in one.data
        assert b"secret" not in one.data


@pytest.mark.parametrize(("x", "y"), [(110, 300), (768, 432), (1400, 600), (500, 110)])
def test_what_draws_the_eye_stays_in_the_square(x, y):
    left, top, right, bottom = crop_box(scene(x, y), 1, 1)
    assert (right - left, bottom - top) == (864, 864)
    assert left <= x - 80
    assert x + 80 <= right


@pytest.mark.parametrize("y", [120, 700, 1290])
def test_what_draws_the_eye_stays_in_the_cover(y):
    _, top, _, bottom = crop_box(scene(350, y, (700, 1400)), 1200, 630)
    assert top <= y - 80
    assert y + 80 <= bottom


@pytest.mark.parametrize(
    ("focus", "box"),
    [
        ((0.5, 0.5), (336, 0, 1200, 864)),
        ((0, 0), (0, 0, 864, 864)),
        ((1, 1), (672, 0, 1536, 864)),
        ((0.4, 0.9), (182.4, 0, 1046.4, 864)),
    ],
)
def test_an_editors_focal_point_goes_before(focus, box):
    assert crop_box(scene(1400, 400), 1, 1, focus) == pytest.approx(box)


@pytest.mark.parametrize("focus", [(-0.1, 0.5), (0.5, 1.1), (float("nan"), 0.5)])
def test_a_focal_point_outside_is_refused(focus):
    with pytest.raises(InputRejected, match="from 0 to 1"):
        renditions(GOOD_PNG, focus=focus)


def test_nothing_to_see_is_cut_in_the_middle():
    flat = Image.new("RGB", (1536, 864), "#336699")
    assert not saliency(flat).any()
    assert crop_box(flat, 1, 1) == (336, 0, 1200, 864)
    assert best_start(saliency(flat).sum(axis=0), 1.0) == 0


@pytest.mark.parametrize("size", [(1201, 630), (1200, 631), (333, 997), (4001, 257)])
@pytest.mark.parametrize("focus", [None, (1, 1)])
def test_any_ratio_is_cut_within_its_edges(size, focus):
    left, top, right, bottom = crop_box(scene(100, 100, size), 1200, 630, focus)
    assert 0 <= left < right <= size[0]
    assert 0 <= top < bottom <= size[1]
    assert (right - left) / (bottom - top) == pytest.approx(1200 / 630)


@pytest.mark.parametrize("data", [b"<html>", b"", GOOD_PNG[:2000], blank("black"), blank("red", (100, 100))])
def test_a_picture_of_no_use_is_refused(data):
    with pytest.raises(InputRejected, match="can't be used"):
        renditions(data)


def test_another_type_is_refused():
    with pytest.raises(InputRejected, match="image/avif"):
        renditions(GOOD_PNG, mime="image/avif")


# Duplicates


def test_the_same_bytes_have_the_same_name():
    assert sha256_of(GOOD_PNG) == sha256_of(bytes(GOOD_PNG))
    assert sha256_of(GOOD_PNG) != sha256_of(GOOD_PNG + b" ")


def test_the_same_picture_is_known_again():
    first = scene(400, 300)
    look = look_of(saved(first, "PNG"))
    for other in (saved(first, "JPEG", quality=35), saved(first.resize((640, 360)), "WEBP")):
        assert looks_like(look_of(other), [look])
    edges = first.crop((8, 6, 1530, 860))
    assert looks_like(look_of(saved(edges, "JPEG")), ["0" * 16, look])


def test_another_picture_is_not():
    looks = [look_of(saved(scene(x, y), "PNG")) for x, y in ((200, 200), (800, 430), (1300, 700))]
    assert not looks_like(looks[0], looks[1:])
    assert not looks_like(looks[0], [])
