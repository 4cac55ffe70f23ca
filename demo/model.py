"""The demonstration network, built from the gigaam package's own classes."""

from __future__ import annotations

import omegaconf
from gigaam.model import GigaAMASR

from demo.letters import VOCABULARY

NAME = "v3_e2e_ctc"
BLANK = len(VOCABULARY)
#: Longest encoder output the rotary table covers: 1000 steps of 40 ms = 40 s.
MAX_STEPS = 1000


def config(layers: int = 4, width: int = 144) -> omegaconf.DictConfig:
    """A GigaAM configuration: v2 classes of gigaam 0.1.0, sized down; 144 wide = 2.5 M parameters."""
    encoder = {
        "_target_": "gigaam.encoder.ConformerEncoder",
        "feat_in": 64,
        "n_layers": layers,
        "d_model": width,
        "subsampling_factor": 4,
        "ff_expansion_factor": 4,
        "self_attention_model": "rotary",
        "pos_emb_max_len": MAX_STEPS,
        "n_heads": 4,
        "conv_kernel_size": 31,
        "flash_attn": False,
    }
    return omegaconf.OmegaConf.create(
        {
            "model_name": NAME,
            "preprocessor": {
                "_target_": "gigaam.preprocess.FeatureExtractor",
                "sample_rate": 16000,
                "features": 64,
            },
            "encoder": encoder,
            "head": {"_target_": "gigaam.decoder.CTCHead", "feat_in": width, "num_classes": BLANK + 1},
            "decoding": {"_target_": "gigaam.decoding.CTCGreedyDecoding", "vocabulary": VOCABULARY},
        }
    )


def build() -> GigaAMASR:
    """A fresh network; the first convolution starts as if log-mels had mean 0 and deviation 1."""
    network = GigaAMASR(config())
    first = network.encoder.pre_encode.conv[0]
    first.weight.data /= 4.0
    first.bias.data += 8.0 * first.weight.data.sum(dim=(1, 2, 3))
    return network


def encode(text: str) -> list[int]:
    """Token numbers of a text, one per character."""
    return [VOCABULARY.index(char) for char in text]


def greedy(tokens: list[int]) -> str:
    """Text of the best token per step: repeats merged, blanks dropped."""
    kept = [now for before, now in zip([BLANK, *tokens], tokens, strict=False) if now != before]
    return "".join(VOCABULARY[token] for token in kept if token != BLANK).strip()
