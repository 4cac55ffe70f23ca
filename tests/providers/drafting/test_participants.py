"""Those who take part are named to the writer, who may not guess which voice is whose."""

from __future__ import annotations

from dataclasses import replace

from providers.drafting import prompt
from providers.drafting.extractive import Extractive
from providers.types import Sentence, WritingBrief
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


def test_a_task_is_theirs_who_are_named_in_it() -> None:
    said = (
        Sentence("S1", 0.0, 4.0, "SPEAKER_00", "Начнём с отчёта за октябрь, он нужен комиссии."),
        Sentence("S2", 4.0, 8.0, "SPEAKER_00", "Анне поручаем подготовить отчёт до пятницы."),
        Sentence("S4", 12.0, 15.0, "SPEAKER_01", "Петру поручаем смету."),
        Sentence("S3", 8.0, 12.0, "SPEAKER_01", "Решили закрыть мост на ремонт с первого мая."),
    )
    brief = WritingBrief(said, "ru", format="protocol", participants=("Анна Белова", "Пётр Зимин"))
    tasks = [block for block in Extractive().write(brief).blocks if block.kind == "action"]
    assert [(task.owner, task.sources) for task in tasks] == [
        ("Анна Белова", ("S2",)),
        ("Пётр Зимин", ("S4",)),
    ]
