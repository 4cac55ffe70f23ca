"""What GigaAM's encoder heard → tokens with frames and log-probabilities, for a batch at once.

The package's own decoders give no times, 0.1.0 mistakes the pieces of a batch for frames, and RNN-T is read
one piece after the other. The rules are theirs: the best class of each frame.
Source: https://github.com/salute-developers/GigaAM (gigaam/decoding.py).
"""

from __future__ import annotations

from typing import Any

from providers.speech.words import FRAME_S, Token

Symbol = tuple[int, int, float]  # class, frame, log-probability


def tokens_of(network: Any, encoded: Any, lengths: list[int]) -> list[list[Token]]:
    """`encoded`: float (batch, width, frames); `lengths`: frames of each piece."""
    decoding = network.decoding
    if hasattr(network.head, "joint"):
        symbols = _transducer(network.head, encoded, lengths, decoding.blank_id, decoding.max_symbols)
    else:
        symbols = _ctc(network.head, encoded, lengths, decoding.blank_id)
    return [[Token(_text(decoding.tokenizer, c), t * FRAME_S, p) for c, t, p in piece] for piece in symbols]


def _text(tokenizer: Any, token: int) -> str:
    return str(tokenizer.vocab[token] if tokenizer.charwise else tokenizer.model.IdToPiece(token))


def _ctc(head: Any, encoded: Any, lengths: list[int], blank: int) -> list[list[Symbol]]:
    best, classes = head(encoder_output=encoded).float().max(dim=-1)
    pieces = zip(classes.tolist(), best.tolist(), lengths, strict=True)
    return [_collapse(labels[:n], logprobs[:n], blank) for labels, logprobs, n in pieces]


def _collapse(labels: list[int], logprobs: list[float], blank: int) -> list[Symbol]:
    """Repeats are one symbol, as likely as all of its frames together: as onnx-asr counts."""
    symbols: list[Symbol] = []
    before = blank
    for frame, (label, logprob) in enumerate(zip(labels, logprobs, strict=True)):
        if label != blank and label == before:
            _, first, sum_before = symbols[-1]
            symbols[-1] = (label, first, sum_before + logprob)
        elif label != blank:
            symbols.append((label, frame, logprob))
        before = label
    return symbols


def _transducer(head: Any, encoded: Any, lengths: list[int], blank: int, most: int) -> list[list[Symbol]]:
    """Greedy, every piece of the batch one frame further at a time; at most `most` symbols in a frame."""
    import torch

    symbols: list[list[Symbol]] = [[] for _ in lengths]
    ends = torch.tensor(lengths, device=encoded.device)
    frames = encoded.transpose(1, 2)
    said, state = head.decoder.predict(None, None, batch_size=len(lengths))
    for frame in range(max(lengths)):
        speaking = frame < ends
        for _ in range(most):
            logprobs = head.joint.joint(frames[:, frame : frame + 1], said)[:, 0, 0].float()
            best, classes = logprobs.max(dim=-1)
            speaking = speaking & (classes != blank)
            if not bool(speaking.any()):
                break
            _write_down(symbols, speaking, classes, best, frame)
            said, state = _advance(head.decoder, speaking, classes, said, state)
    return symbols


def _write_down(symbols: list[list[Symbol]], speaking: Any, classes: Any, best: Any, frame: int) -> None:
    rows = zip(symbols, speaking.tolist(), classes.tolist(), best.tolist(), strict=True)
    for piece, speaks, label, logprob in rows:
        if speaks:
            piece.append((label, frame, logprob))


def _advance(decoder: Any, speaking: Any, classes: Any, said: Any, state: Any) -> tuple[Any, Any]:
    """The prediction network moves on for the pieces that spoke and stays for the others."""
    import torch

    new_said, new_state = decoder.predict(classes[:, None], state)
    mask = speaking[:, None, None]
    moved = tuple(
        torch.where(speaking[None, :, None], new, old) for new, old in zip(new_state, state, strict=True)
    )
    return torch.where(mask, new_said, said), moved
