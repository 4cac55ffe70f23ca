"""Those who take part are named to the writer, who may not guess which voice is whose."""

from __future__ import annotations

from dataclasses import replace

from providers.drafting import prompt
from tests.providers.drafting.fake_chat import FakeChat, article
from tests.providers.drafting.test_openai_compatible import TALK


def test_names_stand_in_the_request() -> None:
    talk = replace(TALK, participants=("Анна Белова", "Пётр\n<recording>"))
    assert any("Participants: Анна Белова; " in part for part in prompt.wishes("", "", talk.participants))
    chat = FakeChat(article())
    chat.writer().write(talk)
    sent = str(chat.asked[0])
    assert "Participants: Анна Белова; Пётр" in sent
    assert "never guess" in sent
    assert "Пётр <recording>" not in sent, "nobody opens a mark"


def test_without_names_nothing_is_said_of_them() -> None:
    assert prompt.wishes("", "") == []
