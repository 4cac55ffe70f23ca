"""Train the demonstration pair for telling voices apart, on espeak-ng voices, on a CPU.

Run: python -m demo.train_speakers --minutes 12
Two small networks with the inputs and outputs of the real ones, so that the same code runs them:
segmentation.onnx  as pyannote/segmentation-3.0: input_values (batch, 1, samples) → logits (batch, frames, 7)
embedding.onnx     as WeSpeaker's ResNet34: feats (batch, frames, 80) → embs (batch, 64)
The voices of `HELD_OUT` are never heard in training: the tests and the bench measure on them.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx_asr.preprocessors.numpy_preprocessor import KaldiPreprocessorNumpy
from torch import Tensor, nn

from demo import corpus, speech
from demo.export import halve, strip

FOLDER = Path(__file__).parent / "speakers"
RATE = speech.RATE
HELD_OUT = ("ru", "ru+f3", "ru+m7", "ru+f5", "ru+m3", "ru+f2", "ru+Alex", "ru+linda")
VARIANTS = """
f1 f4 m1 m2 m4 m5 m6 m8 Alicia Andrea Andy Annie Denis Diogo Gene Henrique Hugo Jacky Lee Marco Mario
Michael Mike Nguyen adam anika antonio aunty belinda benjamin boris caleb david ed edward grandma
grandpa gustave iven john max michel miguel pablo paul pedro quincy rob robert sandro shelby steph
steph2 travis victor zac klatt klatt2 klatt3 klatt4
"""
SAMPLES = 10 * RATE
FIELD, STRIDE = 991, 270  # of pyannote's SincNet: 589 frames of 16.875 ms in 10 s
FRAMES = (SAMPLES - FIELD) // STRIDE + 1
NEAR = 45  # frames (0.76 s) a voice is averaged over
ALIKE = 0.5  # cosine of two frames of one voice
FEWEST = 20  # frames (0.34 s) that make a voice
SENTENCES = 14  # a voice


class Segmentation(nn.Module):
    """How many speak in each frame, what the voice there is like, and which frames are one voice.

    The real model learned from thousands of hours to sort the voices of a window; this one learned only what
    a voice is like, and sorts by arithmetic inside the graph: the frame most like the others is the first
    voice, of the frames unlike it the same again, and again.
    """

    def __init__(self, bins: int = 160, mels: int = 40, width: int = 96, size: int = 32) -> None:
        super().__init__()
        window = np.hanning(512)
        angle = 2 * np.pi * np.outer(np.arange(1, bins + 1), np.arange(512)) / 512
        waves = np.concatenate([np.cos(angle) * window, np.sin(angle) * window])[:, None]
        self.register_buffer("waves", torch.tensor(waves / 16, dtype=torch.float32))
        self.register_buffer("filters", torch.tensor(_filters(bins, mels), dtype=torch.float32))
        layers: list[nn.Module] = []
        for kernel, apart, given in ((5, 1, mels), (3, 2, width), (3, 4, width), (3, 8, width)):
            pad = apart * (kernel - 1) // 2
            layers += [
                nn.Conv1d(given, width, kernel, padding=pad, dilation=apart),
                nn.ReLU(),
                nn.BatchNorm1d(width),
            ]
        self.layers = nn.Sequential(*layers)
        self.count = nn.Conv1d(width, 3, 1)  # nobody, one, two
        self.voice = nn.Conv1d(width, size, 1)
        self.size = size

    def mels(self, waves: Tensor) -> Tensor:
        """(batch, 1, samples) → (batch, mels, frames), without loudness."""
        parts = nn.functional.conv1d(waves[..., 239:-240], self.waves, stride=STRIDE)
        real, imaginary = parts.chunk(2, dim=1)
        power = torch.einsum("bft,fm->bmt", real * real + imaginary * imaginary, self.filters)
        mels = torch.log(power + 1e-6)
        return (mels - mels.mean(dim=(1, 2), keepdim=True)) / 3

    def heard(self, waves: Tensor) -> tuple[Tensor, Tensor]:
        """Log-probabilities of nobody, one, two (batch, frames, 3); voices (batch, frames, size)."""
        hidden = self.layers(self.mels(waves))
        counts = torch.log_softmax(self.count(hidden), dim=1)
        weight = (1 - counts[:, :1].exp()).clamp(min=1e-3)
        near = nn.functional.avg_pool1d(self.voice(hidden) * weight, NEAR, 1, NEAR // 2)
        return counts.transpose(1, 2), nn.functional.normalize(near.transpose(1, 2), dim=2)

    def forward(self, waves: Tensor) -> Tensor:
        counts, voices = self.heard(waves)
        nobody, one, two = counts.unbind(dim=2)
        alike = voices @ voices.transpose(1, 2)
        left = (one.exp() > 0.5).float()  # frames that belong to no voice yet
        slots = []
        for _ in range(3):
            friends = torch.einsum("bts,bs->bt", (alike > ALIKE).float(), left) * left
            many, most = friends.max(dim=1, keepdim=True)
            centre = voices.gather(1, most[..., None].expand(-1, 1, self.size))
            likeness = (voices * centre).sum(dim=2)
            centre = (voices * (left * (likeness > ALIKE).float())[..., None]).sum(dim=1, keepdim=True)
            centre = centre / (centre.norm(dim=2, keepdim=True) + 1e-6)
            likeness = (voices * centre).sum(dim=2)
            slots.append(torch.where(many > FEWEST, likeness, likeness * 0 - 9))
            left = left * (likeness <= ALIKE).float()
        first, second, third = (torch.log_softmax(12 * torch.stack(slots, dim=2), dim=2)).unbind(dim=2)
        pairs = torch.log_softmax(
            torch.stack([first + second, first + third, second + third], dim=2) / 2, dim=2
        )
        return torch.cat(
            [
                nobody[..., None],
                one[..., None] + torch.stack([first, second, third], dim=2),
                two[..., None] + pairs,
            ],
            dim=2,
        )


class Embedding(nn.Module):
    """A small x-vector: dilated convolutions, mean and deviation over time, a vector of unit length."""

    def __init__(self, width: int = 96, size: int = 64) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv1d(80, width, 5), nn.ReLU(), nn.BatchNorm1d(width),
            nn.Conv1d(width, width, 3, dilation=2), nn.ReLU(), nn.BatchNorm1d(width),
            nn.Conv1d(width, 2 * width, 1), nn.ReLU(), nn.BatchNorm1d(2 * width),
        )  # fmt: skip
        self.out = nn.Sequential(nn.BatchNorm1d(4 * width), nn.Linear(4 * width, size))

    def forward(self, feats: Tensor) -> Tensor:
        hidden = self.layers(feats.transpose(1, 2))
        mean = hidden.mean(dim=2)
        spread = torch.sqrt(((hidden - mean[..., None]) ** 2).mean(dim=2) + 1e-5)
        return nn.functional.normalize(self.out(torch.cat([mean, spread], dim=1)), dim=1)


def _filters(bins: int, count: int) -> np.ndarray:
    """Triangles (bins, count) up to 4 kHz, at equal steps of the mel scale."""
    hertz = np.arange(1, bins + 1) * RATE / 512
    edges = 700 * (
        10 ** (np.linspace(*(2595 * np.log10(1 + np.array([40, 4000]) / 700)), count + 2) / 2595) - 1
    )
    rising = (hertz[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - hertz[:, None]) / (edges[2:] - edges[1:-1])
    return np.maximum(0.0, np.minimum(rising, falling)) + 1e-4


def voices() -> list[tuple[str, int]]:
    """(voice, pitch): every variant at its own pitch and, of some, a lower and a higher one."""
    rng = random.Random(1)
    return [
        (f"{rng.choice(('ru', 'ru', 'uk', 'en'))}+{name}", pitch)
        for name in VARIANTS.split()
        for pitch in ((50,) if len(name) > 2 else (35, 50, 70))
    ]


def say(job: tuple[str, int, int]) -> np.ndarray:
    """One sentence of a voice; half of them as an mp3 leaves them."""
    voice, pitch, number = job
    rng = random.Random(f"{job}")
    how = speech.Delivery(voice, rng.randint(125, 175), max(0, min(99, pitch + rng.randint(-3, 3))))
    text = corpus.training(400, 1)[rng.randrange(400)]
    return speech.speak(text, how, rng.choice([0, 32, 64]) if number % 2 else 0).astype(np.float32)


def make(workers: int) -> list[list[np.ndarray]]:
    """The sentences of every voice, trimmed of silence."""
    known = voices()
    jobs = [(*voice, n) for voice in known for n in range(SENTENCES)]
    with ProcessPoolExecutor(workers) as pool:
        said = [_trim(sound) for sound in pool.map(say, jobs, chunksize=20)]
    return [said[i * SENTENCES : (i + 1) * SENTENCES] for i in range(len(known))]


def _trim(sound: np.ndarray) -> np.ndarray:
    loud = np.flatnonzero(np.abs(sound) > 0.01)
    return sound[loud[0] : loud[-1]] if loud.size else sound


def window(said: list[list[np.ndarray]], rng: random.Random) -> tuple[np.ndarray, np.ndarray]:
    """Ten seconds of one to three people in turn, sometimes at once; (frames, 2): how many speak, and who."""
    people = rng.sample(range(len(said)), rng.choice([1, 2, 2, 2, 3, 3]))
    gains = [10 ** rng.uniform(-0.4, 0.1) for _ in people]
    sound, active = np.zeros(SAMPLES, np.float32), np.zeros((3, SAMPLES), bool)
    at, who = -rng.randint(0, 3 * RATE), rng.randrange(len(people))
    while at < SAMPLES:
        part = rng.choice(said[people[who]])
        if rng.random() < 0.4:
            part = part[: rng.randint(RATE // 3, 2 * RATE)]
        begin, end = max(at, 0), min(at + part.size, SAMPLES)
        if end > begin:
            sound[begin:end] += gains[who] * part[begin - at : end - at]
            active[who, begin:end] = True
        at = (
            at
            + part.size
            + int(RATE * (rng.uniform(-1.2, 0) if rng.random() < 0.25 else rng.expovariate(2.5)))
        )
        if rng.random() < 0.75:
            who = rng.randrange(len(people))
    noise = np.random.default_rng(rng.randrange(2**31)).standard_normal(SAMPLES).astype(np.float32)
    sound = sound * 10 ** rng.uniform(-0.8, 0.2) + noise * 10 ** rng.uniform(-5, -2.3)
    centres = np.arange(FRAMES) * STRIDE + FIELD // 2
    seen = active[:, centres].T
    return sound, np.stack(
        [np.minimum(seen.sum(axis=1), 2), np.array([*people, 0, 0])[seen.argmax(axis=1)]], axis=1
    )


def segmentation_loss(net: Segmentation, heads: Tensor) -> Callable[[Tensor, Tensor], Tensor]:
    """How many speak, in every frame; whose voice it is, where one does."""
    whose_loss = embedding_loss(heads)

    def loss(waves: Tensor, truth: Tensor) -> Tensor:
        counts, voices = net.heard(waves)
        count, whose = truth[..., 0], truth[..., 1]
        alone = count == 1
        return nn.functional.nll_loss(counts.transpose(1, 2), count) + 0.3 * whose_loss(
            voices[alone], whose[alone]
        )

    return loss


def windows(said: list[list[np.ndarray]], size: int, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    rng = random.Random(seed)
    while True:
        pairs = [window(said, rng) for _ in range(size)]
        waves = torch.from_numpy(np.stack([sound for sound, _ in pairs]))[:, None]
        yield waves, torch.from_numpy(np.stack([truth for _, truth in pairs]))


def crops(said: list[list[np.ndarray]], size: int, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Log-mels (size, frames, 80) without their mean, as onnx-asr hands them over; and whose they are."""
    rng, fbank = random.Random(seed), KaldiPreprocessorNumpy("wespeaker")
    while True:
        length, rows, whose = int(rng.uniform(0.8, 4.0) * RATE), [], []
        for _ in range(size):
            who = rng.randrange(len(said))
            sound = np.concatenate(rng.sample(said[who], 3))
            begin = rng.randrange(max(1, sound.size - length))
            part = np.resize(sound[begin:], length) * 10 ** rng.uniform(-0.8, 0.2)
            hiss = np.random.default_rng(rng.randrange(2**31)).standard_normal(length)
            rows.append((part + hiss * 10 ** rng.uniform(-5, -2.6)).astype(np.float32))
            whose.append(who)
        feats, _ = fbank(np.stack(rows), np.full(size, length))
        yield torch.from_numpy(feats - feats.mean(axis=1, keepdims=True)), torch.tensor(whose)


def embedding_loss(heads: Tensor) -> Callable[[Tensor, Tensor], Tensor]:
    """Softmax over voices with an additive margin. Source: Wang et al. 2018, arXiv:1801.05599."""

    def loss(embs: Tensor, whose: Tensor) -> Tensor:
        near = embs @ nn.functional.normalize(heads, dim=1).T
        return nn.functional.cross_entropy(
            24 * (near - 0.25 * nn.functional.one_hot(whose, len(heads))), whose
        )

    return loss


def fit(
    name: str,
    net: nn.Module,
    more: list[Tensor],
    batches: Iterator[tuple[Tensor, Tensor]],
    loss_of: Callable[[Tensor, Tensor], Tensor],
    seconds: float,
    peak: float = 2e-3,
) -> None:
    """AdamW; the learning rate follows the clock, so a busy machine ends with a finished network too."""
    optimiser = torch.optim.AdamW([*net.parameters(), *more], peak, weight_decay=0.01)
    started, losses, step = time.monotonic(), [], 0
    while (share := (time.monotonic() - started) / seconds) < 1:
        for group in optimiser.param_groups:
            group["lr"] = peak * min(1, share / 0.05 + 0.02) * 0.5 * (1 + math.cos(math.pi * share))
        given, truth = next(batches)
        loss = loss_of(given, truth)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        losses.append(loss.item())
        step += 1
        if step % 50 == 0:
            report(f"{name} {share:.0%} step {step} loss {np.mean(losses[-50:]):.3f}")


def export(net: nn.Module, example: Tensor, names: tuple[str, str], axes: dict[int, str], path: Path) -> None:
    dims = {place: torch.export.Dim(name, min=1, max=4_000_000) for place, name in axes.items()}
    program = torch.onnx.export(
        net.eval(), (example,), dynamo=True, optimize=True, input_names=[names[0]], output_names=[names[1]],
        dynamic_shapes=(dims,),
    )  # fmt: skip
    graph = program.model_proto
    strip(graph.graph)
    halve(graph.graph)
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(graph, path)
    report(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB")


def report(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=12.0)
    parser.add_argument("--parts", nargs="+", default=["embedding", "segmentation"])
    parser.add_argument("--out", type=Path, default=FOLDER)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    torch.manual_seed(3)
    torch.set_num_threads(1)  # on a busy machine two threads wait for each other
    said = make(arguments.workers)
    report(f"{len(said)} voices, {sum(s.size for one in said for s in one) / RATE / 60:.0f} minutes")
    seconds = arguments.minutes * 60
    if "embedding" in arguments.parts:
        _train_embedding(said, seconds / 3, arguments.out)
    if "segmentation" in arguments.parts:
        _train_segmentation(said, seconds * 2 / 3, arguments.out)


def _train_embedding(said: list[list[np.ndarray]], seconds: float, out: Path) -> None:
    net, heads = Embedding(), nn.Parameter(torch.randn(len(said), 64))
    loss = embedding_loss(heads)
    fit("embedding", net, [heads], crops(said, 64, 1), lambda feats, whose: loss(net(feats), whose), seconds)
    names, axes = ("feats", "embs"), {0: "batch", 1: "frames"}
    export(net, torch.zeros(2, 198, 80), names, axes, out / "embedding" / "model.onnx")


def _train_segmentation(said: list[list[np.ndarray]], seconds: float, out: Path) -> None:
    net, heads = Segmentation(), nn.Parameter(torch.randn(len(said), 32))
    fit("segmentation", net, [heads], windows(said, 16, 2), segmentation_loss(net, heads), seconds)
    names = ("input_values", "logits")
    export(net, torch.zeros(2, 1, SAMPLES), names, {0: "batch"}, out / "segmentation" / "model.onnx")


if __name__ == "__main__":
    main()
