"""From whatever a vendor sent to the cover: checked, cropped, exactly the size asked for, light enough.

A vendor that answers 200 has not delivered yet: the body may be a web page, half a file or the black
square of a safety filter.
"""

from __future__ import annotations

import io
from typing import Any, Literal

from PIL import Image as Pillow
from PIL import ImageOps

from providers.covers.cropping import crop_box
from providers.errors import BackendFailed
from providers.types import CoverBrief, Image

MAX_PIXELS = 40_000_000  # the vendors draw 8.3 million at most (3840×2160); far more is a decompression bomb
MIN_SIDE_PX = 256  # less than that, stretched to a cover, is a blur
SQUARE_PX = 1080
ORIGINAL_PX, ORIGINAL_BYTES = 2048, 1_500_000
MAX_BYTES = 300_000  # a cover is also a link preview, and those must load at once
QUALITIES = (90, 85, 80, 74, 68, 60, 50, 40, 30, 20)
FLAT_BELOW = 8  # of 255: the spread under which a picture counts as one colour
SAMPLE_PX = 48  # the thumbnail the check looks at: noise is averaged out

JPEG = "image/jpeg"
_BROKEN = (
    OSError,  # truncated, unidentified
    ValueError,
    SyntaxError,  # Pillow's word for a broken PNG
    EOFError,
    Pillow.DecompressionBombError,
    Pillow.DecompressionBombWarning,
)


def decode(data: bytes, service: str) -> Pillow.Image:
    """The picture in `data`, header read, pixels not yet. Raises: BackendFailed (format)."""
    try:
        return Pillow.open(io.BytesIO(data))
    except _BROKEN as error:
        raise not_a_picture(service) from error


def drawn(
    picture: Pillow.Image, brief: CoverBrief, service: str, *, min_side_px: int = MIN_SIDE_PX, **told: Any
) -> Image:
    """What a backend gives for the brief: the cover as a JPEG of exactly its size, cut around what draws the
    eye, without metadata; a square; and the whole picture beside.

    `told`: fields of the Image (seed, parameters). Raises: BackendFailed (format) when the picture is broken,
    oversized, tiny or one colour.
    """
    whole = checked(picture, service, min_side_px=min_side_px)
    side = min(SQUARE_PX, *whole.size)  # a square is never enlarged
    return Image(
        encode(_cut(whole, brief.width_px, brief.height_px)), JPEG, brief.width_px, brief.height_px,
        prompt=brief.prompt, square=encode(_cut(whole, side, side)), original=original_jpeg(whole), **told,
    )  # fmt: skip


def _cut(whole: Pillow.Image, width_px: int, height_px: int) -> Pillow.Image:
    box = crop_box(whole, width_px, height_px)
    return whole.resize((width_px, height_px), Pillow.Resampling.LANCZOS, box=box)


def original_jpeg(whole: Pillow.Image) -> bytes:
    """The picture to cut from again later: at most 2048 pixels wide or high, at most 1.5 MB."""
    kept = whole.copy()
    kept.thumbnail((ORIGINAL_PX, ORIGINAL_PX), Pillow.Resampling.LANCZOS)
    return encode(kept, ORIGINAL_BYTES)


def checked(picture: Pillow.Image, service: str, *, min_side_px: int = MIN_SIDE_PX) -> Pillow.Image:
    """All of the picture as RGB, upright, without metadata.

    Raises: BackendFailed (format) when it is broken, oversized, tiny or one colour.
    """
    _check_size(picture, service, min_side_px)
    whole = _load(picture, service)
    _check_not_flat(whole, service)
    return whole


def encode(
    picture: Pillow.Image, max_bytes: int = MAX_BYTES, kind: Literal["JPEG", "WEBP"] = "JPEG"
) -> bytes:
    """The best quality that keeps within max_bytes; the lowest one if none does."""
    data = b""
    for quality in QUALITIES:
        buffer = io.BytesIO()
        if kind == "WEBP":
            picture.save(buffer, "WEBP", quality=quality)
        else:
            picture.save(buffer, "JPEG", quality=quality, optimize=True, progressive=True)
        data = buffer.getvalue()
        if len(data) <= max_bytes:
            break
    return data


def _check_size(picture: Pillow.Image, service: str, min_side_px: int) -> None:
    width, height = picture.size
    if width * height > MAX_PIXELS or min(width, height) < min_side_px:
        raise BackendFailed(
            "%(service)s sent a picture of %(width)s×%(height)s pixels, which is of no use for a cover. "
            "Try again, or choose another model.",
            error_class="format", service=service, width=width, height=height,
        )  # fmt: skip


def _load(picture: Pillow.Image, service: str) -> Pillow.Image:
    """All pixels as RGB, upright, transparency on white, without EXIF, ICC and text chunks."""
    try:
        picture.load()
        upright = ImageOps.exif_transpose(picture)
        if "A" in upright.getbands() or "transparency" in upright.info:
            rgba = upright.convert("RGBA")
            flat = Pillow.new("RGB", rgba.size, "white")
            flat.paste(rgba, mask=rgba.getchannel("A"))
        else:
            flat = upright.convert("RGB")
    except _BROKEN as error:
        raise BackendFailed(
            "%(service)s sent a broken picture. Try again, or choose another model.",
            error_class="format", service=service,
        ) from error  # fmt: skip
    flat.info = {}
    return flat


def _check_not_flat(picture: Pillow.Image, service: str) -> None:
    sample = picture.resize((SAMPLE_PX, SAMPLE_PX), Pillow.Resampling.BOX)
    if all(high - low < FLAT_BELOW for low, high in _extrema(sample)):
        raise BackendFailed(
            "%(service)s sent a picture of one colour: most likely its safety filter blanked it. "
            "Change the text of the request and try again.",
            error_class="format", service=service,
        )  # fmt: skip


def _extrema(picture: Pillow.Image) -> list[tuple[int, int]]:
    """(darkest, lightest) of each band, 0..255."""
    histogram = picture.histogram()
    bands = [histogram[start : start + 256] for start in range(0, len(histogram), 256)]
    return [
        (next(i for i, n in enumerate(band) if n), 255 - next(i for i, n in enumerate(band[::-1]) if n))
        for band in bands
    ]


def not_a_picture(service: str) -> BackendFailed:
    return BackendFailed(
        "%(service)s answered, but not with a picture. Try again; if it repeats, check the address and the "
        "model in the settings.",
        error_class="format", service=service,
    )  # fmt: skip
