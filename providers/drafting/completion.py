"""The endings of a chat request: a text, or one of our errors.

Source: https://platform.openai.com/docs/api-reference/chat/object
"""

from __future__ import annotations

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
        raise BackendFailed(
            "%(service)s stopped in the middle of the article. Raise or clear WRITER_MAX_TOKENS, or take a "
            "model with a longer answer in WRITER_MODEL.",
            error_class="format", service=service,
        )  # fmt: skip
    return choice.message.content or ""


def tokens_of(completion: object) -> dict[str, int]:
    """What was read and written, as far as the server counts."""
    counted = completion.usage if isinstance(completion, ChatCompletion) else None
    if counted is None:
        return {}
    return {"prompt_tokens": counted.prompt_tokens, "completion_tokens": counted.completion_tokens}


def refuses_format(error: BaseException | None) -> bool:
    """Whether a 400 or 422 speaks of `response_format` or of the schema."""
    if not isinstance(error, openai.BadRequestError | openai.UnprocessableEntityError):
        return False
    words = f"{error.param} {error.message} {error.body}".lower()
    return any(word in words for word in FORMAT_WORDS)


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
