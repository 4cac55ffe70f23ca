"""Covers drawn by OpenAI's image models, or by anything that speaks its images API."""

from __future__ import annotations

import base64
import binascii
import logging
import re
from collections.abc import Mapping
from typing import Any, Self

import openai
from openai.types import ImagesResponse

from providers.covers import settings
from providers.covers.deadline import DeadlinePassed, within
from providers.covers.pixels import decode, drawn, not_a_picture
from providers.errors import BackendFailed, Unavailable
from providers.openai_errors import missing_key, openai_errors
from providers.types import CoverBrief, Image

log = logging.getLogger(__name__)

SERVICE = "OpenAI"
# Models retire: see the dates at https://developers.openai.com/api/docs/deprecations
DEFAULT_MODEL = "gpt-image-2.5-flare"
DEFAULT_SIZE = "1536x864"  # 16:9; both sides divisible by 16, as the 2.x models ask
DEFAULT_URL = "https://api.openai.com/v1"
SIDE_STEP_PX = 16
QUALITIES = ("low", "medium", "high", "auto", "xhigh", "max")

SETTINGS: tuple[settings.Setting, ...] = (
    ("OPENAI_API_KEY", "", "OpenAI key"),
    ("OPENAI_BASE_URL", DEFAULT_URL, "address of the API, with /v1"),
    ("OPENAI_IMAGE_MODEL", DEFAULT_MODEL, "model that draws the covers"),
    ("OPENAI_IMAGE_QUALITY", "low", "low, medium, high, auto; xhigh and max for the 2.5 models"),
    ("OPENAI_IMAGE_SIZE", DEFAULT_SIZE, "size asked of the model; the cover is cut from it"),
    (
        "OPENAI_IMAGE_TIMEOUT_S",
        "180",
        "seconds one picture may take, 1 to 900; high quality needs up to 280",
    ),
)


class OpenAIImages:
    """`POST /v1/images/generations` through the official SDK.

    OPENAI_API_KEY          the key
    OPENAI_BASE_URL         address with /v1, https://api.openai.com/v1
    OPENAI_IMAGE_MODEL      gpt-image-2.5-flare
    OPENAI_IMAGE_QUALITY    low, medium, high, auto, xhigh, max; low
    OPENAI_IMAGE_SIZE       width x height asked of the model, 1536x864
    OPENAI_IMAGE_TIMEOUT_S  seconds, 1–900, 180

    Source: https://platform.openai.com/docs/api-reference/images/create
    """

    name = "openai"
    vendor = SERVICE

    def __init__(
        self,
        api_key: str,
        *,
        base_url: str = DEFAULT_URL,
        model: str = DEFAULT_MODEL,
        quality: str = "low",
        size: str = DEFAULT_SIZE,
        timeout_s: float = 180,
    ) -> None:
        self._api_key, self._base_url = api_key, base_url
        self._model, self._quality, self._size = model, quality, size
        self._timeout_s = timeout_s

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Raises: Unavailable when the key is missing or a value is wrong."""
        api_key = settings.text(env, "OPENAI_API_KEY")
        if not api_key:
            raise missing_key(SERVICE, "OPENAI_API_KEY")
        return cls(
            api_key,
            base_url=settings.text(env, "OPENAI_BASE_URL", DEFAULT_URL),
            model=settings.text(env, "OPENAI_IMAGE_MODEL", DEFAULT_MODEL),
            quality=_quality(env),
            size=_size(env),
            timeout_s=settings.number(env, "OPENAI_IMAGE_TIMEOUT_S", 180, 1, 900),
        )

    @property
    def model(self) -> str:
        return self._model

    def generate(self, brief: CoverBrief) -> Image:
        log.info("🎨 Generating image with OpenAI...", extra=self._fields("cover_asked"))
        size = size_for(brief, self._size)
        answer = self._send(request_for(brief, self._model, self._quality, size))
        picture = decode(picture_bytes(answer), SERVICE)
        kept = {"quality": self._quality, "width_px": picture.width, "height_px": picture.height}
        image = drawn(picture, brief, SERVICE, parameters=kept)
        log.info("✅ Image generated with OpenAI", extra=self._fields("cover_drawn"))
        return image

    def _send(self, request: Mapping[str, Any]) -> ImagesResponse:
        with (
            openai_errors(
                service=SERVICE,
                model_variable="OPENAI_IMAGE_MODEL",
                timeout_variable="OPENAI_IMAGE_TIMEOUT_S",
            ),
            openai.OpenAI(
                api_key=self._api_key, base_url=self._base_url, timeout=self._timeout_s, max_retries=0
            ) as client,
        ):
            try:
                answer: ImagesResponse = within(self._timeout_s, lambda: client.images.generate(**request))
                return answer
            except (DeadlinePassed, openai.APITimeoutError) as error:
                raise _too_slow() from error
            except (ValueError, TypeError, AttributeError) as error:  # 200 with a body that is no JSON
                raise not_a_picture(SERVICE) from error

    def _fields(self, action: str) -> dict[str, str]:
        return {"action": action, "backend": self.name, "model": self._model}


def request_for(brief: CoverBrief, model: str, quality: str, size: str) -> dict[str, Any]:
    """The arguments of images.generate. No response_format: the answer is always base64."""
    return {
        "prompt": brief.prompt,
        "model": model,
        "quality": quality,
        "size": size,
        "n": 1,
        "output_format": "jpeg",
        "output_compression": 95,
    }


def size_for(brief: CoverBrief, own: str) -> str:
    """The size to ask for: the brief's, both sides rounded to what the models take, or the backend's own."""
    if brief.drawing.size_px is None:
        return own
    sides = (max(SIDE_STEP_PX, round(side / SIDE_STEP_PX) * SIDE_STEP_PX) for side in brief.drawing.size_px)
    return "x".join(map(str, sides))


def picture_bytes(answer: ImagesResponse) -> bytes:
    """The file in the answer. Raises: BackendFailed (format) when there is none."""
    data = getattr(answer, "data", None) or []  # the SDK returns a page with 200 as a plain str
    if not data or not data[0].b64_json:
        raise not_a_picture(SERVICE)
    try:
        return base64.b64decode(data[0].b64_json, validate=True)
    except (binascii.Error, TypeError) as error:
        raise not_a_picture(SERVICE) from error


def _too_slow() -> BackendFailed:
    return BackendFailed(
        "%(service)s did not draw in time. Try later, raise %(variable)s or lower OPENAI_IMAGE_QUALITY.",
        error_class="timeout", service=SERVICE, variable="OPENAI_IMAGE_TIMEOUT_S",
    )  # fmt: skip


def _quality(env: Mapping[str, str]) -> str:
    quality = settings.text(env, "OPENAI_IMAGE_QUALITY", "low")
    if quality not in QUALITIES:
        raise Unavailable(
            "OPENAI_IMAGE_QUALITY is %(value)r; choose one of %(known)s.",
            error_class="unknown", value=quality, known=", ".join(QUALITIES),
        )  # fmt: skip
    return quality


def _size(env: Mapping[str, str]) -> str:
    size = settings.text(env, "OPENAI_IMAGE_SIZE", DEFAULT_SIZE)
    if size != "auto" and not re.fullmatch(r"\d{3,4}x\d{3,4}", size):
        raise Unavailable(
            "OPENAI_IMAGE_SIZE is %(value)r; write width x height, for example %(example)s, or auto.",
            error_class="unknown", value=size, example=DEFAULT_SIZE,
        )  # fmt: skip
    return size
