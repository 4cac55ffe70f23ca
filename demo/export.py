"""Write the trained network as the files onnx-asr loads under the name `gigaam-v3-e2e-ctc`.

The graph keeps every parameter under its PyTorch name; large ones are stored as float16 and cast to float32
(onnxruntime folds the casts when it loads the file), so 2.5 M parameters take 5 MB.
Run: python -m demo.export CHECKPOINT.pt [demo/model]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from demo.letters import VOCABULARY
from demo.model import NAME, build

FOLDER = Path(__file__).parent / "model"


class ForExport(torch.nn.Module):
    """features (batch, 64, frames), feature_lengths (batch,) -> log_probs (batch, steps, classes)."""

    def __init__(self, network: torch.nn.Module) -> None:
        super().__init__()
        self.encoder, self.head = network.encoder, network.head

    def forward(self, features: torch.Tensor, feature_lengths: torch.Tensor) -> torch.Tensor:
        return self.head(self.encoder(features, feature_lengths)[0])


def to_graph(network: torch.nn.Module) -> onnx.ModelProto:
    """The ONNX graph with dynamic batch and time; traced with two pieces so that the masks stay in it."""
    batch, frames = torch.export.Dim("batch", min=1), torch.export.Dim("frames", min=16, max=3999)
    example = (torch.zeros(2, 64, 203), torch.tensor([203, 150]))
    program = torch.onnx.export(
        ForExport(network).eval(),
        example,
        dynamo=True,
        optimize=False,
        input_names=["features", "feature_lengths"],
        output_names=["log_probs"],
        dynamic_shapes={"features": {0: batch, 2: frames}, "feature_lengths": {0: batch}},
    )
    return program.model_proto


def halve(graph: onnx.GraphProto, smallest: int = 256) -> None:
    """Replace float32 initialisers of at least `smallest` values by float16 ones and a Cast."""
    casts = []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < smallest:
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def strip(graph: onnx.GraphProto) -> None:
    """Drop the exporter's notes (source lines, shapes of inner values): they are a third of the file."""
    del graph.value_info[:]
    for node in graph.node:
        del node.metadata_props[:]
        node.doc_string = ""


def write_vocabulary(folder: Path) -> None:
    """The vocabulary and configuration as onnx-asr reads them."""
    rows = [*("▁" if mark == " " else mark for mark in VOCABULARY), "<blk>"]  # the blank is the last class
    lines = "".join(f"{mark} {number}\n" for number, mark in enumerate(rows))
    (folder / f"{NAME}_vocab.txt").write_text(lines, encoding="utf-8")
    settings = {
        "model_type": "gigaam-v3-e2e-ctc",
        "label": "demonstration model (synthetic speech only)",
        "version": "v3",
        "features_size": 64,
        "subsampling_factor": 4,
    }
    (folder / "config.json").write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")


def export(network: torch.nn.Module, folder: Path = FOLDER) -> Path:
    """Write the three files of the model folder; returns the ONNX file."""
    folder.mkdir(parents=True, exist_ok=True)
    graph = to_graph(network)
    strip(graph.graph)
    halve(graph.graph)
    path = folder / f"{NAME}.onnx"
    onnx.save(graph, path)
    write_vocabulary(folder)
    return path


def main() -> None:
    """Export the checkpoint named on the command line."""
    network = build()
    network.load_state_dict(torch.load(sys.argv[1], map_location="cpu", weights_only=True))
    path = export(network, Path(sys.argv[2]) if len(sys.argv) > 2 else FOLDER)
    sys.stdout.write(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB\n")


if __name__ == "__main__":
    main()
