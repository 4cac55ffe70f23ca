"""A worker whose recogniser needs half a minute for its third piece, in a call that nothing breaks off."""

from __future__ import annotations

import os
import time

from automation.newsroom import open_newsroom
from automation.queue import Worker
from tests.fakes import FakeSpeech, fake_tools

PIECE_S = 30.0


class Slow(FakeSpeech):
    def recognise(self, media, **how):
        is_long = media.stat().st_size > 1e6
        self.on_piece = lambda index: time.sleep(PIECE_S) if is_long and index == 2 else None
        return super().recognise(media, **how)


if __name__ == "__main__":
    Worker(open_newsroom(os.environ, fake_tools(speech=Slow()))).start()
    time.sleep(600)
