"""Train the demonstration model on espeak-ng speech, on a CPU, inside a time budget.

Run: python -m demo.train --minutes 24
     python -m demo.train --minutes 17 --seed 2 --peak 8e-4 --alone 0.3 --start CHECKPOINT.pt  (second round)
Speech is made once and kept as log-mels in memory. Every epoch lays the sentences out anew: most alone, the
rest in rows of several up to 20 s, with pauses between, under fresh gain, noise and low-pass variation.
AdamW with a one-cycle schedule that follows the clock, so a busy machine ends with a finished model too.
A checkpoint is written after every epoch; the last is exported to demo/model.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from gigaam.model import GigaAMASR

from demo import corpus, export, speech
from demo.model import BLANK, build, encode, greedy
from demo.scoring import word_errors

BATCH_FRAMES = 7000
LONGEST_FRAMES = 2000
DEVELOPMENT = 60


@dataclass
class Utterance:
    """A text and its log-mels (64, frames), 100 frames a second."""

    text: str
    mels: np.ndarray


@dataclass(frozen=True)
class Plan:
    """One round: its length, the peak learning rate, share of sentences alone, whether it starts fresh."""

    seconds: float
    peak: float
    alone: float
    fresh: bool


def make_utterance(text: str) -> Utterance:
    """Speak one sentence in a delivery that the text itself decides; a third passes through an mp3."""
    rng = random.Random(text)
    how = speech.random_delivery(rng)
    kbit = rng.choice([24, 32, 48, 64]) if rng.random() < 0.35 else 0
    return Utterance(text, speech.features(speech.speak(text, how, kbit)).astype(np.float16))


def make_speech(texts: list[str], workers: int) -> list[Utterance]:
    """All utterances, in the order of the texts."""
    with ProcessPoolExecutor(workers) as pool:
        return list(pool.map(make_utterance, texts, chunksize=50))


@cache
def noise_mels() -> list[np.ndarray]:
    """Log-mels (64, 3000) of white, falling and humming noise of unit deviation, to be added at any level."""
    rng = np.random.default_rng(5)
    white = rng.standard_normal(30 * speech.RATE + 320).astype(np.float32)
    brown = np.convolve(white, 0.9 ** np.arange(60), mode="same")
    hum = np.sin(2 * np.pi * 50 / speech.RATE * np.arange(white.size)) + 0.1 * white
    return [speech.features((kind / kind.std()).astype(np.float32))[:, :3000] for kind in (white, brown, hum)]


def silence(rng: random.Random, low: float, high: float) -> np.ndarray:
    """Digital silence of a random length in seconds."""
    return np.full((64, int(100 * rng.uniform(low, high))), speech.MEL_FLOOR, dtype=np.float32)


def join(row: list[Utterance], rng: random.Random) -> Utterance:
    """Utterances in a row with pauses between and around them, each at its own loudness."""
    parts = [silence(rng, 0, 0.5)]
    for item in row:
        parts += [item.mels.astype(np.float32) + rng.uniform(-2.0, 1.0), silence(rng, 0.15, 1.0)]
    parts[-1] = silence(rng, 0, 0.6)
    return Utterance(" ".join(item.text for item in row), np.concatenate(parts, axis=1))


def disturb(mels: np.ndarray, rng: random.Random) -> np.ndarray:
    """Gain, a low-pass edge, a masked band and a noise floor, each with some probability."""
    mels = mels + rng.uniform(-1.5, 1.0)
    if rng.random() < 0.15:
        mels[rng.randint(50, 62) :] -= rng.uniform(3, 10)
    if rng.random() < 0.25:
        low = rng.randint(0, 58)
        mels[low : low + rng.randint(1, 6)] = speech.MEL_FLOOR
    mels = np.maximum(mels, speech.MEL_FLOOR)
    if rng.random() < 0.75:
        start = rng.randint(0, 3000 - mels.shape[1])
        level = 2 * math.log(10 ** rng.uniform(-5.0, -2.2))
        mels = np.logaddexp(mels, rng.choice(noise_mels())[:, start : start + mels.shape[1]] + level)
    return mels.astype(np.float32)


def rows(data: list[Utterance], rng: random.Random, alone: float) -> list[list[Utterance]]:
    """Shuffle; leave a share `alone`, put the rest in rows of two to six, up to 20 s."""
    order, found = rng.sample(data, len(data)), list[list[Utterance]]()
    while order:
        size = 1 if rng.random() < alone else rng.randint(2, 6)
        row = [order.pop()]
        while order and len(row) < size and sum(u.mels.shape[1] for u in [*row, order[-1]]) < 1650:
            row.append(order.pop())
        found.append(row)
    return found


def batches(data: list[Utterance], rng: random.Random, alone: float) -> list[list[Utterance]]:
    """One epoch: batches of near-equal length, at most BATCH_FRAMES of padded log-mels each, shuffled."""
    pieces = [join(row, rng) for row in rows(data, rng, alone)]
    pieces = [piece for piece in pieces if piece.mels.shape[1] < LONGEST_FRAMES]
    pieces.sort(key=lambda piece: piece.mels.shape[1])
    found: list[list[Utterance]] = [[]]
    for piece in pieces:
        if (len(found[-1]) + 1) * piece.mels.shape[1] > BATCH_FRAMES:
            found.append([])
        found[-1].append(piece)
    return rng.sample(found, len(found))


def collate(batch: list[Utterance]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """features (batch, 64, frames), frame counts, joined targets, target counts."""
    lengths = [item.mels.shape[1] for item in batch]
    features = torch.full((len(batch), 64, max(lengths)), speech.MEL_FLOOR)
    for row, item in enumerate(batch):
        features[row, :, : lengths[row]] = torch.from_numpy(item.mels)
    targets = [encode(item.text) for item in batch]
    flat = torch.tensor([token for target in targets for token in target])
    return features, torch.tensor(lengths), flat, torch.tensor([len(target) for target in targets])


def loss_of(network: GigaAMASR, batch: list[Utterance]) -> torch.Tensor:
    """CTC loss of a batch; the encoder runs in bfloat16, the head and the loss in float32."""
    features, lengths, targets, counts = collate(batch)
    with torch.autocast("cpu", torch.bfloat16):
        encoded, steps = network.encoder(features, lengths)
    scores = network.head(encoded.float()).transpose(0, 1)
    return torch.nn.functional.ctc_loss(scores, targets, steps, counts, blank=BLANK, zero_infinity=True)


def rate_at(progress: float, peak: float, warm: float = 0.08) -> float:
    """One cycle: a linear rise to the peak, then half a cosine down to nothing."""
    if progress < warm:
        return peak * (0.05 + 0.95 * progress / warm)
    return peak * max(1e-3, 0.5 * (1 + math.cos(math.pi * min(1.0, (progress - warm) / (1 - warm)))))


@torch.inference_mode()
def recognise(network: GigaAMASR, item: Utterance) -> str:
    """Greedy text of one utterance."""
    mels = torch.from_numpy(item.mels.astype(np.float32))[None]
    encoded, _ = network.encoder(mels, torch.tensor([mels.shape[2]]))
    return greedy(network.head(encoded)[0].argmax(-1).tolist())


def check(network: GigaAMASR, data: list[Utterance]) -> tuple[float, str]:
    """Word error rate on the development utterances, and one of them as recognised."""
    network.eval()
    heard = [recognise(network, item) for item in data]
    network.train()
    pairs = [word_errors(item.text, text) for item, text in zip(data, heard, strict=True)]
    rate = sum(wrong for wrong, _ in pairs) / sum(total for _, total in pairs)
    return rate, f"{data[0].text} -> {heard[0]}"


def step(network: GigaAMASR, optimiser: torch.optim.Optimizer, batch: list[Utterance], rate: float) -> float:
    """One update; returns the loss."""
    for group in optimiser.param_groups:
        group["lr"] = rate
    loss = loss_of(network, batch)
    optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimiser.step()
    return loss.item()


def fit(network: GigaAMASR, data: list[Utterance], plan: Plan, out: Path) -> None:
    """Train until the time is over; a checkpoint and a line of numbers per epoch."""
    rng, started, epoch = random.Random(11), time.monotonic(), 0
    optimiser = torch.optim.AdamW(network.parameters(), plan.peak, betas=(0.9, 0.98), weight_decay=0.01)
    learn, develop = data[:-DEVELOPMENT], data[-DEVELOPMENT:]
    while (spent := time.monotonic() - started) < plan.seconds:
        losses = []
        for batch in batches(learn, rng, 1.0 if plan.fresh and epoch == 0 else plan.alone):
            spent = time.monotonic() - started
            if spent >= plan.seconds:
                break
            disturbed = [Utterance(item.text, disturb(item.mels, rng)) for item in batch]
            losses.append(step(network, optimiser, disturbed, rate_at(spent / plan.seconds, plan.peak)))
        epoch += 1
        errors, example = check(network, develop)
        torch.save(network.state_dict(), out / f"epoch{epoch:02d}.pt")
        torch.save(network.state_dict(), out / "last.pt")
        report(f"epoch {epoch} {spent:.0f} s {len(losses)} steps loss {np.mean(losses):.3f} wer {errors:.3f}")
        report(f"  {example}")


def report(line: str) -> None:
    """Print at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Make the speech, train, export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=24.0)
    parser.add_argument("--sentences", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=1, help="which sentences are made")
    parser.add_argument("--peak", type=float, default=2e-3, help="highest learning rate")
    parser.add_argument("--alone", type=float, default=0.6, help="share of sentences laid out alone")
    parser.add_argument("--start", type=Path, help="checkpoint to go on from")
    parser.add_argument("--out", type=Path, default=Path(tempfile.gettempdir()) / "demo-train")
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(2)
    torch.manual_seed(3)
    texts = corpus.training(arguments.sentences + DEVELOPMENT, arguments.seed)
    data = make_speech(texts, arguments.workers)
    report(f"{len(data)} utterances, {sum(u.mels.shape[1] for u in data) / 360000:.2f} h")
    network = build()
    if arguments.start:
        network.load_state_dict(torch.load(arguments.start, weights_only=True))
    plan = Plan(arguments.minutes * 60, arguments.peak, arguments.alone, fresh=not arguments.start)
    fit(network, data, plan, arguments.out)
    report(str(export.export(network)))


if __name__ == "__main__":
    main()
