"""Covers drawn by text-to-image models behind Hugging Face's Inference Providers."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from typing import Any, Self

from huggingface_hub import InferenceClient
from PIL import Image as Pillow

from providers.covers import parameters, settings
from providers.covers.deadline import within
from providers.covers.huggingface_errors import RAISED, SERVICE, map_hf_error, no_provider
from providers.covers.huggingface_models import Candidate, ModelState, ModelTable
from providers.covers.parameters import DEFAULT_NEGATIVE_PROMPT, Parameters, wanted
from providers.covers.pixels import drawn
from providers.errors import BackendFailed, ErrorClass, Unavailable
from providers.types import CoverBrief, Image

log = logging.getLogger(__name__)

# SDXL where the account's first provider has it, then what is warm at the providers today.
# Source: https://huggingface.co/docs/inference-providers/tasks/text-to-image
DEFAULT_MODELS = (
    "auto:stabilityai/stable-diffusion-xl-base-1.0,"
    "nscale:black-forest-labs/FLUX.1-schnell,"
    "hf-inference:black-forest-labs/FLUX.1-schnell,"
    "hf-inference:stabilityai/stable-diffusion-3-medium-diffusers"
)
TOKENS = ("HF_TOKEN", "HUGGINGFACE_HUB_TOKEN", "HUGGINGFACE_API_KEY")

SETTINGS: tuple[settings.Setting, ...] = (
    ("HF_TOKEN", "", "Hugging Face token with the permission “Make calls to Inference Providers”"),
    ("HUGGINGFACE_HUB_TOKEN", "", "another name for HF_TOKEN, read when that is not set"),
    ("HUGGINGFACE_API_KEY", "", "another name for HF_TOKEN, read when neither of the two is set"),
    ("HF_IMAGE_MODELS", DEFAULT_MODELS, "provider:org/model, comma separated, tried in this order"),
    ("HF_IMAGE_ENDPOINT", "", "URL of your own Inference Endpoint; HF_IMAGE_MODELS is then not used"),
    ("HF_IMAGE_TIMEOUT_S", "120", "seconds one model may draw, 1 to 900"),
    *parameters.SETTINGS,
)

# The next model may help against these; against a refused token or an empty account it can't.
NEXT_MODEL: frozenset[ErrorClass] = frozenset({"gone", "loading", "overloaded"})


class HuggingFace:
    """Text-to-image over `InferenceClient`, one model after another until one is there.

    HF_TOKEN               the token; HUGGINGFACE_HUB_TOKEN and HUGGINGFACE_API_KEY are read after it
    HF_IMAGE_MODELS        `provider:org/model`, comma separated; `auto:` is the account's first provider
    HF_IMAGE_ENDPOINT      URL of an own Inference Endpoint, used as it stands
    HF_IMAGE_TIMEOUT_S     seconds for one model, 120
    IMAGE_STEPS            10–50, 20
    IMAGE_GUIDANCE         1–20, 7.5
    IMAGE_NEGATIVE_PROMPT  what must not be in the picture
    """

    name = "huggingface"
    vendor = SERVICE

    def __init__(
        self,
        token: str,
        candidates: tuple[Candidate, ...],
        *,
        endpoint: str = "",
        timeout_s: float = 120,
        steps: int = 20,
        guidance: float = 7.5,
        negative_prompt: str = DEFAULT_NEGATIVE_PROMPT,
    ) -> None:
        self._token = token
        self._candidates = (("hf-inference", endpoint),) if endpoint else candidates
        self._timeout_s = timeout_s
        self._steps, self._guidance, self._negative_prompt = steps, guidance, negative_prompt
        self._endpoint = bool(endpoint)
        self._table = ModelTable()
        self._drawing = threading.local()  # the threads of a worker draw with one instance

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Raises: Unavailable when no token is set or a value is out of its range."""
        steps, guidance, negative_prompt = parameters.from_env(env)
        return cls(
            _token(env),
            parse_models(settings.text(env, "HF_IMAGE_MODELS", DEFAULT_MODELS)),
            endpoint=_endpoint(env),
            timeout_s=settings.number(env, "HF_IMAGE_TIMEOUT_S", 120, 1, 900),
            steps=steps,
            guidance=guidance,
            negative_prompt=negative_prompt,
        )

    @property
    def model(self) -> str:
        """The model this thread drew with last; before that, the first of the list."""
        return str(getattr(self._drawing, "model", self._candidates[0][1]))

    def model_states(self) -> list[ModelState]:
        """What the Hub says at this moment of each configured pair; empty for an endpoint of one's own."""
        if self._endpoint:
            return []
        self._table.forget()
        return [self._table.state(candidate) for candidate in self._candidates]

    def generate(self, brief: CoverBrief) -> Image:
        log.info("🎨 Generating image with Hugging Face...", extra=self._fields("cover_asked"))
        failure: BackendFailed | None = None
        for state in self._in_order():
            self._drawing.model = state.model
            try:
                if state.standing == "gone":
                    raise no_provider(state.model)
                return self._draw(state, brief)
            except BackendFailed as error:
                if error.error_class not in NEXT_MODEL:
                    raise
                # Among models that may come back, one that is gone for good is not what to tell.
                if failure is None or failure.error_class == "gone" or error.error_class != "gone":
                    failure = error
                log.warning("a model did not draw", extra=self._fields("cover_model_failed", str(error)))
        raise failure or no_provider(self.model)

    def _in_order(self) -> list[ModelState]:
        if self._endpoint:
            return [ModelState(provider, provider, model, "unknown") for provider, model in self._candidates]
        return self._table.in_order(self._candidates)

    def _draw(self, state: ModelState, brief: CoverBrief) -> Image:
        asked = wanted(brief, self._steps, self._guidance, self._negative_prompt)
        request = request_for(state.model, brief.prompt, asked)
        picture = self._send(state.provider or state.asked, request)
        image = drawn(picture, brief, SERVICE, seed=asked.seed, parameters=_told(request))
        log.info("✅ Image generated with Hugging Face", extra=self._fields("cover_drawn"))
        return image

    def _send(self, provider: str, request: Mapping[str, Any]) -> Pillow.Image:
        # An implicit token would go to whatever host the model's URL names, hence always our own. The SDK's
        # types know the providers of its day only, and no address.
        client = InferenceClient(provider=provider, token=self._token, timeout=self._timeout_s)  # type: ignore[arg-type]
        try:
            return within(self._timeout_s, lambda: client.text_to_image(**request))
        except RAISED as error:
            raise map_hf_error(error, request["model"]) from error

    def _fields(self, action: str, reason: str = "") -> dict[str, str]:
        return {"action": action, "backend": self.name, "model": self.model, "reason": reason}


def parse_models(value: str) -> tuple[Candidate, ...]:
    """"auto:org/model, nscale:org/other" → (("auto", "org/model"), ("nscale", "org/other")).

    Raises: Unavailable for an entry of another form.
    """  # fmt: skip
    candidates: list[Candidate] = []
    for entry in filter(None, (part.strip() for part in value.split(","))):
        provider, colon, model = entry.partition(":")
        if not (provider and colon and model.count("/") == 1 and not model.startswith("/")):
            raise Unavailable(
                "HF_IMAGE_MODELS has the entry %(entry)r; write provider:org/model, for example "
                "auto:stabilityai/stable-diffusion-xl-base-1.0.",
                error_class="missing_model", entry=entry,
            )  # fmt: skip
        candidates.append((provider, model))
    if not candidates:
        raise Unavailable("HF_IMAGE_MODELS names no model.", error_class="missing_model")
    return tuple(candidates)


def request_for(model: str, prompt: str, asked: Parameters) -> dict[str, Any]:
    """The arguments of text_to_image."""
    request = {
        "prompt": prompt,
        "model": model,
        "width": asked.width_px,
        "height": asked.height_px,
        "seed": asked.seed,
    }
    if model.lower().endswith("flux.1-schnell"):
        # Distilled: it draws in 1–4 steps and knows neither guidance nor a negative prompt.
        # Source: https://huggingface.co/black-forest-labs/FLUX.1-schnell
        return request | {"num_inference_steps": 4}
    return request | {
        "num_inference_steps": asked.steps,
        "guidance_scale": asked.guidance,
        "negative_prompt": asked.negative_prompt,
    }


def _told(request: Mapping[str, Any]) -> dict[str, Any]:
    """What was asked of the model, under the names it is kept with."""
    names = {
        "num_inference_steps": "steps",
        "guidance_scale": "guidance",
        "negative_prompt": "negative_prompt",
        "width": "width_px",
        "height": "height_px",
    }
    return {kept: request[name] for name, kept in names.items() if name in request}


def _token(env: Mapping[str, str]) -> str:
    for name in TOKENS:
        if token := settings.text(env, name):
            return token
    raise Unavailable(
        "No key for Hugging Face: set HF_TOKEN (https://huggingface.co/settings/tokens), or take "
        "huggingface out of the chain of covers.",
        error_class="missing_key",
    )


def _endpoint(env: Mapping[str, str]) -> str:
    endpoint = settings.text(env, "HF_IMAGE_ENDPOINT")
    if endpoint and not endpoint.startswith(("http://", "https://")):
        raise Unavailable(
            "HF_IMAGE_ENDPOINT is %(value)r; write the whole address, https://….",
            error_class="unknown", value=endpoint,
        )  # fmt: skip
    return endpoint
