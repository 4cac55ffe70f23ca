"""What every diarization backend keeps, over the table."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from providers.chain import load
from providers.diarization import BACKENDS
from providers.diarization.baseline import Baseline
from providers.diarization.onnx_speakers import OnnxSpeakers
from providers.diarization.pyannote import Pyannote
from providers.errors import Cancelled, InputRejected, Unavailable
from tests.providers import tiny_pyannote
from tests.providers.voices import FEMALE, MALE, conversation

PAIR = Path(__file__).parents[2] / "demo" / "speakers"
HAS_PYANNOTE = find_spec("pyannote") is not None and find_spec("pyannote.audio") is not None


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not HAS_PYANNOTE:
        pytest.skip("pyannote.audio is not installed")
    return tiny_pyannote.build(tmp_path_factory.mktemp("pyannote"))


@pytest.fixture(params=[pytest.param(n, marks=pytest.mark.slow if n == "pyannote" else ()) for n in BACKENDS])
def backend(request: pytest.FixtureRequest) -> Any:
    builders: dict[str, Callable[[], Any]] = {
        "baseline": Baseline,
        "onnx_speakers": lambda: OnnxSpeakers.from_env({"ONNX_SPEAKERS_DIR": str(PAIR)}),
        "pyannote": lambda: Pyannote(str(request.getfixturevalue("tiny_folder")), device="cpu"),
    }
    return builders[request.param]()


@pytest.fixture(scope="session")
def dialogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dialogue") / "two.wav"
    conversation(path, [MALE, FEMALE, MALE, FEMALE])
    return path


@pytest.mark.parametrize("name", BACKENDS)
def test_the_table(name: str) -> None:
    assert load(BACKENDS, name).name == name
    for setting, default, text in import_module(BACKENDS[name].partition(":")[0]).SETTINGS:
        assert setting.isupper()
        assert isinstance(default, str)
        assert text.endswith(".")


@pytest.mark.parametrize("name", BACKENDS)
def test_without_settings_it_is_built_or_says_what_is_missing(name: str, tmp_path: Path) -> None:
    try:
        built = load(BACKENDS, name).from_env({"HF_HUB_CACHE": str(tmp_path), "MODELS_DIR": str(tmp_path)})
    except Unavailable as error:
        assert error.error_class in {"missing_key", "missing_package", "missing_model"}  # noqa: PT017  (being built is as right)
    else:
        assert built.model


def test_turns_are_in_order_and_do_not_overlap(backend: Any, dialogue: Path) -> None:
    told: list[float] = []
    turns = backend.turns(dialogue, progress=lambda fraction, note: told.append(fraction))
    assert all(turn.end_s > turn.start_s >= 0 for turn in turns)
    assert all(a.end_s <= b.start_s + 0.001 for a, b in pairwise(turns))
    assert all(turn.speaker.startswith("SPEAKER_") for turn in turns)
    assert told == sorted(told)
    assert 0 <= told[0] <= told[-1] <= 1


def test_the_number_of_speakers_is_honoured(backend: Any, dialogue: Path) -> None:
    assert len({turn.speaker for turn in backend.turns(dialogue, max_speakers=1)}) == 1


def test_a_letter_is_refused(backend: Any, tmp_path: Path) -> None:
    letter = tmp_path / "letter.mp3"
    letter.write_text("Здравствуйте!\n" * 100, encoding="utf-8")
    with pytest.raises(InputRejected, match="not a sound or video file"):
        backend.turns(letter)


def test_the_caller_may_stop_it(backend: Any, dialogue: Path) -> None:
    def stop(fraction: float, note: str) -> None:
        raise Cancelled("The editor stopped it.")

    with pytest.raises(Cancelled):
        backend.turns(dialogue, progress=stop)
