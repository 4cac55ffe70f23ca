"""A Stable Diffusion XL with random weights: the real classes and files, 4 MB, no download."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SIDE_PX = 384  # what it "was trained on": its covers are drawn at 512 × 256


def build(folder: Path) -> Path:
    """Writes the model into `folder`."""
    import torch
    from diffusers import EulerDiscreteScheduler, StableDiffusionXLPipeline
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    torch.manual_seed(0)
    words = _words()
    config = CLIPTextConfig(
        bos_token_id=len(words) - 2, eos_token_id=len(words) - 1, pad_token_id=len(words) - 1,
        vocab_size=len(words), hidden_size=32, intermediate_size=37, num_attention_heads=4,
        num_hidden_layers=5, projection_dim=32, max_position_embeddings=77, hidden_act="gelu",
    )  # fmt: skip
    tokenizer = _tokenizer(folder.parent, words)
    StableDiffusionXLPipeline(
        vae=_vae(),
        text_encoder=CLIPTextModel(config),
        text_encoder_2=CLIPTextModelWithProjection(config),
        tokenizer=tokenizer,
        tokenizer_2=tokenizer,
        unet=_unet(),
        scheduler=EulerDiscreteScheduler(
            beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1,
            timestep_spacing="leading",
        ),
    ).save_pretrained(folder, safe_serialization=True)  # fmt: skip
    return folder


def _unet() -> Any:
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(
        block_out_channels=(2, 4), layers_per_block=2, sample_size=SIDE_PX // 8,
        in_channels=4, out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"), attention_head_dim=(2, 4),
        use_linear_projection=True, addition_embed_type="text_time", addition_time_embed_dim=8,
        transformer_layers_per_block=(1, 2), projection_class_embeddings_input_dim=80,
        cross_attention_dim=64, norm_num_groups=1,
    )  # fmt: skip


def _vae() -> Any:
    """Random weights draw grey on grey; the last layer's are made larger until there is a picture."""
    from diffusers import AutoencoderKL

    vae = AutoencoderKL(
        block_out_channels=[8] * 4, norm_num_groups=4, latent_channels=4, sample_size=SIDE_PX,
        down_block_types=["DownEncoderBlock2D"] * 4, up_block_types=["UpDecoderBlock2D"] * 4,
    )  # fmt: skip
    vae.decoder.conv_out.weight.data *= 4
    return vae


def _words() -> list[str]:
    """CLIP's alphabet: every byte, alone and at a word's end. Source: openai/CLIP, simple_tokenizer.py."""
    own = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = [chr(byte) for byte in own] + [chr(256 + i) for i in range(256 - len(own))]
    return [*letters, *(letter + "</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]


def _tokenizer(folder: Path, words: list[str]) -> Any:
    from transformers import CLIPTokenizer

    vocabulary = {word: number for number, word in enumerate(words)}
    (folder / "vocab.json").write_text(json.dumps(vocabulary))
    tokenizer = CLIPTokenizer(vocab=vocabulary, merges=[])
    tokenizer.model_max_length = 77
    return tokenizer
