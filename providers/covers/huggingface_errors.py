"""What huggingface_hub raises while it draws, told in our own errors.

Source: https://huggingface.co/docs/huggingface_hub/package_reference/utilities#http-errors
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus

import httpx2
from huggingface_hub.errors import HfHubHTTPError, InferenceTimeoutError, RepositoryNotFoundError
from huggingface_hub.utils._http import parse_ratelimit_headers  # huggingface_hub.utils names it too, untyped
from PIL import Image as Pillow
from PIL import UnidentifiedImageError

from providers.covers.deadline import DeadlinePassed
from providers.covers.pixels import not_a_picture
from providers.errors import BackendFailed

SERVICE = "Hugging Face"
DETAIL_LIMIT = 300  # characters of the vendor's own words kept in a message
_KEY = re.compile(r"\b(?:hf|sk|key)[-_][\w*.\-]{4,}|(?i:bearer)\s+\S+")

# Everything InferenceClient may raise on purpose or by accident: providers' answers are read without
# checks (KeyError …), and a model whose list of providers is empty ends in StopIteration.
# Source: huggingface_hub 2.4.0, inference/_providers/__init__.py, get_provider_helper
RAISED = (
    HfHubHTTPError,
    httpx2.HTTPError,
    httpx2.InvalidURL,
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    StopIteration,
    Pillow.DecompressionBombError,
    Pillow.DecompressionBombWarning,
    DeadlinePassed,
)


def map_hf_error(error: BaseException, model: str) -> BackendFailed:
    """`error`, raised while `model` was asked, as one of ours."""
    if isinstance(error, (DeadlinePassed, InferenceTimeoutError, httpx2.TimeoutException)):
        return BackendFailed(
            "Hugging Face did not draw with %(model)s in time. Try again later or raise %(variable)s.",
            error_class="timeout", model=model, variable="HF_IMAGE_TIMEOUT_S",
        )  # fmt: skip
    if isinstance(error, HfHubHTTPError):
        return _from_status(error, model)
    if isinstance(error, (UnidentifiedImageError, Pillow.DecompressionBombError)):
        return not_a_picture(SERVICE)
    if isinstance(error, (httpx2.HTTPError, OSError)):
        return BackendFailed(
            "Hugging Face could not be reached: %(detail)s. Check the network and the proxy; HF_HUB_OFFLINE "
            "must not be set.",
            error_class="network", detail=_clean(str(error)),
        )  # fmt: skip
    if isinstance(error, httpx2.InvalidURL):
        return BackendFailed(
            "The address of the picture service is not a URL: %(detail)s. Correct HF_IMAGE_ENDPOINT.",
            error_class="gone", detail=_clean(str(error)),
        )  # fmt: skip
    if isinstance(error, (StopIteration, ValueError)) and not _is_json(error):
        return no_provider(model, str(error))
    return not_a_picture(SERVICE)


def no_provider(model: str, detail: str = "") -> BackendFailed:
    """Nobody behind Hugging Face draws with the model any more."""
    return BackendFailed(
        "No provider at Hugging Face draws with %(model)s now: %(detail)s. Change HF_IMAGE_MODELS; see "
        "https://huggingface.co/models?pipeline_tag=text-to-image&inference_provider=all.",
        error_class="gone", model=model, detail=_clean(detail or "its page names none"),
    )  # fmt: skip


def _from_status(error: HfHubHTTPError, model: str) -> BackendFailed:
    status = error.response.status_code
    detail = _clean(error.server_message or error.response.reason_phrase)
    wait_s = _retry_after_s(error.response.headers)
    if status == HTTPStatus.PAYMENT_REQUIRED:
        return BackendFailed(
            "Hugging Face: the account is out of credit: %(detail)s. Buy credit or wait for the next month: "
            "https://huggingface.co/settings/billing.",
            error_class="billing", detail=detail,
        )  # fmt: skip
    if isinstance(error, RepositoryNotFoundError) or status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        # The Hub answers 401 for a model that is not there, hence the class before the status.
        return BackendFailed(
            "Hugging Face no longer has %(model)s (%(status)s): %(detail)s. Change HF_IMAGE_MODELS.",
            error_class="gone", model=model, status=status, detail=detail,
        )  # fmt: skip
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return BackendFailed(
            "Hugging Face refused the token (%(status)s): %(detail)s. Check HF_TOKEN; it needs the "
            "permission “Make calls to Inference Providers”: https://huggingface.co/settings/tokens.",
            error_class="auth", status=status, detail=detail,
        )  # fmt: skip
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return BackendFailed(
            "Hugging Face asks to wait: too many requests. Try again later.",
            error_class="rate_limit", retry_after_s=wait_s,
        )  # fmt: skip
    if status == HTTPStatus.SERVICE_UNAVAILABLE and "loading" in detail.lower():
        return BackendFailed(
            "Hugging Face is still loading %(model)s. Try again in a few minutes.",
            error_class="loading", retry_after_s=wait_s, model=model,
        )  # fmt: skip
    if status in (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.GATEWAY_TIMEOUT):
        return BackendFailed(
            "Hugging Face gave up on %(model)s (%(status)s): it took too long. Try again later.",
            error_class="timeout", retry_after_s=wait_s, model=model, status=status,
        )  # fmt: skip
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return BackendFailed(
            "Hugging Face is out of order or overloaded (%(status)s): %(detail)s. Try again later.",
            error_class="overloaded", retry_after_s=wait_s, status=status, detail=detail,
        )  # fmt: skip
    return BackendFailed(
        "Hugging Face did not accept the request for %(model)s (%(status)s): %(detail)s. Check IMAGE_STEPS, "
        "IMAGE_GUIDANCE and HF_IMAGE_MODELS.",
        model=model, status=status, detail=detail,
    )  # fmt: skip


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    """`Retry-After: 30`, or the Hub's own `RateLimit: "api";r=0;t=55`.

    Source: https://huggingface.co/docs/hub/rate-limits
    """
    seconds = headers.get("retry-after", "").strip()
    if seconds.isdigit():
        return float(seconds)
    limit = parse_ratelimit_headers(headers)
    return float(limit.reset_in_seconds) if limit else None


def _is_json(error: BaseException) -> bool:
    """JSONDecodeError and UnicodeDecodeError are ValueErrors too, but speak of the body, not the model."""
    return isinstance(error, UnicodeError) or type(error).__name__ == "JSONDecodeError"


def _clean(text: str) -> str:
    """One line of the vendor's words, without keys, HTML and the final full stop."""
    line = " ".join(text.split())
    if "<html" in line.lower():
        return "the answer is a web page"
    return _KEY.sub("…", line)[:DETAIL_LIMIT].rstrip(" .") or "no explanation given"
