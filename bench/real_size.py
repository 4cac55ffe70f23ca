"""GigaAM v3 CTC at its real size with random weights: the speed is the real model's, the words are noise.

The classes are the gigaam package's own; what version 3 changed and gigaam 0.1.0 lacks is put in here:
one-dimensional subsampling with kernel 5, convolutions of width 5, layer norm inside them.
Source: https://huggingface.co/ai-sage/GigaAM-v3 (config.json of the revision ctc).
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import torch
from gigaam.model import GigaAMASR

from demo.model import config

WIDTH, LAYERS, HEADS, KERNEL = 768, 16, 16, 5
LETTERS = [" ", *map(chr, range(ord("а"), ord("я") + 1))]


class Subsampling(torch.nn.Module):
    """(batch, frames, 64) → (batch, frames / 4, 768)."""

    def __init__(self) -> None:
        super().__init__()
        half = KERNEL // 2
        self.conv = torch.nn.Sequential(
            torch.nn.Conv1d(64, WIDTH, KERNEL, stride=2, padding=half),
            torch.nn.ReLU(),
            torch.nn.Conv1d(WIDTH, WIDTH, KERNEL, stride=2, padding=half),
            torch.nn.ReLU(),
        )

    def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return self.conv(x.transpose(1, 2)).transpose(1, 2), (lengths - 1) // 4 + 1


class ChannelNorm(torch.nn.LayerNorm):
    """Layer norm over the channels of (batch, channels, frames)."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x.transpose(1, 2)).transpose(1, 2)


def build(seed: int = 0) -> GigaAMASR:
    """The network, 221 million parameters."""
    torch.manual_seed(seed)
    wanted = config(LAYERS, WIDTH)
    wanted.encoder.n_heads = HEADS
    wanted.encoder.pos_emb_max_len = 5000
    wanted.head.num_classes = len(LETTERS) + 1
    network = GigaAMASR(wanted)
    network.encoder.pre_encode = Subsampling()
    for layer in network.encoder.layers:
        layer.conv.depthwise_conv = torch.nn.Conv1d(WIDTH, WIDTH, KERNEL, padding=KERNEL // 2, groups=WIDTH)
        layer.conv.batch_norm = ChannelNorm(WIDTH)
    return network.eval()


class ForExport(torch.nn.Module):
    """features (batch, 64, frames), feature_lengths (batch,) → log_probs (batch, steps, classes)."""

    def __init__(self, network: GigaAMASR) -> None:
        super().__init__()
        self.encoder, self.head = network.encoder, network.head

    def forward(self, features: torch.Tensor, feature_lengths: torch.Tensor) -> torch.Tensor:
        return self.head(self.encoder(features, feature_lengths)[0])


def export(network: GigaAMASR, folder: Path) -> Path:
    """Writes the model folder onnx-asr reads under the name gigaam-v3-ctc; the ONNX file."""
    folder.mkdir(parents=True, exist_ok=True)
    batch, frames = torch.export.Dim("batch", min=1), torch.export.Dim("frames", min=16, max=19_999)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            ForExport(network),
            (torch.zeros(2, 64, 203), torch.tensor([203, 150])),
            dynamo=True,
            verbose=False,
            input_names=["features", "feature_lengths"],
            output_names=["log_probs"],
            dynamic_shapes={"features": {0: batch, 2: frames}, "feature_lengths": {0: batch}},
        )
    path = folder / "v3_ctc.onnx"
    program.save(path)
    rows = [*("▁" if letter == " " else letter for letter in LETTERS), "<blk>"]
    vocabulary = "".join(f"{row} {number}\n" for number, row in enumerate(rows))
    (folder / "v3_vocab.txt").write_text(vocabulary, encoding="utf-8")
    settings = {"model_type": "gigaam-v3-ctc", "version": "v3", "features_size": 64, "subsampling_factor": 4}
    (folder / "config.json").write_text(json.dumps(settings) + "\n", encoding="utf-8")
    return path
