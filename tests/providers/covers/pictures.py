"""Small picture files for the tests."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image

from tests.fake_vendors import picture

GOOD_PNG = picture("a good one", 800, 600)


def blank(colour: str, size: tuple[int, int] = (1024, 1024)) -> bytes:
    return saved(Image.new("RGB", size, colour), "PNG")


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image
