"""The demonstration model in every shape GigaAM comes in, as a checkpoint and as the files onnx-asr loads.

The trained encoder stays; the front end, the head and the tokens change, so each shape still writes words.
The front end of v3 is not in gigaam 0.1.0; `front_end_v3` stands in for the one of 0.2.0: the same arguments,
the same arithmetic. Source: https://github.com/salute-developers/GigaAM (gigaam/preprocess.py).
"""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from demo.corpus import HELD_OUT
from demo.letters import VOCABULARY

PRED_HIDDEN = 320  # onnx-asr takes no other
V3 = {"win_length": 320, "n_fft": 320, "hop_length": 160, "center": False}


@dataclass(frozen=True)
class Shape:
    """`head`: ctc or rnnt; `pieces`: SentencePiece tokens, as the models that write punctuation have."""

    version: str
    head: str
    pieces: bool = False

    @property
    def stem(self) -> str:
        return f"{self.version}_{'e2e_' if self.pieces else ''}{self.head}"

    @property
    def model(self) -> str:
        """onnx-asr's name."""
        return "gigaam-" + self.stem.replace("_", "-")


SHAPES = [
    Shape("v2", "ctc"), Shape("v2", "rnnt"), Shape("v3", "ctc"), Shape("v3", "rnnt"),
    Shape("v3", "ctc", pieces=True), Shape("v3", "rnnt", pieces=True),
]  # fmt: skip


def front_end_v3() -> Any:
    """A class for `gigaam.preprocess.FeatureExtractor` that takes what a v3 configuration asks."""
    import torch
    import torchaudio
    from gigaam.preprocess import SpecScaler

    class FeatureExtractor(torch.nn.Module):
        def __init__(self, sample_rate: int, features: int, **given: Any) -> None:
            super().__init__()
            self.hop = given.get("hop_length", sample_rate // 100)
            self.window = given.get("win_length", sample_rate // 40)
            self.center = given.get("center", True)
            mels = torchaudio.transforms.MelSpectrogram(
                sample_rate, n_fft=given.get("n_fft", sample_rate // 40), win_length=self.window,
                hop_length=self.hop, n_mels=features, center=self.center,
            )  # fmt: skip
            self.featurizer = torch.nn.Sequential(mels, SpecScaler())

        def forward(self, signal: Any, length: Any) -> tuple[Any, Any]:
            whole = length if self.center else length - self.window
            return self.featurizer(signal), whole.div(self.hop, rounding_mode="floor").add(1).long()

    return FeatureExtractor


def write(shape: Shape, folder: Path) -> Path:
    """`<stem>.ckpt` and its tokenizer. For a v3 shape the package must have the front end of v3."""
    import torch

    tokenizer = _train_tokenizer(folder / f"{shape.stem}_tokenizer.model") if shape.pieces else None
    made = _network(shape, tokenizer)
    torch.save({"cfg": made.cfg, "state_dict": made.state_dict()}, folder / f"{shape.stem}.ckpt")
    return folder


def export(shape: Shape, folder: Path) -> Path:
    """Beside `write`'s checkpoint: graphs, vocabulary and configuration, by the names onnx-asr looks for."""
    tokenizer = folder / f"{shape.stem}_tokenizer.model" if shape.pieces else None
    made = _network(shape, tokenizer)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of torch's exporter
        (_export_rnnt if shape.head == "rnnt" else _export_ctc)(made, folder / shape.stem)
    rows = [("▁" if token == " " else token) for token in [*_tokens(tokenizer), "<blk>"]]
    vocabulary = folder / f"{shape.stem if shape.pieces else shape.version}_vocab.txt"
    vocabulary.write_text("".join(f"{t} {n}\n" for n, t in enumerate(rows)), encoding="utf-8")
    settings = {"version": shape.version, "max_tokens_per_step": 1}
    (folder / "config.json").write_text(json.dumps(settings), encoding="utf-8")
    return folder


@cache
def _trained() -> Any:
    from demo import checkpoint

    return checkpoint.load()


def _network(shape: Shape, tokenizer: Path | None) -> Any:
    import omegaconf
    import torch
    from gigaam.model import GigaAMASR

    classes = len(_tokens(tokenizer)) + 1
    config = omegaconf.OmegaConf.to_container(_trained().cfg)
    width = config["encoder"]["d_model"]
    config |= {
        "model_name": shape.stem,
        "preprocessor": config["preprocessor"] | (V3 if shape.version == "v3" else {}),
        "head": _ctc_head(width, classes) if shape.head == "ctc" else _rnnt_head(width, classes),
        "decoding": {
            "_target_": f"gigaam.decoding.{shape.head.upper()}GreedyDecoding",
            "vocabulary": None if tokenizer else list(VOCABULARY),
            **({"model_path": str(tokenizer)} if tokenizer else {}),
            **({"max_symbols_per_step": 1} if shape.head == "rnnt" else {}),
        },
    }
    torch.manual_seed(0)  # the prediction network of RNN-T stays random
    made = GigaAMASR(omegaconf.OmegaConf.create(config)).eval()
    if shape.version == "v3":
        _round_front_end(made.preprocessor)
    made.encoder.load_state_dict(_trained().encoder.state_dict())
    (_teach_ctc if shape.head == "ctc" else _teach_rnnt)(made.head, *_rows(tokenizer))
    return made


def _round_front_end(preprocessor: Any) -> None:
    """The window and the filters of v3 are bfloat16 numbers. Source: onnx-asr (preprocessors)."""
    for values in preprocessor.buffers():
        values.data = values.bfloat16().float()


def _ctc_head(width: int, classes: int) -> dict[str, Any]:
    return {"_target_": "gigaam.decoder.CTCHead", "feat_in": width, "num_classes": classes}


def _rnnt_head(width: int, classes: int) -> dict[str, Any]:
    decoder = {"pred_hidden": PRED_HIDDEN, "pred_rnn_layers": 1, "num_classes": classes}
    joint = {
        "enc_hidden": width, "pred_hidden": PRED_HIDDEN, "joint_hidden": 2 * classes, "num_classes": classes,
    }  # fmt: skip
    return {"_target_": "gigaam.decoder.RNNTHead", "decoder": decoder, "joint": joint}


def _rows(tokenizer: Path | None) -> tuple[Any, Any]:
    """The trained CTC layer, its rows in the order of the tokens; a token it never learned is never said."""
    import torch

    layer = _trained().head.decoder_layers[0]
    weight, bias = layer.weight.detach()[:, :, 0], layer.bias.detach()
    known = [VOCABULARY.index(t.replace("▁", " ")) if t.replace("▁", " ") in VOCABULARY else None
             for t in _tokens(tokenizer)] + [len(VOCABULARY)]  # fmt: skip
    never = torch.zeros_like(weight[0]), torch.tensor(-40.0)
    pairs = [never if row is None else (weight[row], bias[row]) for row in known]
    return torch.stack([w for w, _ in pairs]), torch.stack([b for _, b in pairs])


def _teach_ctc(head: Any, weight: Any, bias: Any) -> None:
    head.decoder_layers[0].weight.data = weight[:, :, None]
    head.decoder_layers[0].bias.data = bias


def _teach_rnnt(head: Any, weight: Any, bias: Any) -> None:
    """A joint network that says what CTC would: x = relu(x) − relu(−x). The history sways it a little."""
    import torch

    same = torch.eye(len(bias))
    head.joint.enc.weight.data = torch.cat([weight, -weight])
    head.joint.enc.bias.data = torch.cat([bias, -bias])
    head.joint.pred.weight.data = torch.randn_like(head.joint.pred.weight) * 0.05
    head.joint.pred.bias.data.zero_()
    head.joint.joint_net[1].weight.data = torch.cat([same, -same], dim=1)
    head.joint.joint_net[1].bias.data.zero_()


def _train_tokenizer(path: Path) -> Path:
    """A SentencePiece model whose pieces are characters."""
    import sentencepiece

    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([*HELD_OUT, " ".join(VOCABULARY)]), model_prefix=str(path.with_suffix("")),
        vocab_size=len(VOCABULARY) + 1, model_type="char", character_coverage=1.0, bos_id=-1, eos_id=-1,
        hard_vocab_limit=False, normalization_rule_name="identity", minloglevel=9,
    )  # fmt: skip
    return path


def _tokens(tokenizer: Path | None) -> list[str]:
    if tokenizer is None:
        return list(VOCABULARY)
    import sentencepiece

    model = sentencepiece.SentencePieceProcessor(str(tokenizer))
    return [model.IdToPiece(number) for number in range(len(model))]


def _export_ctc(made: Any, stem: Path) -> None:
    import torch

    class Whole(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder, self.head = made.encoder, made.head

        def forward(self, features: Any, feature_lengths: Any) -> Any:
            return self.head(self.encoder(features, feature_lengths)[0])

    _graph(Whole(), _ragged(), stem, ["features", "feature_lengths"], ["log_probs"])


def _export_rnnt(made: Any, stem: Path) -> None:
    import torch

    def part(name: str) -> Path:
        return stem.with_name(f"{stem.name}_{name}")

    # Two tensors: the exporter takes one that is given twice for one input.
    state, memory = torch.zeros(1, 1, PRED_HIDDEN), torch.zeros(1, 1, PRED_HIDDEN)
    label = torch.zeros(1, 1, dtype=torch.long)
    frame = torch.zeros(1, made.head.joint.enc_hidden, 1)
    _graph(made.encoder, _ragged(), part("encoder"), ["audio_signal", "length"], ["encoded", "encoded_len"])
    _graph(
        made.head.decoder,
        ((label, state, memory), None),
        part("decoder"),
        ["x", "h.1", "c.1"],
        ["dec", "h", "c"],
    )
    _graph(made.head.joint, ((frame, state.transpose(1, 2)), None), part("joint"), ["enc", "dec"], ["joint"])


def _ragged() -> tuple[Any, Any]:
    """An example of two pieces, so that the masks stay in the graph, and its free axes."""
    import torch

    batch, frames = torch.export.Dim("batch", min=1), torch.export.Dim("frames", min=16, max=3999)
    example = (torch.zeros(2, 64, 203), torch.tensor([203, 150]))
    return example, ({0: batch, 2: frames}, {0: batch})


def _graph(module: Any, given: tuple[Any, Any], path: Path, inputs: list[str], outputs: list[str]) -> None:
    import torch

    example, free_axes = given
    torch.onnx.export(
        module.eval(), example, f"{path}.onnx", input_names=inputs, output_names=outputs,
        dynamic_shapes=free_axes, dynamo=True, external_data=False, verbose=False,
    )  # fmt: skip
