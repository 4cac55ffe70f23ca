"""The one place that turns settings into backends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import providers.covers
import providers.diarization
import providers.drafting
import providers.speech
from automation.config import Settings
from automation.errors import BadSetting
from providers.chain import Chain, chain_from_env, fingerprint
from providers.covers import Covers
from providers.diarization import Diarization
from providers.drafting import Drafting
from providers.gate import Rules
from providers.speech import Speech

DEMO_DIR = Path(__file__).parent.parent / "demo"
DEMO_MODEL_DIR = DEMO_DIR / "model"
DEMO_INTERVIEW = DEMO_DIR / "interview.mp3"
DEMO_ENV = {
    "GIGAAM_MODEL": "gigaam-v3-e2e-ctc",
    "GIGAAM_MODEL_DIR": str(DEMO_MODEL_DIR),
    "GIGAAM_DEVICE": "cpu",
}

TABLES: Mapping[str, Mapping[str, str]] = {
    "speech": providers.speech.BACKENDS,
    "diarization": providers.diarization.BACKENDS,
    "drafting": providers.drafting.BACKENDS,
    "covers": providers.covers.BACKENDS,
}


@dataclass(frozen=True)
class Toolbox:
    """What the stages work with: a chain per capability."""

    speech: Chain[Speech]
    demo_speech: Chain[Speech]  # the demonstration model: for the bundled sample only, never a fallback
    diarization: Chain[Diarization]
    drafting: Chain[Drafting]
    covers: Chain[Covers]
    rules: Rules = field(default_factory=Rules)  # of the gate before the vendors' backends

    @property
    def by_capability(self) -> dict[str, Chain[Any]]:
        return {
            "speech": self.speech,
            "diarization": self.diarization,
            "drafting": self.drafting,
            "covers": self.covers,
        }


def build(settings: Settings) -> Toolbox:
    """Chains in the order the settings name. Raises: BadSetting for a backend that does not exist."""
    _check_names("BACKEND_BUDGETS", [limit.backend for limit in settings.backend_budgets])
    _check_names("BACKEND_PRICES", [name.partition("/")[0] for name in settings.backend_prices])
    demo_env = {**settings.env, **DEMO_ENV}
    return Toolbox(
        speech=_chain("speech", "SPEECH_BACKENDS", settings.speech_backends, settings.env),
        demo_speech=chain_from_env(providers.speech.BACKENDS, ("gigaam_onnx",), demo_env),
        diarization=_chain(
            "diarization", "DIARIZATION_BACKENDS", settings.diarization_backends, settings.env
        ),
        drafting=_chain("drafting", "DRAFTING_BACKENDS", settings.drafting_backends, settings.env),
        covers=_chain("covers", "COVER_BACKENDS", settings.cover_backends, settings.env),
        rules=_rules(settings),
    )


def _chain(capability: str, variable: str, names: tuple[str, ...], env: Mapping[str, str]) -> Chain[Any]:
    table = TABLES[capability]
    for name in names:
        if name not in table:
            raise _unknown(variable, name, table)
    return chain_from_env(table, names, env, capability=capability)


def _rules(settings: Settings) -> Rules:
    @cache
    def settings_of(key: str) -> str:
        capability, _, name = key.partition(".")
        return fingerprint(TABLES[capability], name, settings.env)

    return Rules(
        budgets=settings.backend_budgets,
        prices=settings.backend_prices,
        retry_within_s=settings.retry_within_s,
        fingerprint=settings_of,
    )


def _check_names(variable: str, names: Iterable[str]) -> None:
    """Raises: BadSetting for a budget or a price of a backend that does not exist."""
    keys = [f"{capability}.{name}" for capability, table in TABLES.items() for name in table]
    known = dict.fromkeys([key.partition(".")[2] for key in keys] + keys)
    for name in names:
        if name not in known:
            raise _unknown(variable, name, known)


def _unknown(variable: str, name: str, known: Iterable[str]) -> BadSetting:
    return BadSetting(
        "%(name)s is “%(value)s”; it must be %(allowed)s.",
        name=variable,
        value=name,
        allowed="a list of " + ", ".join(known),
    )
