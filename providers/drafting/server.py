"""Which server writes: address, key, model, limits and prices, from the settings and the profiles."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from providers.drafting.profiles import PROFILES, Profile, TokenField
from providers.errors import Unavailable
from providers.openai_servers import NO_KEY, OPENAI_URL, host_of, key_for, needs_key, positive, shared_url

DEFAULT_MODEL = PROFILES["openai"].model
STRUCTURED = ("auto", "json_schema", "json_object", "prompt")
MODE_LADDER = STRUCTURED[1:]  # what "auto" tries, from the strictest
PRICE = re.compile(r"(\d+(?:\.\d+)?)/(\d+(?:\.\d+)?)")
GIGACHAT_AUTH_URL = "https://ngw.devices.sberbank.ru:9443/api/v2/oauth"
LEAST_CONTEXT = 4_000  # tokens; below it the instructions alone leave no room for a talk

SETTINGS: tuple[tuple[str, str, str], ...] = (
    ("WRITER_BASE_URL", "", "openai_compatible: address of the chat API, with /v1. Else "
                            f"OPENAI_BASE_URL, else {OPENAI_URL}."),
    ("WRITER_API_KEY", "", "Key of that server. Else OPENAI_API_KEY, if WRITER_BASE_URL does not point "
                           "elsewhere. Not needed for a server on this machine or network (Ollama, vLLM)."),
    ("WRITER_MODEL", DEFAULT_MODEL, "Model that writes there."),
    ("WRITER_STRUCTURED", "auto", "How JSON is asked for there: json_schema, json_object, prompt; auto "
                                  "tries them in this order."),
    ("WRITER_CONTEXT_TOKENS", "100000", "Its context in tokens, prompt and answer together; a longer "
                                        "recording is read in parts."),
    ("WRITER_TIMEOUT_S", "180", "Seconds to wait for an answer, of any writer."),
    ("WRITER_MAX_TOKENS", "", "Longest answer in tokens, thinking included, of any writer; empty: the "
                              "server's own limit."),
    ("WRITER_MODELS", "", "Other models of the profiles: gigachat=GigaChat-2-Max, ollama=gemma3:12b."),
    ("WRITER_URLS", "", "Other addresses of theirs, with /v1: vllm=http://gpu:8000/v1."),
    ("WRITER_CONTEXTS", "", "Other contexts, in tokens: ollama=16384, vllm=32768."),
    ("WRITER_PRICES", "", "Dollars per million tokens, in/out: gigachat=0.8/0.8, openai/gpt-6-sol=2/10."),
    ("OPENROUTER_API_KEY", "", "Key of OpenRouter (openrouter)."),
    ("GIGACHAT_CREDENTIALS", "", "Authorization key of GigaChat (gigachat); it is exchanged for a token "
                                 "every half hour."),
    ("GIGACHAT_SCOPE", "GIGACHAT_API_PERS", "GIGACHAT_API_PERS, GIGACHAT_API_B2B or GIGACHAT_API_CORP."),
    ("GIGACHAT_AUTH_URL", GIGACHAT_AUTH_URL, "Where GigaChat's token is made."),
    ("GIGACHAT_CA_FILE", "", "PEM file with the Russian Trusted Root CA, if the system does not trust it."),
    ("YANDEX_API_KEY", "", "API key of Yandex Cloud, scope yc.ai.languageModels.execute (yandexgpt)."),
    ("YANDEX_FOLDER_ID", "", "Folder in Yandex Cloud that is billed."),
    ("GROQ_API_KEY", "", "Key of Groq (groq)."),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Server:
    api_key: str | Callable[[], str]
    base_url: str = OPENAI_URL
    model: str = DEFAULT_MODEL
    timeout_s: float = 180.0
    structured: str = "auto"
    max_tokens: int | None = None
    context_tokens: int = 100_000
    service: str = ""  # as people call it; empty: the host
    limits: TokenField | None = None  # the name of the limit of an answer; None: as the host is known for
    temperature: float | None = None
    price: tuple[float, float] | None = None  # dollars per million tokens, in and out
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    project: str | None = None
    truncates: bool = False
    ca_file: str = ""
    variables: tuple[str, str, str] = ("WRITER_API_KEY", "WRITER_MODEL", "WRITER_BASE_URL")

    @property
    def host(self) -> str:
        """The name people know it by, for messages."""
        return self.service or host_of(self.base_url)

    @property
    def _known(self) -> Profile | None:
        host = host_of(self.base_url)
        return next(
            (row for row in PROFILES.values() if row.base_url and host_of(row.base_url) == host), None
        )

    @property
    def limit_field(self) -> TokenField:
        """OpenAI retired `max_tokens`; many compatible servers know nothing else."""
        return self.limits or (self._known.limit_field if self._known else "max_tokens")

    def cost_micro_usd(self, prompt_tokens: int, completion_tokens: int) -> int:
        """Millionths of a dollar: a price per million tokens is one per token in that unit."""
        known = self._known
        row = self.price or (known.price if known and known.model == self.model else (0.0, 0.0))
        return round(prompt_tokens * row[0] + completion_tokens * row[1])


def server_from_env(env: Mapping[str, str]) -> Server:
    """The server of WRITER_BASE_URL. Raises: Unavailable, naming the variable."""
    given = _given(env)
    base_url = given["WRITER_BASE_URL"] or shared_url(env)
    model = given["WRITER_MODEL"]
    return Server(
        api_key=key_for(env, base_url, "WRITER_API_KEY", chain="DRAFTING_BACKENDS"),
        base_url=base_url,
        model=model,
        timeout_s=positive(given, "WRITER_TIMEOUT_S", float),
        structured=_structured(given["WRITER_STRUCTURED"]),
        max_tokens=_max_tokens(given),
        context_tokens=_context(given["WRITER_CONTEXT_TOKENS"], "WRITER_CONTEXT_TOKENS"),
        price=_price(given, "openai_compatible", model),
    )


def profile_from_env(profile: Profile, env: Mapping[str, str]) -> Server:
    """The server of a row of the table. Raises: Unavailable, naming the variable that is missing or wrong."""
    given = _given(env)
    urls, models = _by_name(given, "WRITER_URLS"), _by_name(given, "WRITER_MODELS")
    contexts = _by_name(given, "WRITER_CONTEXTS")
    base_url, model = urls.get(profile.name, profile.base_url), models.get(profile.name, profile.model)
    for value, variable in ((base_url, "WRITER_URLS"), (model, "WRITER_MODELS")):
        if not value:
            raise Unavailable(
                "%(service)s: set %(variable)s=%(name)s=….",
                error_class="missing_model", service=profile.service, variable=variable, name=profile.name,
            )  # fmt: skip
    context = contexts.get(profile.name, "")
    return Server(
        api_key=_profile_key(profile, env, base_url),
        base_url=base_url,
        model=model,
        timeout_s=positive(given, "WRITER_TIMEOUT_S", float),
        structured=profile.structured,
        max_tokens=_max_tokens(given),
        context_tokens=_context(context, "WRITER_CONTEXTS") if context else profile.context_tokens,
        service=profile.service,
        limits=profile.limit_field,
        temperature=profile.temperature,
        price=_price(given, profile.name, model) or (profile.price if model == profile.model else None),
        headers=profile.headers,
        body=profile.body,
        truncates=profile.truncates,
        variables=(profile.keys[0] if profile.keys else "WRITER_URLS", "WRITER_MODELS", "WRITER_URLS"),
    )


def ca_file(env: Mapping[str, str], variable: str) -> str:
    """The path in `variable`, or nothing. Raises: Unavailable when there is no such file."""
    path = env.get(variable, "").strip()
    if path and not Path(path).is_file():
        raise Unavailable("%(variable)s names no file: %(path)s.", variable=variable, path=path)
    return path


def _given(env: Mapping[str, str]) -> dict[str, str]:
    return {name: env.get(name, "").strip() or default for name, default, _ in SETTINGS}


def _profile_key(profile: Profile, env: Mapping[str, str], base_url: str) -> str:
    key = next((value for name in profile.keys if (value := env.get(name, "").strip())), "")
    if key:
        return key
    if not profile.keys or not needs_key(base_url):
        return NO_KEY
    raise Unavailable(
        "No key for %(service)s: set %(variable)s, or take %(name)s out of DRAFTING_BACKENDS.",
        error_class="missing_key", service=profile.service, variable=profile.keys[0], name=profile.name,
    )  # fmt: skip


def _by_name(given: Mapping[str, str], variable: str) -> dict[str, str]:
    """ "ollama=a, vllm=b" → {"ollama": "a", "vllm": "b"}."""
    found = {}
    for entry in filter(None, (part.strip() for part in given[variable].split(","))):
        name, sign, value = entry.partition("=")
        if not sign or name.partition("/")[0].strip() not in (*PROFILES, "openai_compatible"):
            raise Unavailable(
                "%(variable)s must be name=value, comma separated, a name being one of %(known)s; it is "
                "%(value)s.",
                variable=variable, known=", ".join(PROFILES), value=repr(given[variable]),
            )  # fmt: skip
        found[name.strip()] = value.strip()
    return found


def _price(given: Mapping[str, str], name: str, model: str) -> tuple[float, float] | None:
    prices = _by_name(given, "WRITER_PRICES")
    text = prices.get(f"{name}/{model}") or prices.get(name)
    if text is None:
        return None
    found = PRICE.fullmatch(text.replace("$", ""))
    if found is None:
        raise Unavailable(
            "WRITER_PRICES must give dollars in/out, such as 0.1/0.5; it is %(value)s.", value=text
        )
    return float(found[1]), float(found[2])


def _max_tokens(given: Mapping[str, str]) -> int | None:
    return positive(given, "WRITER_MAX_TOKENS", int) if given["WRITER_MAX_TOKENS"] else None


def _context(text: str, variable: str) -> int:
    tokens = positive({variable: text}, variable, int)
    if tokens < LEAST_CONTEXT:
        raise Unavailable(
            "%(variable)s must be at least %(least)s tokens; it is %(value)s.",
            variable=variable, least=LEAST_CONTEXT, value=tokens,
        )  # fmt: skip
    return tokens


def _structured(value: str) -> str:
    if value in STRUCTURED:
        return value
    raise Unavailable(
        "WRITER_STRUCTURED must be one of %(known)s; it is %(value)s.",
        known=", ".join(STRUCTURED), value=repr(value),
    )  # fmt: skip
