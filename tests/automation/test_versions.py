"""What was changed between two versions, word by word."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from automation.versions import changes

BEFORE = "Мост откроют в мае.\n\nЕго строили два года.\n\nДенег хватило."


def seen(before: str, after: str) -> list[tuple[str, str]]:
    return [(change.kind, change.text) for change in changes(before, after)]


def test_words_inside_a_paragraph() -> None:
    after = BEFORE.replace("два года", "три года")
    assert [row for row in seen(BEFORE, after) if row[0] != "same"] == [("gone", "два"), ("come", "три")]


def test_a_paragraph_put_in_and_one_taken_out() -> None:
    after = BEFORE.replace("Его строили два года.\n\n", "") + "\n\nКонец."
    changed = [row for row in seen(BEFORE, after) if row[0] != "same"]
    assert ("gone", "Его строили два года.\n\n") in changed
    assert any(kind == "come" and "Конец." in text for kind, text in changed)


@pytest.mark.parametrize("seed", range(20))
def test_both_texts_can_be_put_together_again(seed) -> None:
    chance = random.Random(seed)
    words = ["мост", "река", "вода", "год\n\nдва,", "три", "«раз»", "**и**", "ещё\n", "конец"]
    before, after = (" ".join(chance.choices(words, k=chance.randrange(40))) for _ in range(2))
    found = changes(before, after)
    assert "".join(change.text for change in found if change.kind != "come") == before
    assert "".join(change.text for change in found if change.kind != "gone") == after
    assert all(a.kind != b.kind for a, b in pairwise(found))


def test_nothing_changed() -> None:
    assert seen(BEFORE, BEFORE) == [("same", BEFORE)]
    assert seen("", "") == []
