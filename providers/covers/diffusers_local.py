"""Covers drawn on this machine by Stable Diffusion XL and its few-step variants, through diffusers."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

from PIL import Image as Pillow

from providers.covers import OnStep, parameters, settings
from providers.covers.parameters import DEFAULT_NEGATIVE_PROMPT, PIXELS, Parameters, told, wanted
from providers.covers.pixels import drawn
from providers.errors import BackendFailed, Unavailable
from providers.types import CoverBrief, Image

log = logging.getLogger(__name__)

DEVICES = ("auto", "cpu", "cuda")
PACKAGES = ("torch", "diffusers", "transformers", "accelerate")

SETTINGS: tuple[settings.Setting, ...] = (
    ("DIFFUSERS_MODEL", "", "folder of an SDXL model, or its id once it was fetched with `hf download`"),
    ("DIFFUSERS_DEVICE", "auto", "auto, cpu or cuda; auto takes CUDA where there is a card"),
    ("DIFFUSERS_FEW_STEPS", "0", "steps of a Turbo or Lightning model, 1 to 8; 0: by the model's name"),
)
ALSO_READ = ("IMAGE_STEPS", "IMAGE_GUIDANCE", "IMAGE_NEGATIVE_PROMPT")

MODEL_ID = re.compile(r"[\w.-]+/[\w.-]+")


@dataclass(frozen=True, slots=True)
class FewSteps:
    """How a distilled model draws: without guidance, its time-steps counted from the end."""

    steps: int
    scheduler: str = ""  # of diffusers; empty: the model's own


# Turbo: https://huggingface.co/docs/diffusers/using-diffusers/sdxl_turbo (its licence forbids commercial use)
# Lightning, Hyper: https://huggingface.co/ByteDance/SDXL-Lightning, …/Hyper-SD
FEW_STEPS: Mapping[str, FewSteps] = {
    "turbo": FewSteps(4),
    "lightning": FewSteps(4, "EulerDiscreteScheduler"),
    "hyper": FewSteps(8, "DDIMScheduler"),
}


class DiffusersLocal:
    """One pipeline per process: calls take turns. Half precision and offload on CUDA, float32 on a CPU.

    DIFFUSERS_MODEL      a folder with model_index.json, or an id in the Hugging Face cache
    DIFFUSERS_DEVICE     auto, cpu, cuda
    DIFFUSERS_FEW_STEPS  1–8 for a distilled model whose name does not tell; 0
    IMAGE_STEPS, IMAGE_GUIDANCE, IMAGE_NEGATIVE_PROMPT as for the other backends
    """

    name = "diffusers_local"

    def __init__(
        self,
        model: str,
        *,
        device: str = "auto",
        few_steps: int = 0,
        steps: int = 20,
        guidance: float = 7.5,
        negative_prompt: str = DEFAULT_NEGATIVE_PROMPT,
    ) -> None:
        self._given, self._device = model, device
        self._few = few_steps_of(self.model, few_steps)
        self._steps, self._guidance, self._negative_prompt = steps, guidance, negative_prompt
        self._lock = threading.Lock()
        self._pipe: Any = None

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Raises: Unavailable when the model or a package is missing or a value is out of its range."""
        model = settings.text(env, "DIFFUSERS_MODEL")
        find_model(model)
        for package in PACKAGES:
            if find_spec(package) is None:
                raise _missing_package(package)
        steps, guidance, negative_prompt = parameters.from_env(env)
        return cls(
            model,
            device=_device(env),
            few_steps=settings.whole(env, "DIFFUSERS_FEW_STEPS", 0, 0, 8),
            steps=steps,
            guidance=guidance,
            negative_prompt=negative_prompt,
        )

    @property
    def model(self) -> str:
        """The id; a folder goes by its own name."""
        return self._given if MODEL_ID.fullmatch(self._given) else Path(self._given).name

    def generate(self, brief: CoverBrief) -> Image:
        return self.generate_in_steps(brief, _unheard)

    def generate_in_steps(self, brief: CoverBrief, on_step: OnStep) -> Image:
        """`on_step` hears of every step and stops the drawing by raising Cancelled.

        Raises: Unavailable, BackendFailed, InputRejected, Cancelled.
        """
        with self._lock:
            pipe = self._loaded()
            asked = self._parameters(brief, native_pixels(pipe))
            log.info("drawing a cover here", extra=self._fields("cover_asked"))
            picture = self._draw(pipe, brief.prompt, asked, on_step)
        image = drawn(picture, brief, self.model, seed=asked.seed, parameters=told(asked))
        log.info("a cover was drawn here", extra=self._fields("cover_drawn"))
        return image

    def _parameters(self, brief: CoverBrief, pixels: int) -> Parameters:
        asked = wanted(brief, self._steps, self._guidance, self._negative_prompt, pixels)
        return replace(asked, steps=self._few.steps, guidance=0.0) if self._few else asked

    def _draw(self, pipe: Any, prompt: str, wanted: Parameters, on_step: OnStep) -> Pillow.Image:
        def heard(_: Any, step: int, __: Any, state: dict[str, Any]) -> dict[str, Any]:
            on_step(step + 1, wanted.steps)
            return state

        try:
            drawn: Pillow.Image = pipe(**request_for(prompt, wanted), callback_on_step_end=heard).images[0]
            return drawn
        except (RuntimeError, ValueError, MemoryError) as error:  # CUDA's are RuntimeErrors
            raise BackendFailed(
                "%(model)s broke while drawing %(width)s×%(height)s on this machine: %(reason)s. If memory "
                "is short, close other programs on the graphics card, or take diffusers_local out of the "
                "chain of covers.",
                model=self.model, width=wanted.width_px, height=wanted.height_px, reason=_reason(error),
            ) from error  # fmt: skip
        finally:
            pipe.maybe_free_model_hooks()  # a drawing that was stopped has left its parts on the card

    def _loaded(self) -> Any:
        if self._pipe is None:
            self._pipe = _load(find_model(self._given), self._chosen_device(), self._few)
        return self._pipe

    def _chosen_device(self) -> str:
        import torch

        if self._device == "cpu" or torch.cuda.is_available():
            return "cpu" if self._device == "cpu" else "cuda"
        if self._device == "cuda":
            raise Unavailable(
                "DIFFUSERS_DEVICE is cuda, but torch sees no graphics card here. Install its driver and a "
                "torch built for CUDA, or set DIFFUSERS_DEVICE to cpu.",
                error_class="missing_package",
            )
        return "cpu"

    def _fields(self, action: str) -> dict[str, str]:
        return {"action": action, "backend": self.name, "model": self.model}


def request_for(prompt: str, wanted: Parameters) -> dict[str, Any]:
    """The arguments of the pipeline. The seed is drawn on the CPU: the same picture on every device."""
    import torch

    request: dict[str, Any] = {
        "prompt": prompt,
        "width": wanted.width_px,
        "height": wanted.height_px,
        "num_inference_steps": wanted.steps,
        "guidance_scale": wanted.guidance,
        "generator": torch.Generator("cpu").manual_seed(wanted.seed),
    }
    if wanted.guidance > 1:  # below, a negative prompt is not looked at
        request["negative_prompt"] = wanted.negative_prompt
    return request


def few_steps_of(model: str, given: int) -> FewSteps | None:
    """None for a model that draws in IMAGE_STEPS. "sdxl-lightning-8step" tells its steps itself."""
    known = next((few for word, few in FEW_STEPS.items() if word in model.lower()), None)
    told = re.search(r"(?<!\d)([1-8])[-_]?steps?(?![a-z])", model.lower())
    steps = given or (int(told[1]) if told and known else 0)
    if not steps:
        return known
    return replace(known, steps=steps) if known else FewSteps(steps)


def native_pixels(pipe: Any) -> int:
    """As many pixels as the model was trained on: 512 × 512 for Turbo, 1344 × 704 for SDXL."""
    side: int = pipe.unet.config.sample_size * pipe.vae_scale_factor
    return min(side * side, PIXELS)


def find_model(given: str) -> Path:
    """The model's folder. Nothing is fetched: seven gigabytes are not a surprise for the middle of a stage.

    Raises: Unavailable (missing_model), with the remedy.
    """
    if not given:
        raise Unavailable(
            "No picture model on this machine: set DIFFUSERS_MODEL to the folder or the id of an SDXL model, "
            "or take diffusers_local out of the chain of covers.",
            error_class="missing_model",
        )
    folder = Path(given).expanduser()
    if not folder.is_dir() and MODEL_ID.fullmatch(given):
        folder = _cached(given)
    if not (folder / "model_index.json").is_file():
        raise Unavailable(
            "DIFFUSERS_MODEL is %(model)s, which holds no diffusers model (model_index.json). Name its "
            "folder, or the id of a model fetched with: hf download %(example)s",
            error_class="missing_model",
            model=given, example="stabilityai/stable-diffusion-xl-base-1.0",
        )  # fmt: skip
    return folder


def _cached(model_id: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        return Path(snapshot_download(model_id, local_files_only=True))
    except LocalEntryNotFoundError as error:
        raise Unavailable(
            "The picture model %(model)s is not on this machine. Fetch it with: hf download %(model)s",
            error_class="missing_model", model=model_id,
        ) from error  # fmt: skip


def _load(folder: Path, device: str, few: FewSteps | None) -> Any:
    """The pipeline, ready on its device. Safetensors only: a pickle may run what it likes."""
    import torch
    from diffusers import AutoPipelineForText2Image

    pipelines: Any = AutoPipelineForText2Image  # its methods carry no types
    half = device == "cuda"
    try:
        pipe = pipelines.from_pretrained(
            folder, dtype=torch.float16 if half else torch.float32, variant=variant(folder, half),
            use_safetensors=True, local_files_only=True,
        )  # fmt: skip
    except (OSError, ValueError, RuntimeError, MemoryError) as error:
        raise Unavailable(
            "The picture model in %(folder)s can't be loaded: %(reason)s. Fetch it again, or choose another "
            "one in DIFFUSERS_MODEL.",
            error_class="missing_model", folder=folder.name, reason=_reason(error),
        ) from error  # fmt: skip
    pipe.set_progress_bar_config(disable=True)
    if few:
        pipe.scheduler = _trailing(pipe.scheduler, few)
    if half:
        pipe.enable_model_cpu_offload()  # parts wait in memory until their turn: 8 GB of a card are enough
    return pipe


def variant(folder: Path, half: bool) -> str | None:
    """Which of the weights in the folder: half-precision files where wanted, or where there are no others."""
    files = list((folder / "unet").glob("*.safetensors"))
    fp16 = [file for file in files if ".fp16" in file.name]
    return "fp16" if fp16 and (half or len(fp16) == len(files)) else None


def _trailing(scheduler: Any, few: FewSteps) -> Any:
    import diffusers

    kind = getattr(diffusers, few.scheduler) if few.scheduler else type(scheduler)
    return kind.from_config(scheduler.config, timestep_spacing="trailing")


def _device(env: Mapping[str, str]) -> str:
    device = settings.text(env, "DIFFUSERS_DEVICE", "auto").lower()
    if device not in DEVICES:
        raise Unavailable(
            "DIFFUSERS_DEVICE is %(value)r; choose one of %(known)s.",
            error_class="unknown", value=device, known=", ".join(DEVICES),
        )  # fmt: skip
    return device


def _missing_package(package: str) -> Unavailable:
    return Unavailable(
        "Drawing on this machine needs the package %(package)s. Install it with: pip install %(all)s",
        error_class="missing_package", package=package, all=" ".join(PACKAGES),
    )  # fmt: skip


def _reason(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:300]


def _unheard(done: int, total: int) -> None:
    pass
