"""Questions to one chat server: asked in a way it understands, paid for, and written down.

Source: https://platform.openai.com/docs/api-reference/chat
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx2
import openai

from providers import metering
from providers.drafting import prompt
from providers.drafting.answer import AnswerUnusable
from providers.drafting.calls import Call, Message, Notebook, key_of
from providers.drafting.completion import (
    TooLong,
    Truncated,
    partial_text,
    refuses_format,
    refuses_length,
    text_of,
    tokens_of,
    told_cost,
    too_long,
)
from providers.drafting.gigachat import Token
from providers.drafting.measure import tokens, tokens_in
from providers.drafting.server import MODE_LADDER, Server
from providers.errors import BackendFailed
from providers.openai_errors import bad_answer, openai_errors

log = logging.getLogger(__name__)
T = TypeVar("T")
Reading = tuple[T, list[str]]  # what an answer came to, and what was wrong with it

ANSWER_SHARE = 5  # of the context, the answer takes one part in so many …
ANSWER_MOST = 6_000  # … and no more than this
LEAST_ROOM = 1_000  # tokens of a prompt under which it makes no sense to go on
SHRINK = 0.7  # of what was refused is tried next
CHARS_PER_TOKEN_MOST = 12  # fewer tokens counted than this tells: the server has cut the prompt


@dataclass(frozen=True, slots=True)
class Question:
    step: str
    messages: list[Message]
    schema: Mapping[str, Any]


class Chat:
    """One server. What it has taught us (its ways to ask for JSON, its context) is kept while it lives."""

    def __init__(self, name: str, server: Server, http_client: httpx2.Client | None = None) -> None:
        self.name, self.server = name, server
        self.context_tokens = server.context_tokens
        self._modes: tuple[str, ...] = MODE_LADDER if server.structured == "auto" else (server.structured,)
        # The chain owns retries: two policies on top of each other wait too long.
        self._client = openai.OpenAI(
            api_key=server.api_key,
            base_url=server.base_url,
            project=server.project,
            timeout=server.timeout_s,
            max_retries=0,
            default_headers=dict(server.headers),
            http_client=http_client,
        )

    def close(self) -> None:
        self._client.close()

    @property
    def answer_tokens(self) -> int:
        """Kept free for the answer."""
        return min(ANSWER_MOST, self.server.max_tokens or ANSWER_MOST, self.context_tokens // ANSWER_SHARE)

    def room(self, *instructions: str) -> int:
        """Tokens left for the material beside the instructions and the answer."""
        return self.context_tokens - self.answer_tokens - tokens_in(instructions)

    def learn_shorter(self, messages: Sequence[Message]) -> None:
        """After a refusal: the model reads less than was thought. Raises: TooLong when nothing is left."""
        sent = tokens_in(message["content"] for message in messages)
        self.context_tokens = min(self.context_tokens, round(sent * SHRINK) + self.answer_tokens)
        log.info(
            "the server reads less at once than its settings say",
            extra={"action": "draft_context", "backend": self.name, "tokens": self.context_tokens},
        )
        if self.context_tokens - self.answer_tokens < LEAST_ROOM:
            raise too_long(self.server.host, self.server.variables[1])

    def read(self, question: Question, notes: Notebook, reader: Callable[[str], Reading[T]]) -> T:
        """The answer as `reader` understands it, asked once more where something was wrong.

        Raises: BackendFailed; TooLong where the prompt does not fit.
        """
        kept: list[T] = []
        answer = ""
        try:
            answer = self.ask(question, notes)
            value, wrong = reader(answer)
            if not wrong:
                return value
            kept, reason = [value], "; ".join(wrong)
        except Truncated:
            reason = "it was cut off in the middle, so write a much shorter one"
        except AnswerUnusable as error:
            reason = str(error)
        log.warning(
            "the model is asked to repair its answer",
            extra={"action": "draft_repair", "backend": self.name, "step": question.step, "reason": reason},
        )
        again = Question(
            f"{question.step} again", self._repair(question.messages, answer, reason), question.schema
        )
        try:
            return reader(self.ask(again, notes))[0]
        except (BackendFailed, AnswerUnusable) as error:
            if kept:
                return kept[0]  # what holds of the first answer
            if isinstance(error, BackendFailed):
                raise
            raise bad_answer(self.server.host, f"twice, {error}", self.server.variables[1]) from error

    def _repair(self, messages: list[Message], answer: str, reason: str) -> list[Message]:
        """The conversation goes on; without the bad answer where that would not fit."""
        more: list[Message] = [prompt.repair(reason)]
        if answer and tokens_in(m["content"] for m in messages) + tokens(answer) < self.room():
            more.insert(0, {"role": "assistant", "content": answer})
        return [*messages, *more]

    def ask(self, question: Question, notes: Notebook) -> str:
        """The text of one answer; one that was kept is not asked for again. Raises: BackendFailed."""
        key = key_of(self.name, self.server.model, question.messages)
        answer = notes.recall(key)
        if answer is not None:
            return answer
        sent = tokens_in(message["content"] for message in question.messages)
        metering.admit(self.server.cost_micro_usd(sent, self.answer_tokens))
        started, completion = time.monotonic(), None
        try:
            completion = self._send_in_best_mode(question)
            answer = text_of(completion, self.server.host)
            self._refuse_a_cut_prompt(question, completion)
        except BackendFailed as error:
            if refuses_length(error.__cause__):
                error = too_long(self.server.host, self.server.variables[1])
            notes.keep("", self._call(question, completion, partial_text(completion), started, str(error)))
            raise error from error.__cause__
        notes.keep(key, self._call(question, completion, answer, started))
        return answer

    def _call(
        self, question: Question, completion: object, answer: str, started: float, failure: str = ""
    ) -> Call:
        """The record of a request, with its price paid on the chain's meter."""
        counted = tokens_of(completion)
        cost = told_cost(completion)
        if completion is not None and counted is None:  # the server does not count: our guess
            counted = tokens_in(m["content"] for m in question.messages), tokens(answer)
        read, written = counted or (0, 0)
        if cost is None:
            cost = self.server.cost_micro_usd(read, written)
        if completion is not None:
            metering.paid(cost)
        return Call(
            step=question.step,
            backend=self.name,
            model=str(getattr(completion, "model", "") or self.server.model),
            messages=tuple(question.messages),
            answer=answer,
            prompt_tokens=read,
            completion_tokens=written,
            ms=round((time.monotonic() - started) * 1000),
            cost_micro_usd=cost,
            prompt_version=prompt.PROMPT_VERSION,
            failure=failure,
        )

    def _refuse_a_cut_prompt(self, question: Question, completion: object) -> None:
        """Ollama reads the end of a prompt that is too long and says nothing: its count of tokens tells."""
        counted = tokens_of(completion)
        letters = sum(len(message["content"]) for message in question.messages)
        if self.server.truncates and counted and counted[0] * CHARS_PER_TOKEN_MOST < letters:
            raise too_long(self.server.host, self.server.variables[1])

    def request(self, question: Question, mode: str) -> dict[str, Any]:
        """The arguments of `chat.completions.create`."""
        arguments: dict[str, Any] = {"model": self.server.model, "messages": question.messages}
        if mode == "json_schema":
            schema = {"name": "answer", "strict": True, "schema": question.schema}
            arguments["response_format"] = {"type": "json_schema", "json_schema": schema}
        elif mode == "json_object":
            arguments["response_format"] = {"type": "json_object"}
        if self.server.temperature is not None:
            arguments["temperature"] = self.server.temperature
        if self.server.max_tokens:
            arguments[self.server.limit_field] = self.server.max_tokens
        if self.server.body:
            arguments["extra_body"] = dict(self.server.body)
        return arguments

    def _send_in_best_mode(self, question: Question) -> object:
        """A way to ask for JSON that the server refuses is left behind for as long as this object lives."""
        modes = self._modes
        for place, mode in enumerate(modes):
            try:
                completion = self._send(self.request(question, mode))
            except BackendFailed as error:
                if (
                    mode == modes[-1]
                    or not refuses_format(error.__cause__)
                    or refuses_length(error.__cause__)
                ):
                    raise
                log.info(
                    "the server does not know this way to ask for JSON",
                    extra={"action": "draft_mode", "backend": self.name, "mode": mode},
                )
                continue
            self._modes = modes[place:]
            return completion
        raise AssertionError("there is always a mode")

    def _send(self, arguments: dict[str, Any]) -> object:
        try:
            return self._send_once(arguments)
        except BackendFailed as error:
            key = self.server.api_key
            if error.error_class != "auth" or not isinstance(key, Token) or not key.forget():
                raise
            return self._send_once(arguments)  # the token ended before its time

    def _send_once(self, arguments: dict[str, Any]) -> object:
        service = self.server.host
        key_variable, model_variable, url_variable = self.server.variables
        with openai_errors(
            service=service,
            key_variable=key_variable,
            model_variable=model_variable,
            timeout_variable="WRITER_TIMEOUT_S",
            base_url_variable=url_variable,
        ):
            try:
                return self._client.chat.completions.create(**arguments)
            except ValueError as error:  # a body that says it is JSON and is not
                raise bad_answer(service, "the body is not JSON", url_variable) from error


__all__ = ["Chat", "Question", "TooLong"]
