"""A tiny random SDXL drawn with for real; and what is said where it can't be."""

from __future__ import annotations

import threading
from importlib.util import find_spec
from pathlib import Path

import pytest

from providers.covers import parameters
from providers.covers.diffusers_local import PACKAGES, DiffusersLocal, few_steps_of, find_model, variant
from providers.covers.parameters import seed_of
from providers.errors import BackendFailed, Cancelled, Unavailable
from tests.providers.covers import tiny_sdxl
from tests.providers.covers.pictures import opened

HERE = all(find_spec(package) for package in PACKAGES)
drawn = [
    pytest.mark.slow,
    pytest.mark.skipif(not HERE, reason="torch and diffusers are not installed"),
    pytest.mark.filterwarnings("ignore"),  # torch, transformers and diffusers warn about each other
]


def by_drawing(test):
    for mark in drawn:
        test = mark(test)
    return test


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tiny_sdxl.build(tmp_path_factory.mktemp("models") / "tiny-sdxl")


@pytest.fixture
def drawer(folder):
    return DiffusersLocal(str(folder), device="cpu", steps=10)


@by_drawing
def test_it_draws_a_cover(drawer, brief):
    told = []
    image = drawer.generate_in_steps(brief, lambda done, total: told.append((done, total)))
    assert told == [(n, 10) for n in range(1, 11)]
    assert (image.width_px, image.height_px, image.mime, image.is_placeholder) == (
        1200, 630, "image/jpeg", False,
    )  # fmt: skip
    assert opened(image.data).size == (1200, 630)
    assert (image.seed, image.prompt) == (seed_of(brief.slug), brief.prompt)
    assert drawer.generate(brief).data == image.data


@by_drawing
def test_it_is_built_from_settings(folder, brief):
    env = {"DIFFUSERS_MODEL": str(folder), "DIFFUSERS_DEVICE": "CPU", "DIFFUSERS_FEW_STEPS": "1"}
    drawer = DiffusersLocal.from_env(env)
    assert (drawer.name, drawer.model) == ("diffusers_local", "tiny-sdxl")
    assert opened(drawer.generate(brief).data).size == (1200, 630)


@by_drawing
def test_few_step_models_have_no_guidance_and_count_from_the_end(folder, brief, tmp_path):
    turbo = tmp_path / "tiny-sdxl-turbo"
    turbo.symlink_to(folder)
    drawer = DiffusersLocal(str(turbo), device="cpu")
    steps = []
    drawer.generate_in_steps(brief, lambda done, total: steps.append((done, total)))
    assert steps == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert drawer._pipe.scheduler.config.timestep_spacing == "trailing"
    assert drawer._pipe.guidance_scale == 0


@by_drawing
def test_it_can_be_stopped_and_asked_again(drawer, brief):
    told = []

    def stop(done: int, total: int) -> None:
        told.append(done)
        if done == 2:
            raise Cancelled("Enough.")

    with pytest.raises(Cancelled):
        drawer.generate_in_steps(brief, stop)
    assert told == [1, 2]
    assert drawer.generate(brief).data


@by_drawing
def test_callers_take_turns(drawer, brief):
    inside, seen, pictures = [], [], []

    def drawing(name: str) -> None:
        def on_step(done: int, total: int) -> None:
            inside.append(name)
            if done == total:
                seen.append(inside.copy())
                inside.clear()

        pictures.append(drawer.generate_in_steps(brief, on_step).data)

    threads = [threading.Thread(target=drawing, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(set(names)) for names in seen] == [1, 1, 1]
    assert len(pictures) == 3
    assert len(set(pictures)) == 1


@by_drawing
def test_a_broken_model_is_named(folder, tmp_path, brief):
    (tmp_path / "model_index.json").write_text((folder / "model_index.json").read_text())
    with pytest.raises(Unavailable, match=r"can't be loaded.*DIFFUSERS_MODEL") as caught:
        DiffusersLocal(str(tmp_path), device="cpu").generate(brief)
    assert caught.value.error_class == "missing_model"


@by_drawing
def test_what_breaks_while_drawing_is_a_failure(drawer, brief):
    def out_of_memory(done: int, total: int) -> None:
        raise RuntimeError("CUDA out of memory")

    with pytest.raises(BackendFailed, match=r"tiny-sdxl broke while drawing 512×256.*out of memory"):
        drawer.generate_in_steps(brief, out_of_memory)


@by_drawing
def test_a_card_that_is_not_there_is_missed(folder, brief):
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a card")
    with pytest.raises(Unavailable, match="DIFFUSERS_DEVICE"):
        DiffusersLocal(str(folder), device="cuda").generate(brief)


@by_drawing
def test_on_a_card_it_draws_in_half_precision_and_waits_in_memory(folder, brief):
    import torch

    if not torch.cuda.is_available():
        pytest.skip("there is no card")
    drawer = DiffusersLocal(str(folder), device="auto", steps=10)
    assert opened(drawer.generate(brief).data).size == (1200, 630)
    assert drawer._pipe.dtype == torch.float16
    assert drawer._pipe.unet.device.type == "cpu"


# Settings


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("", "DIFFUSERS_MODEL"),
        ("/nowhere/sdxl", "hf download"),
        ("nobody/has-this-model", "hf download nobody/has-this-model"),
    ],
)
def test_a_missing_model_comes_with_its_remedy(given, says, tmp_path):
    with pytest.raises(Unavailable, match=says) as caught:
        DiffusersLocal.from_env({"DIFFUSERS_MODEL": given})
    assert caught.value.error_class == "missing_model"


@pytest.mark.skipif(HERE, reason="the packages are here")
def test_a_missing_package_is_named(tmp_path):
    (tmp_path / "model_index.json").write_text("{}")
    with pytest.raises(Unavailable, match="pip install torch diffusers") as caught:
        DiffusersLocal.from_env({"DIFFUSERS_MODEL": str(tmp_path)})
    assert caught.value.error_class == "missing_package"


@pytest.mark.skipif(not HERE, reason="the packages are looked for first")
@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("DIFFUSERS_DEVICE", "tpu", "auto, cpu, cuda"),
        ("DIFFUSERS_FEW_STEPS", "9", "0 to 8"),
        ("IMAGE_STEPS", "9", "10 to 50"),
        ("IMAGE_GUIDANCE", "21", "1 to 20"),
    ],
)
def test_a_wrong_value_is_named(tmp_path, name, value, says):
    (tmp_path / "model_index.json").write_text("{}")
    with pytest.raises(Unavailable, match=says) as caught:
        DiffusersLocal.from_env({"DIFFUSERS_MODEL": str(tmp_path), name: value})
    assert name in str(caught.value)


@pytest.mark.parametrize(
    ("model", "given", "steps"),
    [
        ("stabilityai/stable-diffusion-xl-base-1.0", 0, None),
        ("stabilityai/sdxl-turbo", 0, 4),
        ("SDXL-Lightning-8step", 0, 8),
        ("sdxl_lightning_2step_unet", 0, 2),
        ("team/Hyper-SDXL", 0, 8),
        ("our-own-distilled", 6, 6),
        ("stabilityai/sdxl-turbo", 1, 1),
        ("sdxl-10step", 0, None),
    ],
)
def test_the_name_tells_a_few_step_model(model, given, steps):
    few = few_steps_of(model, given)
    assert (few.steps if few else None) == steps


@pytest.mark.parametrize(
    ("files", "half", "chosen"),
    [
        (["a.safetensors"], True, None),
        (["a.safetensors", "a.fp16.safetensors"], True, "fp16"),
        (["a.safetensors", "a.fp16.safetensors"], False, None),
        (["a.fp16.safetensors"], False, "fp16"),
        (["a-00001-of-00002.safetensors"], True, None),
    ],
)
def test_the_weights_that_suit_the_device(tmp_path, files, half, chosen):
    (tmp_path / "unet").mkdir()
    for name in files:
        (tmp_path / "unet" / name).touch()
    assert variant(tmp_path, half) == chosen


def test_a_folder_is_taken_as_it_stands(tmp_path):
    (tmp_path / "model_index.json").write_text("{}")
    assert find_model(str(tmp_path)) == tmp_path


def test_the_size_follows_the_model():
    assert parameters.drawn_size(1200, 630) == (1344, 704)
    assert parameters.drawn_size(1200, 630, 512 * 512) == (704, 384)
