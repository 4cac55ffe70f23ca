"""An hour takes hardly more memory than five minutes: nothing holds the recording."""

from __future__ import annotations

import pytest

from bench.memory import LIMIT_MB, LONG, SHORT, measure


@pytest.mark.slow
def test_the_speech_stage_takes_no_more_memory_for_a_longer_recording() -> None:
    """Compressed, through the whole stage, in processes of their own; the model is a cheap stand-in.

    An hour as samples is 230 MB. What grows is three numbers for 10 ms and two for a word, in proportion:
    the limit for four hours (`python -m bench.memory`) holds for an hour's share of it, and 5 MB of chance.
    """
    minutes = (5.0, 60.0)
    (_, short), (length_s, long) = measure(minutes, ".ogg", taps=True)
    assert length_s > 3500
    assert long["words"] > 10 * short["words"]
    assert long["share"] > 0.99
    assert long["record_kb"] < 10
    allowed_mb = LIMIT_MB * (minutes[1] - minutes[0]) / (LONG - SHORT) + 5
    assert long["mb"] - short["mb"] < allowed_mb
