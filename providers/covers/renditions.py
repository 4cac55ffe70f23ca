"""One picture, the shapes it is published in: the wide cover and a square, light enough for a preview."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Mapping

import numpy as np
from PIL import Image as Pillow

from providers.covers.cropping import Focus, crop_box
from providers.covers.pixels import JPEG, MIN_SIDE_PX, SQUARE_PX, checked, decode, encode
from providers.errors import BackendFailed, InputRejected
from providers.types import Image

WEBP, PNG = "image/webp", "image/png"
COVER_PX = (1200, 630)  # Open Graph, Telegram, X
# The first eight cosines over 32 places, (8, 32): the discrete cosine transform, cut short.
WAVES = np.cos(np.pi / 32 * np.outer(np.arange(8), np.arange(32) + 0.5))
SAME_LOOK_BITS = 8  # of 64: what another crop's edge, quality or size changes at most


def renditions(
    data: bytes, *, focus: Focus | None = None, zoom: float = 1.0, mime: str = JPEG
) -> Mapping[str, Image]:
    """"cover" (1200 × 630) and "square" of the picture in `data`, as image/jpeg, image/webp or image/png.

    JPEG and WebP stay within 300 KB; PNG is what it is. No metadata.
    Raises: InputRejected for a focus outside the picture, a picture that is of no use, or another type.
    """  # fmt: skip
    whole = opened(data)
    side = min(SQUARE_PX, *whole.size)
    return {
        "cover": rendition(whole, *COVER_PX, focus=focus, zoom=zoom, mime=mime),
        "square": rendition(whole, side, side, focus=focus, zoom=zoom, mime=mime),
    }


def rendition(
    picture: Pillow.Image,
    width_px: int,
    height_px: int,
    *,
    focus: Focus | None = None,
    zoom: float = 1.0,
    mime: str = JPEG,
) -> Image:
    """The picture cut to the ratio and scaled to exactly the size."""
    box = crop_box(picture, width_px, height_px, focus, zoom)
    cut = picture.resize((width_px, height_px), Pillow.Resampling.LANCZOS, box=box)
    return Image(_encoded(cut, mime), mime, width_px, height_px)


def as_type(data: bytes, mime: str) -> bytes:
    """The same picture as image/jpeg, image/webp (both within 300 KB) or image/png. Raises: InputRejected."""
    return _encoded(opened(data), mime)


def opened(data: bytes) -> Pillow.Image:
    """A picture that a person gave, as RGB, upright, without metadata. Raises: InputRejected."""
    try:
        return checked(decode(data, ""), "")
    except BackendFailed as error:
        raise InputRejected(
            "The picture can't be used: it is broken, of one colour, less than %(side)s pixels wide or high, "
            "or larger than 40 megapixels. Save it anew as JPEG, PNG or WebP, or choose another.",
            side=MIN_SIDE_PX,
        ) from error


def _encoded(picture: Pillow.Image, mime: str) -> bytes:
    if mime == JPEG:
        return encode(picture)
    if mime == WEBP:
        return encode(picture, kind="WEBP")
    if mime == PNG:
        buffer = io.BytesIO()
        picture.save(buffer, "PNG", optimize=True)
        return buffer.getvalue()
    raise InputRejected("Covers are made as JPEG, WebP or PNG, not as %(mime)s.", mime=mime)


def sha256_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def look_of(data: bytes) -> str:
    """What the picture looks like, 16 hex digits: near-equal for its other sizes, crops and qualities.

    A perceptual hash: the signs of the 64 coarsest waves of the picture's brightness.
    Source: https://www.hackerfactor.com/blog/index.php?/archives/432-Looks-Like-It.html
    Raises: InputRejected.
    """
    grey = opened(data).convert("L").resize((32, 32), Pillow.Resampling.BOX)
    waves = WAVES @ np.asarray(grey, dtype=np.float64) @ WAVES.T
    bits = (waves > np.median(waves)).flatten()
    return f"{int(''.join('01'[int(bit)] for bit in bits), 2):016x}"


def looks_like(look: str, others: Iterable[str], max_bits: int = SAME_LOOK_BITS) -> bool:
    """Whether one of `others` (see `look_of`) differs in at most `max_bits` of 64."""
    return any((int(look, 16) ^ int(other, 16)).bit_count() <= max_bits for other in others)
