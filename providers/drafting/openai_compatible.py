"""Writing by any server that speaks the OpenAI chat contract: OpenAI, OpenRouter, vLLM, Ollama …

Source: https://platform.openai.com/docs/api-reference/chat
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Self

import httpx2
import openai

from providers.drafting import prompt
from providers.drafting.answer import AnswerUnusable, read_answer
from providers.drafting.completion import refuses_format, text_of, tokens_of
from providers.drafting.material import spoken
from providers.drafting.ranking import fit
from providers.drafting.server import SETTINGS, STRUCTURED, Server, server_from_env
from providers.errors import BackendFailed
from providers.openai_errors import bad_answer, openai_errors
from providers.types import Article, Sentence, WritingBrief

__all__ = ["SETTINGS", "OpenAICompatible"]

log = logging.getLogger(__name__)

ALSO_READ = ("OPENAI_API_KEY", "OPENAI_BASE_URL")  # of the covers' table: see server_from_env

CHARS_PER_TOKEN = 3  # of Cyrillic; Latin takes fewer tokens, so the guess errs on the safe side
LADDER = STRUCTURED[1:]  # what "auto" tries, from the strictest


class OpenAICompatible:
    name = "openai_compatible"

    def __init__(self, server: Server, http_client: httpx2.Client | None = None) -> None:
        self.server = server
        self._modes: tuple[str, ...] = LADDER if server.structured == "auto" else (server.structured,)
        # The chain owns retries: two policies on top of each other wait too long.
        self._client = openai.OpenAI(
            api_key=server.api_key,
            base_url=server.base_url,
            timeout=server.timeout_s,
            max_retries=0,
            http_client=http_client,
        )

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        return cls(server_from_env(env))

    @property
    def model(self) -> str:
        return self.server.model

    @property
    def vendor(self) -> str:
        return self.server.host

    def close(self) -> None:
        """Closes the connections; a writer that lives as long as its process needs no closing."""
        self._client.close()

    def write(self, brief: WritingBrief) -> Article:
        sentences = spoken(brief)
        budget = self.server.context_tokens * CHARS_PER_TOKEN
        shown = fit(sentences, budget, lambda s: len(prompt.line(s)) + 1)
        usage: dict[str, Any] = {
            "prompt_version": prompt.PROMPT_VERSION,
            "sentences_left_out": len(sentences) - len(shown),
        }
        conversation = prompt.messages(brief, shown, usage["sentences_left_out"])
        raw = self._ask(conversation, usage)
        try:
            return read_answer(raw, shown, brief.language, usage)
        except AnswerUnusable as error:
            reason = str(error)
        log.warning(
            "the model is asked to repair its answer",
            extra={"action": "draft_repair", "backend": self.name, "reason": reason},
        )
        conversation += [{"role": "assistant", "content": raw}, prompt.repair(reason)]
        return self._last_try(conversation, shown, brief.language, usage)

    def _last_try(
        self,
        conversation: list[dict[str, str]],
        shown: tuple[Sentence, ...],
        language: str,
        usage: dict[str, Any],
    ) -> Article:
        try:
            return read_answer(self._ask(conversation, usage), shown, language, usage)
        except AnswerUnusable as error:
            raise bad_answer(self.server.host, f"twice, {error}", "WRITER_MODEL") from error

    def request(self, conversation: list[dict[str, str]], mode: str) -> dict[str, Any]:
        """The arguments of `chat.completions.create`. No temperature: reasoning models refuse it."""
        arguments: dict[str, Any] = {"model": self.model, "messages": conversation}
        if mode == "json_schema":
            schema = {"name": "article", "strict": True, "schema": prompt.ANSWER_SCHEMA}
            arguments["response_format"] = {"type": "json_schema", "json_schema": schema}
        elif mode == "json_object":
            arguments["response_format"] = {"type": "json_object"}
        if self.server.max_tokens:
            # OpenAI retired `max_tokens`; many compatible servers know nothing else.
            field = "max_completion_tokens" if self.server.host == "api.openai.com" else "max_tokens"
            arguments[field] = self.server.max_tokens
        return arguments

    def _ask(self, conversation: list[dict[str, str]], usage: dict[str, Any]) -> str:
        """The text of one answer, counted in `usage`. Raises: BackendFailed."""
        mode, completion = self._send_in_best_mode(conversation)
        text = text_of(completion, self.server.host)
        snapshot = getattr(completion, "model", self.model)  # the snapshot behind the name
        usage |= {"requests": usage.get("requests", 0) + 1, "structured": mode, "model": snapshot}
        for field, count in tokens_of(completion).items():
            usage[field] = usage.get(field, 0) + count
        return text

    def _send_in_best_mode(self, conversation: list[dict[str, str]]) -> tuple[str, object]:
        """A way to ask for JSON that the server refuses is left behind for as long as this object lives."""
        modes = self._modes
        for place, mode in enumerate(modes):
            try:
                completion = self._send(self.request(conversation, mode))
            except BackendFailed as error:
                if mode == modes[-1] or not refuses_format(error.__cause__):
                    raise
                log.info(
                    "the server does not know this way to ask for JSON",
                    extra={"action": "draft_mode", "backend": self.name, "mode": mode},
                )
                continue
            self._modes = modes[place:]
            return mode, completion
        raise AssertionError("there is always a mode")

    def _send(self, arguments: dict[str, Any]) -> object:
        service = self.server.host
        with openai_errors(
            service=service,
            key_variable="WRITER_API_KEY",
            model_variable="WRITER_MODEL",
            timeout_variable="WRITER_TIMEOUT_S",
            base_url_variable="WRITER_BASE_URL",
        ):
            try:
                return self._client.chat.completions.create(**arguments)
            except ValueError as error:  # a body that says it is JSON and is not
                raise bad_answer(service, "the body is not JSON", "WRITER_BASE_URL") from error
