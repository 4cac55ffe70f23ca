"""The endings of a chat request: a text, or one of our errors.

Source: https://platform.openai.com/docs/api-reference/chat/object
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

import openai
from openai.types.chat import ChatCompletion

from providers.errors import BackendFailed, ErrorClass, ProviderError
from providers.openai_errors import bad_answer, clean

#: Codes some routers put into an answer with status 200.
#: Source: https://openrouter.ai/docs/api/reference/errors-and-debugging
ERRORS_INSIDE: dict[int, ErrorClass] = {
    401: "auth", 402: "billing", 403: "moderation", 408: "timeout", 429: "rate_limit",
    502: "overloaded", 503: "overloaded",
}  # fmt: skip
FORMAT_WORDS = ("response_format", "json_schema", "json_object", "schema")
#: How vendors say that a prompt does not fit: OpenAI, Groq, vLLM, OpenRouter, Yandex, GigaChat, llama.cpp.
TOO_LONG = re.compile(
    r"context_length_exceeded|context[_ ](?:length|size|window)|maximum context|prompt is too long"
    r"|too many (?:input )?tokens|(?:number of )?input tokens (?:must|exceed)|reduce the length"
    r"|tokens? (?:limit )?exceed|request_too_large|request too large",
    re.IGNORECASE,
)
TOO_LONG_STATUSES = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
)


class Truncated(BackendFailed):
    """The answer ends in the middle: the limit of its length was reached."""


class TooLong(BackendFailed):
    """The prompt does not fit the model's context."""


def text_of(completion: object, service: str) -> str:
    """The text of the first choice. Raises: BackendFailed for every other kind of ending."""
    if not isinstance(completion, ChatCompletion):  # the SDK gives a page back as a string
        detail = "a page instead of JSON; the address usually ends with /v1"
        raise bad_answer(service, detail, "WRITER_BASE_URL")
    if not completion.choices:
        raise _error_inside(completion, service)
    choice = completion.choices[0]
    if choice.finish_reason == "content_filter" or choice.message.refusal:
        raise BackendFailed(
            "%(service)s refused to write about this recording: %(detail)s. Try another writer.",
            error_class="moderation", service=service,
            detail=clean(choice.message.refusal or "content filter"),
        )  # fmt: skip
    if choice.finish_reason == "length":
        raise Truncated(
            "%(service)s stopped in the middle of the article. Raise or clear WRITER_MAX_TOKENS, or take a "
            "model with a longer answer in WRITER_MODEL.",
            error_class="format", service=service,
        )  # fmt: skip
    return choice.message.content or ""


def tokens_of(completion: object) -> tuple[int, int] | None:
    """What was read and written; None where the server does not count."""
    counted = completion.usage if isinstance(completion, ChatCompletion) else None
    return (counted.prompt_tokens or 0, counted.completion_tokens or 0) if counted else None


def told_cost(completion: object) -> int | None:
    """The price the vendor itself tells with the answer (OpenRouter), in millionths of a dollar."""
    counted = completion.usage if isinstance(completion, ChatCompletion) else None
    cost = (counted.model_extra or {}).get("cost") if counted else None
    return round(cost * 1_000_000) if isinstance(cost, int | float) else None


def partial_text(completion: object) -> str:
    """Whatever text there is, for the record of a call that did not end well."""
    if isinstance(completion, ChatCompletion) and completion.choices:
        return completion.choices[0].message.content or completion.choices[0].message.refusal or ""
    return completion[:2000] if isinstance(completion, str) else ""


def refuses_length(error: BaseException | None) -> bool:
    """Whether the vendor says that the prompt is longer than the model reads."""
    if not isinstance(error, openai.APIStatusError) or error.status_code not in TOO_LONG_STATUSES:
        return False
    return error.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE or bool(TOO_LONG.search(_words(error)))


def too_long(service: str, model_variable: str) -> TooLong:
    return TooLong(
        "%(service)s reads less at once than the recording needs. Choose a model with a longer context in "
        "%(variable)s.",
        error_class="format", service=service, variable=model_variable,
    )  # fmt: skip


def refuses_format(error: BaseException | None) -> bool:
    """Whether a 400 or 422 speaks of `response_format` or of the schema."""
    if not isinstance(error, openai.BadRequestError | openai.UnprocessableEntityError):
        return False
    words = _words(error).lower()
    return any(word in words for word in FORMAT_WORDS)


def _words(error: openai.APIStatusError) -> str:
    body: Any = error.body
    return f"{error.code} {error.param} {error.message} {body}"


def _error_inside(completion: ChatCompletion, service: str) -> ProviderError:
    inside = (completion.model_extra or {}).get("error")
    if not isinstance(inside, dict):
        return bad_answer(service, "an answer without a choice", "WRITER_MODEL")
    return BackendFailed(
        "%(service)s answered with an error: %(detail)s. Look the message up there, or choose another model "
        "in WRITER_MODEL.",
        error_class=_class_inside(inside.get("code")), service=service,
        detail=clean(str(inside.get("message", ""))),
    )  # fmt: skip


def _class_inside(code: object) -> ErrorClass:
    return ERRORS_INSIDE.get(code, "unknown") if isinstance(code, int) else "unknown"
