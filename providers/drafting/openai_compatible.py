"""Writing by any server that speaks the OpenAI chat contract: a row of `profiles` for each service.

Source: https://platform.openai.com/docs/api-reference/chat
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Self

import httpx2

from providers.drafting import prompt
from providers.drafting.answer import AnsweredBlocks, Sources, parse, read_answer, read_blocks
from providers.drafting.calls import UNKEPT, Call, Notebook
from providers.drafting.chat import Chat, Question, Reading, TooLong
from providers.drafting.formats import format_named
from providers.drafting.formats.base import Format
from providers.drafting.gigachat import Token
from providers.drafting.long import LongTalk
from providers.drafting.material import spoken
from providers.drafting.measure import tokens_in
from providers.drafting.profiles import PROFILES
from providers.drafting.server import SETTINGS, Server, ca_file, profile_from_env, server_from_env
from providers.drafting.words import language_of
from providers.errors import Unavailable
from providers.openai_errors import missing_key
from providers.types import Article, Block, RedraftBrief, WritingBrief

__all__ = ["SETTINGS", "OpenAICompatible"]

OWN = ("WRITER_BASE_URL", "WRITER_API_KEY", "WRITER_MODEL", "WRITER_STRUCTURED", "WRITER_CONTEXT_TOKENS")
SHARED = ("WRITER_TIMEOUT_S", "WRITER_MAX_TOKENS", "WRITER_MODELS", "WRITER_URLS", "WRITER_CONTEXTS",
          "WRITER_PRICES")  # fmt: skip

REDRAFT = Format("redraft", "One paragraph of an article.", ("paragraph", "quote"), lambda talk, titled: ())


class OpenAICompatible:
    """The server of WRITER_BASE_URL. The services of the table are its subclasses, by name alone."""

    name = "openai_compatible"
    reads: ClassVar[tuple[str, ...]] = (*OWN, *SHARED, "OPENAI_API_KEY", "OPENAI_BASE_URL")

    def __init_subclass__(cls) -> None:
        cls.reads = (*PROFILES[cls.name].keys, *cls.more, *SHARED)

    more: ClassVar[tuple[str, ...]] = ()  # variables of a service beside its key

    def __init__(self, server: Server, http_client: httpx2.Client | None = None) -> None:
        self.server = server
        self.chat = Chat(self.name, server, http_client)

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        profile = PROFILES.get(cls.name)
        return cls(profile_from_env(profile, env) if profile else server_from_env(env))

    @property
    def model(self) -> str:
        return self.server.model

    @property
    def vendor(self) -> str:
        return self.server.host

    def close(self) -> None:
        """Closes the connections; a writer that lives as long as its process needs no closing."""
        self.chat.close()

    def write(self, brief: WritingBrief, notes: Notebook = UNKEPT) -> Article:
        sentences = spoken(brief)
        chosen = format_named(brief.format)
        heard = language_of([s.text for s in sentences])
        counted = Counted(notes)
        usage = counted.usage
        rules = prompt.system(brief, chosen, heard, head=True)
        parts = [*prompt.wishes(brief.hint, brief.notes, brief.participants), prompt.recording(sentences)]
        messages = prompt.conversation(rules, parts)
        if tokens_in(parts) <= self.chat.room(rules):
            question = Question("article", messages, prompt.blocks_schema(chosen.kinds, head=True))

            def read(raw: str) -> Reading[Article]:
                return read_answer(raw, sentences, brief.language, usage, chosen=chosen, spoken=heard)

            try:
                return self.chat.read(question, counted, read)
            except TooLong:
                self.chat.learn_shorter(messages)
        return LongTalk(self.chat, brief, chosen, sentences, heard, counted, usage).write()

    def redraft(self, brief: RedraftBrief, notes: Notebook = UNKEPT) -> tuple[Block, ...]:
        """A paragraph anew. Raises: BackendFailed."""
        sentences = spoken(WritingBrief(brief.sentences))
        heard = language_of([s.text for s in sentences])
        messages = prompt.redraft_messages(replace(brief, sentences=sentences), REDRAFT, heard)

        def read(raw: str) -> Reading[list[Block]]:
            sources = Sources(sentences, brief.language, heard)
            return read_blocks(parse(raw, AnsweredBlocks).blocks, sources, REDRAFT), sources.wrong()

        question = Question(brief.how, messages, prompt.blocks_schema(REDRAFT.kinds, head=False))
        return tuple(self.chat.read(question, notes, read))


class Counted:
    """A notebook that also sums up what an article took."""

    def __init__(self, notes: Notebook) -> None:
        self._notes = notes
        self.usage: dict[str, Any] = {"prompt_version": prompt.PROMPT_VERSION}

    def recall(self, key: str) -> str | None:
        return self._notes.recall(key)

    def keep(self, key: str, call: Call) -> None:
        counts = {
            "requests": 1,
            "prompt_tokens": call.prompt_tokens,
            "completion_tokens": call.completion_tokens,
        }
        for name, count in counts.items():
            self.usage[name] = self.usage.get(name, 0) + count
        self.usage["model"] = call.model
        self._notes.keep(key, call)

    def progress(self, done: int, of: int) -> None:
        self._notes.progress(done, of)


class OpenAI(OpenAICompatible):
    name = "openai"


class OpenRouter(OpenAICompatible):
    name = "openrouter"


class GigaChat(OpenAICompatible):
    """Its key is exchanged for tokens; its certificates are signed by an authority few systems know."""

    name = "gigachat"
    more = ("GIGACHAT_SCOPE", "GIGACHAT_AUTH_URL", "GIGACHAT_CA_FILE")

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        server = profile_from_env(PROFILES[cls.name], env)
        given = {name: env.get(name, "").strip() or default for name, default, _ in SETTINGS}
        if not given["GIGACHAT_CREDENTIALS"]:
            raise missing_key(server.host, "GIGACHAT_CREDENTIALS")
        trust = ssl.create_default_context()
        if path := ca_file(env, "GIGACHAT_CA_FILE"):
            try:
                trust.load_verify_locations(path)
            except ssl.SSLError as error:
                raise Unavailable(
                    "%(variable)s holds no certificate: %(path)s.", variable="GIGACHAT_CA_FILE", path=path
                ) from error
        client = httpx2.Client(verify=trust, timeout=server.timeout_s)
        token = Token(
            given["GIGACHAT_CREDENTIALS"], given["GIGACHAT_SCOPE"], given["GIGACHAT_AUTH_URL"], client
        )
        return cls(replace(server, api_key=token), client)


class YandexGPT(OpenAICompatible):
    """Bills a folder, and names its models by it."""

    name = "yandexgpt"
    more = ("YANDEX_FOLDER_ID",)

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        server = profile_from_env(PROFILES[cls.name], env)
        folder = env.get("YANDEX_FOLDER_ID", "").strip()
        if not folder:
            raise missing_key(server.host, "YANDEX_FOLDER_ID")
        model = server.model if "://" in server.model else f"gpt://{folder}/{server.model}"
        return cls(replace(server, model=model, project=folder))


class Groq(OpenAICompatible):
    name = "groq"


class Ollama(OpenAICompatible):
    name = "ollama"


class VLLM(OpenAICompatible):
    name = "vllm"


class HFRouter(OpenAICompatible):
    name = "hf_router"
