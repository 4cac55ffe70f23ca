"""The one place that turns settings into backends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import providers.covers
import providers.diarization
import providers.drafting
import providers.speech
from automation.config import Settings
from automation.errors import BadSetting
from providers.chain import Chain, chain_from_env
from providers.covers import Covers
from providers.diarization import Diarization
from providers.drafting import Drafting
from providers.speech import Speech

DEMO_DIR = Path(__file__).parent.parent / "demo"
DEMO_MODEL_DIR = DEMO_DIR / "model"
DEMO_INTERVIEW = DEMO_DIR / "interview.mp3"
DEMO_ENV = {
    "GIGAAM_MODEL": "gigaam-v3-e2e-ctc",
    "GIGAAM_MODEL_DIR": str(DEMO_MODEL_DIR),
    "GIGAAM_DEVICE": "cpu",
}


@dataclass(frozen=True)
class Toolbox:
    """What the stages work with: a chain per capability."""

    speech: Chain[Speech]
    demo_speech: Chain[Speech]  # the demonstration model: for the bundled sample only, never a fallback
    diarization: Chain[Diarization]
    drafting: Chain[Drafting]
    covers: Chain[Covers]


def build(settings: Settings) -> Toolbox:
    """Chains in the order the settings name. Raises: BadSetting for a backend that does not exist."""
    env = settings.env
    return Toolbox(
        speech=_chain(providers.speech.BACKENDS, "SPEECH_BACKENDS", settings.speech_backends, env),
        demo_speech=chain_from_env(providers.speech.BACKENDS, ("gigaam_onnx",), {**env, **DEMO_ENV}),
        diarization=_chain(
            providers.diarization.BACKENDS, "DIARIZATION_BACKENDS", settings.diarization_backends, env
        ),
        drafting=_chain(providers.drafting.BACKENDS, "DRAFTING_BACKENDS", settings.drafting_backends, env),
        covers=_chain(providers.covers.BACKENDS, "COVER_BACKENDS", settings.cover_backends, env),
    )


def _chain(
    table: Mapping[str, str], variable: str, names: tuple[str, ...], env: Mapping[str, str]
) -> Chain[Any]:
    for name in names:
        if name not in table:
            raise BadSetting(
                "%(name)s is “%(value)s”; it must be %(allowed)s.",
                name=variable,
                value=name,
                allowed="a list of " + ", ".join(table),
            )
    return chain_from_env(table, names, env)
