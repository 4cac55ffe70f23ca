"""The page says how much of the recording was recognised, and what was heard again."""

from __future__ import annotations

import pytest

from automation.models import Submission


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Recognised 99.2 % of the sounding time."),
        ("ru", "Распознано 99.2 % звучащего времени."),
        ("uk", "Розпізнано 99.2 % часу, що звучить."),
    ],
)
def test_the_share_and_the_gaps_stand_above_the_transcript(
    house, reviewed, people, browser, language, said
) -> None:
    record = {
        "sounding_s": 3000.0, "recognised_s": 2976.0, "share": 0.992,
        "gaps": [{"start_s": 65.0, "end_s": 69.5}],
        "heard_again": [{"start_s": 65.0, "end_s": 69.5, "words": 0},
                        {"start_s": 90.0, "end_s": 99.0, "words": 7}],
    }  # fmt: skip
    with house.db.write() as session:
        row = session.query(Submission).filter_by(task_id=reviewed).one()
        row.provenance = {
            **row.provenance,
            "transcribe": {**row.provenance["transcribe"], "coverage": record},
        }
    editor = browser("editor")
    page = editor.get(f"/submissions/{reviewed}", headers={"Accept-Language": language}).text
    assert said in page
    assert 'data-play="65.00" data-until="69.50"' in page
    if language == "en":
        assert "Heard again: 2 places, 7 words found." in page
