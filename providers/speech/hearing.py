"""A recording's pieces on their way through a recogniser: cut ahead of it, put together behind it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from contextvars import copy_context
from pathlib import Path
from typing import TypeVar

from providers import audio
from providers.cutting import Cutting, cut
from providers.speech.onsets import on_sound
from providers.speech.seams import Heard, joined
from providers.speech.words import Token, words_of
from providers.types import Piece, Word

T = TypeVar("T")


def pieces(
    media: Path,
    skip_until_s: float,
    first_index: int,
    hear: Callable[[Iterator[Cutting]], Generator[Heard]],
    *,
    ahead: int = 2,
) -> Iterator[Piece]:
    """What a backend's `recognise` gives. `hear` takes the cuttings and gives each with its words, in order.

    The next `ahead` cuttings are decoded while `hear` works. Raises: InputRejected, and what `hear` does.
    """
    with (
        closing(made_ahead(_cuttings(media, skip_until_s, first_index), ahead)) as cuttings,
        closing(hear(cuttings)) as heard,
    ):
        yield from joined(heard)


def timed(tokens: Sequence[Token], cutting: Cutting) -> tuple[Word, ...]:
    """The words of a cutting, at times of the recording."""
    words = words_of(tokens, offset_s=cutting.heard_from_s, end_s=cutting.heard_until_s)
    return on_sound(words, cutting)


def made_ahead(items: Generator[T], n: int = 1) -> Generator[T]:
    """The same items; the next `n` are made in a thread while the caller works on this one.

    The thread listens for the same `stopping.Stop` as the caller.
    """

    def following() -> T | None:
        return next(items, None)

    with ThreadPoolExecutor(1, "ahead") as pool:
        waiting = deque(pool.submit(copy_context().run, following) for _ in range(n))
        try:
            while (item := waiting.popleft().result()) is not None:
                waiting.append(pool.submit(copy_context().run, following))
                yield item
        finally:
            pool.shutdown(cancel_futures=True)
            items.close()


def _cuttings(media: Path, skip_until_s: float, first_index: int) -> Generator[Cutting]:
    with closing(audio.stream(media)) as blocks:
        yield from cut(blocks, skip_until_s=skip_until_s, first_index=first_index)
