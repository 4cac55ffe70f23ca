"""Which engine serves: by what was measured here, with reasons for those that do not."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from providers import audio
from providers.chain import load
from providers.errors import BackendFailed, Unavailable
from providers.speech import BACKENDS, SecondHearing, auto
from providers.speech.auto import NOT_YET, Auto, write_sound
from providers.speech.engine_notes import EngineNotes, Measured, key_of
from providers.types import Piece, Word

MODEL = Path(__file__).parents[2] / "demo" / "model"
INTERVIEW = MODEL.parent / "interview.mp3"
NAME = "gigaam-v3-e2e-ctc"


@dataclass
class Engine:
    """Waits as long as it is slow, and hears its own name."""

    name: str
    delay_s: float = 0.0
    cer: float | None = None
    uses_card: bool = False
    here: bool = True
    missing: Unavailable | None = None
    broken: bool = False
    folder: Path = MODEL
    prepared: int = field(default=0)

    @property
    def model(self) -> str:
        return f"{NAME} fp32" if self.cer is None else f"{NAME} int8"

    @property
    def folders(self) -> list[Path]:
        return [self.folder] if self.here else []

    def prepare(self, progress: Any = None) -> None:
        if self.missing:
            raise self.missing
        self.prepared += 1
        self.here = True

    def recognise(self, media: Path, *, skip_until_s: float = 0.0, first_index: int = 0) -> Iterator[Piece]:
        if self.broken:
            raise BackendFailed("%(name)s fell over.", name=self.name)
        time.sleep(self.delay_s)
        yield Piece(first_index, 0.0, 1.0, (Word(self.name, 0.0, 1.0, 1.0),))

    def recognise_spans(
        self, media: Path, spans: Sequence[tuple[float, float]]
    ) -> Iterator[tuple[Word, ...]]:
        for start_s, end_s in spans:
            yield (Word(self.name, start_s, end_s, 1.0),)


def choose(folder: Path, *engines: Engine | Unavailable) -> Auto:
    """A backend over these engines, its notes in the folder."""

    def builder(engine: Engine | Unavailable) -> Any:
        if isinstance(engine, Unavailable):
            raise engine
        return engine

    names = iter(auto.ENGINES)
    table = {getattr(one, "name", None) or next(names): lambda one=one: builder(one) for one in engines}
    return Auto(NAME, table, EngineNotes(folder / "notes.json"))


def heard(backend: Auto) -> str:
    return " ".join(word.text for piece in backend.recognise(INTERVIEW) for word in piece.words)


def test_the_fastest_serves_and_says_why(tmp_path: Path) -> None:
    slow, fast = Engine("gigaam_onnx", 0.3), Engine("gigaam_openvino", 0.01, cer=0.004)
    backend = choose(tmp_path, slow, fast)
    assert NOT_YET in backend.why
    assert heard(backend) == "gigaam_openvino"
    assert backend.model == f"{NAME} int8 (gigaam_openvino)"
    first, second = backend.why.split("; ")
    assert first.startswith(f"gigaam_openvino {NAME} int8: ")
    assert first.endswith("× real time, CER 0.40% against fp32")
    assert second.startswith(f"gigaam_onnx {NAME} fp32: ")


def test_the_other_way_round(tmp_path: Path) -> None:
    assert heard(choose(tmp_path, Engine("gigaam_onnx"), Engine("gigaam_openvino", 0.3))) == "gigaam_onnx"


def test_what_was_measured_is_not_measured_again(tmp_path: Path) -> None:
    choose(tmp_path, Engine("gigaam_onnx", 0.3), Engine("gigaam_openvino")).prepare()
    # The figures decide, also where they are no longer true.
    slow, fast = Engine("gigaam_onnx"), Engine("gigaam_openvino", 0.3)
    again = choose(tmp_path, slow, fast)
    assert "× real time" in again.why
    assert again.model == f"{NAME} fp32 (gigaam_openvino)"
    again.prepare()
    assert slow.prepared == 0
    assert heard(again) == "gigaam_openvino"


def test_another_model_is_measured_anew(tmp_path: Path) -> None:
    model = shutil.copytree(MODEL, tmp_path / "model")
    engines = [Engine("gigaam_onnx", 0.3, folder=model), Engine("gigaam_openvino", folder=model)]
    choose(tmp_path, *engines).prepare()
    (model / "v3_e2e_ctc.onnx").write_bytes(b"other weights")
    again = choose(
        tmp_path, Engine("gigaam_onnx", folder=model), Engine("gigaam_openvino", 0.3, folder=model)
    )
    assert NOT_YET in again.why
    assert heard(again) == "gigaam_onnx"


def test_a_missing_package_is_named(tmp_path: Path) -> None:
    missing = Unavailable("The package openvino is not installed.", error_class="missing_package")
    backend = choose(tmp_path, missing, Engine("gigaam_onnx"))
    backend.prepare()
    assert heard(backend) == "gigaam_onnx"
    assert backend.why.endswith("gigaam_openvino: The package openvino is not installed.")
    assert not (tmp_path / "notes.json").exists()  # a single engine needs no measurement


def test_an_engine_that_can_not_be_loaded_is_passed_over(tmp_path: Path) -> None:
    damaged = Engine("gigaam_openvino", missing=Unavailable("damaged", error_class="missing_model"))
    backend = choose(tmp_path, damaged, Engine("gigaam_onnx"))
    assert heard(backend) == "gigaam_onnx"
    assert "gigaam_openvino: damaged" in backend.why


def test_an_engine_that_breaks_makes_way_for_the_next(tmp_path: Path) -> None:
    fast, slow = Engine("gigaam_openvino"), Engine("gigaam_onnx", 0.2)
    backend = choose(tmp_path, fast, slow)
    backend.prepare()
    fast.broken = True
    with pytest.raises(BackendFailed, match="fell over"):
        heard(backend)
    assert heard(backend) == "gigaam_onnx"
    assert "gigaam_openvino: gigaam_openvino fell over." in backend.why


def test_nothing_is_downloaded_for_a_comparison(tmp_path: Path) -> None:
    away = Engine("gigaam_openvino", here=False)
    assert heard(choose(tmp_path, away, Engine("gigaam_onnx", 0.1))) == "gigaam_onnx"
    assert away.prepared == 0


def test_a_model_that_is_nowhere_is_fetched_once(tmp_path: Path) -> None:
    first, second = Engine("gigaam_openvino", 0.1, here=False), Engine("gigaam_onnx", here=False)
    assert heard(choose(tmp_path, first, second)) == "gigaam_openvino"
    assert second.prepared == 0


def test_a_download_that_fails_is_told_as_it_is(tmp_path: Path) -> None:
    offline = Unavailable("no network", error_class="network")
    backend = choose(
        tmp_path,
        Engine("gigaam_openvino", here=False, missing=offline),
        Engine("gigaam_onnx", here=False, missing=offline),
    )
    with pytest.raises(Unavailable, match="no network"):
        backend.prepare()


def test_a_card_comes_first(tmp_path: Path) -> None:
    card = Engine("gigaam_torch", 0.2, uses_card=True)
    assert heard(choose(tmp_path, Engine("gigaam_onnx"), card)) == "gigaam_torch"


def test_torch_on_a_processor_comes_last(tmp_path: Path) -> None:
    assert heard(choose(tmp_path, Engine("gigaam_torch"), Engine("gigaam_onnx", 0.1))) == "gigaam_onnx"
    broken = Engine("gigaam_onnx", missing=Unavailable("damaged", error_class="missing_model"))
    assert heard(choose(tmp_path / "b", Engine("gigaam_torch"), broken)) == "gigaam_torch"


def test_where_nothing_works_all_reasons_are_told_and_the_next_try_begins_anew(tmp_path: Path) -> None:
    one = Engine("gigaam_onnx", missing=Unavailable("no files", error_class="missing_model"))
    other = Engine("gigaam_openvino", missing=Unavailable("no files either", error_class="missing_model"))
    backend = choose(tmp_path, one, other)
    with pytest.raises(Unavailable, match="gigaam_onnx: no files") as caught:
        backend.prepare()
    assert "gigaam_openvino: no files either" in str(caught.value)
    one.missing = None
    assert heard(backend) == "gigaam_onnx"


def test_stretches_are_heard_again_by_the_engine_that_serves(tmp_path: Path) -> None:
    backend = choose(tmp_path, Engine("gigaam_onnx", 0.2), Engine("gigaam_openvino"))
    found = list(backend.recognise_spans(INTERVIEW, [(1.0, 2.0), (5.0, 6.0)]))
    assert [(words[0].text, words[0].start_s) for words in found] == [
        ("gigaam_openvino", 1.0),
        ("gigaam_openvino", 5.0),
    ]


@pytest.mark.parametrize("name", auto.ENGINES)
def test_whatever_an_engine_can_do_auto_can_do(name: str) -> None:
    """The line asks a backend what it can do; a choice among engines must not hide it."""
    engine = load(BACKENDS, name)
    own = {"prepare", "from_env", "folders", "uses_card", "cer"}  # the engine's own affairs
    can = {word for word in vars(engine) if not word.startswith("_")} - own
    assert sorted(word for word in can if not hasattr(Auto, word)) == []
    assert issubclass(Auto, SecondHearing)


def test_notes_that_can_not_be_read_or_written(tmp_path: Path) -> None:
    for text in ("", "[]", '{"gigaam-v3-e2e-ctc": {"key": "k", "engines": [{"speed": 3}]}}'):
        (tmp_path / "notes.json").write_text(text)
        assert EngineNotes(tmp_path / "notes.json").find(NAME, "k") == []
    (tmp_path / "file").write_text("")
    notes = EngineNotes(tmp_path / "file" / "notes.json")
    notes.keep(NAME, "k", [Measured("gigaam_onnx", NAME, 3.0)])
    assert notes.find(NAME, "k") == []


def test_notes_of_other_models_stay(tmp_path: Path) -> None:
    notes = EngineNotes(tmp_path / "notes.json")
    notes.keep("a", "1", [Measured("gigaam_onnx", "a", 3.0)])
    notes.keep("b", "2", [Measured("gigaam_onnx", "b", 4.0, 0.01)])
    assert notes.find("a", "1") == [Measured("gigaam_onnx", "a", 3.0)]
    assert notes.find("b", "2")[0].cer == 0.01
    assert notes.find("a", "2") == []


def test_the_key_changes_with_settings_and_files(tmp_path: Path) -> None:
    file = tmp_path / "model.onnx"
    file.write_bytes(b"1")
    keys = {key_of({}, [tmp_path]), key_of({"GIGAAM_THREADS": "2"}, [tmp_path])}
    file.write_bytes(b"22")
    keys.add(key_of({}, [tmp_path]))
    assert len(keys) == 3
    assert key_of({}, [tmp_path]) == key_of({}, [tmp_path]) == key_of({}, sorted({tmp_path, tmp_path}))


def test_the_sound_that_is_measured_sounds(tmp_path: Path) -> None:
    (path,) = [write_sound(tmp_path / "sound.wav", 2.0)]
    assert audio.probe(path).duration_s == pytest.approx(2.0)
    assert max(float(abs(block).max()) for block in audio.stream(path)) > 0.1


def environment(folder: Path, **more: str) -> dict[str, str]:
    env = {"GIGAAM_MODEL": NAME, "GIGAAM_MODEL_DIR": str(MODEL), "GIGAAM_DEVICE": "cpu"}
    return {**env, "MODELS_DIR": str(folder), **more}


def test_order_by_settings() -> None:
    def order(**settings: str) -> list[str]:
        return auto._order({"GIGAAM_DEVICE": "", "GIGAAM_QUANTIZATION": "", **settings})

    assert order() == ["gigaam_openvino", "gigaam_onnx", "gigaam_torch"]
    assert order(GIGAAM_QUANTIZATION="int8")[0] == "gigaam_onnx"
    assert order(GIGAAM_DEVICE="cuda") == ["gigaam_onnx", "gigaam_torch"]


@pytest.mark.slow
def test_the_real_engines_are_measured_and_kept(tmp_path: Path) -> None:
    pytest.importorskip("openvino")
    backend = Auto.from_env(environment(tmp_path))
    words = [word.text for piece in backend.recognise(INTERVIEW) for word in piece.words]
    assert len(words) > 150
    assert "gigaam_openvino" in backend.why
    assert "gigaam_onnx" in backend.why
    (note,) = json.loads((tmp_path / auto.FILE).read_text()).values()
    assert {one["engine"] for one in note["engines"]} == {"gigaam_openvino", "gigaam_onnx"}
    assert Auto.from_env(environment(tmp_path)).why == backend.why
    assert NOT_YET in Auto.from_env(environment(tmp_path, GIGAAM_THREADS="1")).why
