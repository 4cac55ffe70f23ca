from __future__ import annotations

import json
from pathlib import Path

import pytest

from providers.errors import Unavailable
from providers.models.catalogue import CATALOGUE
from providers.models.sources import SETTINGS, Source, Sources
from providers.models.store import Store
from providers.speech.gigaam_onnx import FILES, hub_files

BLOCKS = """
[[model_source]]
kind = "hub"
models = ["gigaam-*"]
endpoint = "https://mirror.example/"
token_env = "MIRROR_TOKEN"

[[model_source]]
kind = "github"
repo = "desk/models"
tag = "v1"
token_env = "GITHUB_TOKEN"

[[model_source]]
kind = "url"
base = "https://files.example/gigaam/"
sha256 = { "v3_ctc.onnx" = "AB" }

[[model_source]]
kind = "folder"
path = "/srv/models"

[[model]]
name = "our-gigaam"
repo = "desk/our-gigaam"
files = ["v3_ctc-*.onnx", "v3_vocab.txt"]
"""
ENV = {"HF_TOKEN": "hf_x", "MIRROR_TOKEN": "m_x", "GITHUB_TOKEN": "ghp_x"}


def written(path: Path, text: str) -> dict[str, str]:
    path.write_text(text, encoding="utf-8")
    return {**ENV, "MODEL_SOURCES": str(path)}


def test_without_a_file_the_hub() -> None:
    sources = Sources.from_env({"HF_TOKEN": "hf_x"})
    assert sources.order == (Source("hub", address="https://huggingface.co", token="hf_x"),)
    assert sources.models == CATALOGUE
    mirror = Sources.from_env({"HF_ENDPOINT": "https://mirror.example/"}).order[0]
    assert mirror.address == "https://mirror.example"


def test_a_file_of_blocks(tmp_path: Path) -> None:
    sources = Sources.from_env(written(tmp_path / "models.toml", BLOCKS))
    hub, github, url, folder = sources.order
    assert (hub.address, hub.token, hub.models) == ("https://mirror.example", "m_x", ("gigaam-*",))
    assert (github.address, github.repo, github.revision, github.token) == (
        "https://api.github.com",
        "desk/models",
        "v1",
        "ghp_x",
    )
    assert url.sha256 == {"v3_ctc.onnx": "ab"}
    assert folder.address == "/srv/models"
    assert sources.model("our-gigaam").repo == "desk/our-gigaam"
    assert sources.of(sources.model("pyannote-community-1")) == (github, url, folder)


def test_json_says_the_same(tmp_path: Path) -> None:
    blocks = {"model_source": [{"kind": "folder", "path": "/srv/models"}]}
    sources = Sources.from_env(written(tmp_path / "models.json", json.dumps(blocks)))
    assert sources.order == (Source("folder", address="/srv/models"),)


def test_the_huggingface_token_is_not_given_to_a_mirror_of_the_file(tmp_path: Path) -> None:
    text = '[[model_source]]\nkind = "hub"\nendpoint = "https://mirror.example"\n'
    assert Sources.from_env(written(tmp_path / "models.toml", text)).order[0].token is None
    url = '[[model_source]]\nkind = "url"\nbase = "https://files.example"\n'
    assert Sources.from_env(written(tmp_path / "models.toml", url)).order[0].token is None


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("[[model_source", "can't be read"),
        ("model_source = 1", "must be a list of blocks"),
        ('[[model_source]]\nkind = "ftp"', "kind is 'ftp'; it can be hub, github, url, folder"),
        ('[[model_source]]\nkind = "github"\nrepo = "a/b"', "needs tag"),
        ('[[model_source]]\nkind = "url"\nbase = "ftp://x"', "no http:// or https:// address"),
        ('[[model_source]]\nkind = "hub"\ntoken = "hf_x"', "'token' is not known"),
        ('[[model]]\nname = "x"', "a model needs files"),
        ('[[model]]\nname = "../x"\nfiles = ["a"]', "may hold letters"),
    ],
)
def test_a_wrong_file_is_explained(tmp_path: Path, text: str, part: str) -> None:
    path = tmp_path / "models.toml"
    with pytest.raises(Unavailable) as caught:
        Sources.from_env(written(path, text))
    assert part in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(Unavailable, match="No such file"):
        Sources.from_env({"MODEL_SOURCES": "/nowhere/models.toml"})


def test_an_unknown_model() -> None:
    with pytest.raises(Unavailable, match=r"There is no model whisper\. Known: gigaam-v3-e2e-rnnt"):
        Sources.from_env({}).model("whisper")


def test_offline_only_folders_count(tmp_path: Path) -> None:
    env = {**written(tmp_path / "models.toml", BLOCKS), "HF_HUB_OFFLINE": "1"}
    sources = Sources.from_env(env)
    assert [source.kind for source in sources.of(sources.model("gigaam-v3-ctc"))] == ["folder"]


def test_the_folder_of_models() -> None:
    assert Store.from_env({}).folder == Path("data/models")
    assert Store.from_env({"POLOSA_DATA": "/var/polosa"}).folder == Path("/var/polosa/models")
    assert Store.from_env({"MODELS_DIR": "/srv/models"}).folder == Path("/srv/models")


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("precision", ["", "int8"])
def test_the_catalogue_has_what_the_engine_reads(name: str, precision: str) -> None:
    model = CATALOGUE[f"{name}-{precision}" if precision else name]
    repo, patterns = hub_files(name, precision)
    assert model.repo == repo
    assert set(model.files) == {
        pattern.replace(f"?{precision}", f".{precision}") for pattern in patterns
    } or (not precision and set(model.files) == set(patterns))


def test_the_settings_explain_themselves() -> None:
    for name, default, text in SETTINGS:
        assert name.isupper()
        assert default == ""
        assert text.endswith(".")
