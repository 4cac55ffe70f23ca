"""What the OpenAI SDK raises, told in our own errors: the one place that knows its exception tree.

Shared by every backend that speaks through the SDK, whoever the vendor behind the address is:

    with openai_errors(service="OpenAI"):
        client.chat.completions.parse(...)

Source: https://github.com/openai/openai-python#handling-errors
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import openai
import pydantic

from providers.errors import BackendFailed, ProviderError, Unavailable

DETAIL_LIMIT = 300  # characters of the vendor's own words kept in a message

# `sk-…`, `hf_…`, bearer headers: a vendor may quote the key it refuses ("Incorrect API key provided: sk-…").
_KEY = re.compile(r"\b(?:sk|hf|key|pk)[-_][\w*.\-]{4,}|(?i:bearer)\s+\S+")

# 403 for a region, 402 and `insufficient_quota` for money: codes that tell more than the status.
# Source: https://platform.openai.com/docs/guides/error-codes
BILLING_CODES = {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"}
MODERATION_CODES = {"moderation_blocked", "content_policy_violation", "content_filter"}
GONE_CODES = {"model_not_found", "model_not_available"}


@contextmanager
def openai_errors(
    *,
    service: str,
    key_variable: str = "OPENAI_API_KEY",
    model_variable: str = "OPENAI_MODEL",
    timeout_variable: str = "OPENAI_TIMEOUT_S",
    base_url_variable: str = "OPENAI_BASE_URL",
) -> Iterator[None]:
    """Whatever the SDK raises inside leaves as a ProviderError that names the setting to change."""
    try:
        yield
    except (openai.OpenAIError, pydantic.ValidationError) as error:
        raise map_openai_error(
            error,
            service=service,
            key_variable=key_variable,
            model_variable=model_variable,
            timeout_variable=timeout_variable,
            base_url_variable=base_url_variable,
        ) from error


def map_openai_error(
    error: Exception,
    *,
    service: str,
    key_variable: str = "OPENAI_API_KEY",
    model_variable: str = "OPENAI_MODEL",
    timeout_variable: str = "OPENAI_TIMEOUT_S",
    base_url_variable: str = "OPENAI_BASE_URL",
) -> ProviderError:
    """`error` as one of ours. `service` is the name people know: "OpenAI", "GigaChat" …"""
    if isinstance(error, openai.APITimeoutError):  # a child of APIConnectionError, so it goes first
        return BackendFailed(
            "%(service)s did not answer in time. Try again later or raise %(variable)s.",
            error_class="timeout", service=service, variable=timeout_variable,
        )  # fmt: skip
    if isinstance(error, openai.APIConnectionError):
        return BackendFailed(
            "%(service)s could not be reached. Check the network, the proxy and %(variable)s.",
            error_class="network", service=service, variable=base_url_variable,
        )  # fmt: skip
    if isinstance(error, openai.APIStatusError):
        return _from_status(error, service, key_variable, model_variable)
    if isinstance(error, openai.ContentFilterFinishReasonError):
        return _moderation(service, str(error))
    if isinstance(error, openai.LengthFinishReasonError):
        return BackendFailed(
            "%(service)s stopped in the middle of its answer: the length limit was reached. "
            "Shorten the text or choose a model with a longer answer in %(variable)s.",
            error_class="format", service=service, variable=model_variable,
        )  # fmt: skip
    if isinstance(error, (openai.APIResponseValidationError, pydantic.ValidationError)):
        return bad_answer(service, "the JSON is not what was agreed", model_variable)
    if isinstance(error, openai.APIError):
        return _plain_api_error(error, service, key_variable, model_variable)
    if isinstance(error, openai.OpenAIError) and "credentials" in str(error):
        return missing_key(service, key_variable)
    return BackendFailed(
        "%(service)s failed: %(detail)s. See the log for the whole error.",
        service=service, detail=clean(str(error)),
    )  # fmt: skip


def missing_key(service: str, variable: str) -> Unavailable:
    return Unavailable(
        "No key for %(service)s: set %(variable)s, or take this backend out of the chain.",
        error_class="missing_key", service=service, variable=variable,
    )  # fmt: skip


def bad_answer(service: str, detail: str, model_variable: str = "OPENAI_MODEL") -> BackendFailed:
    """An answer came, and it was not what the contract says."""
    return BackendFailed(
        "%(service)s answered something unusable: %(detail)s. Try again, or choose another model in "
        "%(variable)s.",
        error_class="format", service=service, detail=clean(detail), variable=model_variable,
    )  # fmt: skip


def _from_status(
    error: openai.APIStatusError, service: str, key_variable: str, model_variable: str
) -> ProviderError:
    status, code, detail = error.status_code, error.code or "", clean(_words(error))
    wait_s = retry_after_s(error.response.headers)
    if code in MODERATION_CODES:
        return _moderation(service, detail)
    if status == HTTPStatus.PAYMENT_REQUIRED or code in BILLING_CODES:
        return _billing(service, detail)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return BackendFailed(
            "%(service)s asks to wait: too many requests. Try again later or raise the account's limit.",
            error_class="rate_limit", retry_after_s=wait_s, service=service,
        )  # fmt: skip
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return BackendFailed(
            "%(service)s refused the key (%(status)s): %(detail)s. Check %(variable)s and what the account "
            "is allowed to do.",
            error_class="auth", service=service, status=status, detail=detail, variable=key_variable,
        )  # fmt: skip
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE) or code in GONE_CODES:
        return BackendFailed(
            "%(service)s has no such model or address (%(status)s): %(detail)s. Change %(variable)s; models "
            "are retired on dates listed at https://developers.openai.com/api/docs/deprecations.",
            error_class="gone", service=service, status=status, detail=detail, variable=model_variable,
        )  # fmt: skip
    if status == HTTPStatus.REQUEST_TIMEOUT:
        return BackendFailed(
            "%(service)s gave up waiting (%(status)s). Try again later.",
            error_class="timeout", retry_after_s=wait_s, service=service, status=status,
        )  # fmt: skip
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.CONFLICT:
        return BackendFailed(
            "%(service)s is out of order or overloaded (%(status)s): %(detail)s. Try again later.",
            error_class="overloaded", retry_after_s=wait_s, service=service, status=status, detail=detail,
        )  # fmt: skip
    return BackendFailed(
        "%(service)s did not accept the request (%(status)s): %(detail)s. Check %(variable)s and the "
        "settings beside it.",
        service=service, status=status, detail=detail, variable=model_variable,
    )  # fmt: skip


def _plain_api_error(
    error: openai.APIError, service: str, key_variable: str, model_variable: str
) -> ProviderError:
    """An error without a status: an `error` object inside a stream or inside an answer with 200."""
    code = error.code or ""
    if code in MODERATION_CODES:
        return _moderation(service, clean(error.message))
    if code in BILLING_CODES:
        return _billing(service, clean(error.message))
    return bad_answer(service, error.message, model_variable)


def _moderation(service: str, detail: str) -> BackendFailed:
    return BackendFailed(
        "%(service)s refused the content: %(detail)s. Change the text of the request; the same one will be "
        "refused again.",
        error_class="moderation", service=service, detail=clean(detail),
    )  # fmt: skip


def _billing(service: str, detail: str) -> BackendFailed:
    return BackendFailed(
        "%(service)s: the account is out of credit: %(detail)s. Top it up or raise its monthly limit.",
        error_class="billing", service=service, detail=detail,
    )  # fmt: skip


def _words(error: openai.APIStatusError) -> str:
    """The vendor's own sentence; an HTML page or an empty body become the reason phrase."""
    body = error.body
    if isinstance(body, Mapping) and isinstance(body.get("message"), str):
        return str(body["message"])
    text = "" if isinstance(body, Mapping) else str(body or "")
    return error.response.reason_phrase if not text or "<" in text else text


def clean(text: str) -> str:
    """One line of at most DETAIL_LIMIT characters, without keys and without a final full stop."""
    return _KEY.sub("…", " ".join(text.split()))[:DETAIL_LIMIT].rstrip(" .") or "no explanation given"


def retry_after_s(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """Seconds to wait: `retry-after-ms`, `Retry-After: 30`, or a date there. None where nothing is said.

    Source: https://www.rfc-editor.org/rfc/rfc9110#name-retry-after
    """
    try:
        if "retry-after-ms" in headers:
            return max(0.0, float(headers["retry-after-ms"]) / 1000)
        value = headers.get("retry-after") or headers.get("Retry-After") or ""
        if re.fullmatch(r"\d+(\.\d+)?", value.strip()):
            return float(value)
        return max(0.0, parsedate_to_datetime(value).timestamp() - (time.time() if now is None else now))
    except (ValueError, TypeError):
        return None
