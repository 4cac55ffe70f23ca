"""Rebuild the PyTorch model from the ONNX file: the graph keeps every parameter under its PyTorch name.

Run: python -m demo.checkpoint OUT.ckpt
Needs the gigaam package. The file holds {"cfg", "state_dict"} like GigaAM's own checkpoints, but its features
must come from `demo.speech.features` (v3 front end), since gigaam 0.1.0 only computes those of v2.
"""

from __future__ import annotations

import sys
from pathlib import Path

import onnx
import torch
from gigaam.model import GigaAMASR
from onnx import numpy_helper

from demo.model import NAME, build

GRAPH = Path(__file__).parent / "model" / f"{NAME}.onnx"


def parameters(path: Path = GRAPH) -> dict[str, torch.Tensor]:
    """Tensors of the ONNX file under their PyTorch names, float16 ones widened to float32."""
    found = {}
    for tensor in onnx.load(path).graph.initializer:
        values = torch.from_numpy(numpy_helper.to_array(tensor).copy())
        found[tensor.name.removesuffix(".half")] = values.float() if values.is_floating_point() else values
    return found


def load(path: Path = GRAPH) -> GigaAMASR:
    """The network with the weights of the ONNX file, ready to use; fails if a weight is missing."""
    network = build().eval()
    wanted, found = network.state_dict(), parameters(path)
    missing = [
        name
        for name in wanted
        if name not in found
        and not name.startswith("preprocessor.")
        and not name.endswith("num_batches_tracked")
    ]
    if missing:
        raise ValueError(f"{path.name} lacks {len(missing)} parameters, first {missing[0]}")
    network.load_state_dict({name: found.get(name, wanted[name]) for name in wanted})
    return network


def main() -> None:
    """Write the checkpoint named on the command line."""
    network = load()
    torch.save({"cfg": network.cfg, "state_dict": network.state_dict()}, sys.argv[1])


if __name__ == "__main__":
    main()
