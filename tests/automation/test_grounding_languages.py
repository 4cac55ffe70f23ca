"""Each rule of the guard in each of its three languages."""

from __future__ import annotations

import pytest

from automation.grounding.guard import judge
from automation.grounding.kinds import FlagKind
from tests.automation.test_grounding import talk

TALKS = {
    "ru": talk(
        "B: Что с мостом?",
        "A: Ну, мост, знаете, ещё не достроили, потому что подрядчик ушёл.",
        "A: Смета выросла до трёх с половиной миллионов рублей.",
        "A: Наверное, откроем мост двадцать пятого марта.",
        "B: А кто виноват?",
        "A: Инженер Савельев считал нагрузку дважды.",
        "A: Мы мы постро… построили временную переправу.",
        "A: По нашим сведениям, песок возили из карьера.",
        "A: Сосед говорит, что мост красивый.",
        "A: Школу мы закрыли, но не насовсем.",
        "A: Паром берёт сорок машин.",
    ),
    "uk": talk(
        "B: Що з мостом?",
        "A: Ну, міст, знаєте, ще не добудували, бо підрядник пішов.",
        "A: Кошторис зріс до трьох з половиною мільйонів гривень.",
        "A: Мабуть, відкриємо міст двадцять п'ятого березня.",
        "B: А хто винен?",
        "A: Інженер Савчук рахував навантаження двічі.",
        "A: Ми ми збуду… збудували тимчасову переправу.",
        "A: За нашими відомостями, пісок возили з кар'єру.",
        "A: Сусід каже, що міст гарний.",
        "A: Школу ми закрили, але не назовсім.",
        "A: Пором бере сорок машин.",
    ),
    "en": talk(
        "B: What about the bridge?",
        "A: Well, the bridge, you know, isn't finished, because the contractor left.",
        "A: The estimate grew to three and a half million dollars.",
        "A: Probably we will open the bridge on the twenty-fifth of March.",
        "B: Who is to blame?",
        "A: Engineer Savage computed the load twice.",
        "A: We we bui… built a temporary crossing.",
        "A: According to our sources, the sand came from the quarry.",
        "A: A neighbour says that the bridge is pretty.",
        "A: We closed the school, but not forever.",
        "A: The ferry takes forty cars.",
    ),
}

FAIR = {
    "fillers": {
        "ru": "Мост ещё не достроили, потому что подрядчик ушёл.",
        "uk": "Міст ще не добудували, бо підрядник пішов.",
        "en": "The bridge isn't finished, because the contractor left.",
    },
    "letters and apostrophes": {
        "ru": "Мост еще не достроили, потому что подрядчик ушел.",
        "uk": "Мабуть, відкриємо міст двадцять п’ятого березня.",
        "en": "The bridge isn’t finished, because the contractor left.",
    },
    "quotation marks and dashes": {
        "ru": "«Ну — мост, знаете, ещё не достроили — потому что подрядчик ушёл»",
        "uk": "„Ну — міст, знаєте, ще не добудували — бо підрядник пішов“",
        "en": "“Well – the bridge, you know, isn't finished – because the contractor left.”",
    },
    "figures": {
        "ru": "Смета выросла до 3,5 млн рублей.",
        "uk": "Кошторис зріс до 3,5 млн ₴.",
        "en": "The estimate grew to $3.5 million.",
    },
    "a date in figures": {
        "ru": "Наверное, откроем мост 25 марта.",
        "uk": "Мабуть, відкриємо міст 25 березня.",
        "en": "Probably we will open the bridge on the 25th of March.",
    },
    "an honest ellipsis": {
        "ru": "Мы построили временную переправу … Школу мы закрыли, но не насовсем.",
        "uk": "Ми збудували тимчасову переправу […] Школу ми закрили, але не назовсім.",
        "en": "We built a temporary crossing ... We closed the school, but not forever.",
    },
    "a word said twice and one broken off": {
        "ru": "Мы построили временную переправу.",
        "uk": "Ми збудували тимчасову переправу.",
        "en": "We built a temporary crossing.",
    },
}

FAULTS: dict[str, tuple[FlagKind, dict[str, str]]] = {
    "a word put in": ("word_added", {
        "ru": "Инженер Савельев честно считал нагрузку дважды.",
        "uk": "Інженер Савчук чесно рахував навантаження двічі.",
        "en": "Engineer Savage honestly computed the load twice."}),
    "a word taken out": ("word_removed", {
        "ru": "Мы построили переправу.",
        "uk": "Ми збудували переправу.",
        "en": "We built a crossing."}),
    "another word": ("word_changed", {
        "ru": "Паром берёт сорок коров.",
        "uk": "Пором бере сорок корів.",
        "en": "The ferry takes forty cows."}),
    "another number": ("number_changed", {
        "ru": "Смета выросла до 4,5 млн рублей.",
        "uk": "Кошторис зріс до 4,5 млн гривень.",
        "en": "The estimate grew to 4.5 million dollars."}),
    "another name": ("name_changed", {
        "ru": "Инженер Савин считал нагрузку дважды.",
        "uk": "Інженер Савка рахував навантаження двічі.",
        "en": "Engineer Savory computed the load twice."}),
    "a negation put in": ("negation_added", {
        "ru": "Инженер Савельев не считал нагрузку дважды.",
        "uk": "Інженер Савчук не рахував навантаження двічі.",
        "en": "Engineer Savage never computed the load twice."}),
    "a negation taken out": ("negation_removed", {
        "ru": "Мост ещё достроили, потому что подрядчик ушёл.",
        "uk": "Міст ще добудували, бо підрядник пішов.",
        "en": "The bridge is finished, because the contractor left."}),
    "a negation cut off": ("negation_cut", {
        "ru": "Достроили, потому что подрядчик ушёл.",
        "uk": "Добудували, бо підрядник пішов.",
        "en": "… finished, because the contractor left."}),
    "a negation cut off behind": ("negation_cut", {
        "ru": "Школу мы закрыли",
        "uk": "Школу ми закрили",
        "en": "We closed the school"}),
    "a hedge put in": ("hedge_added", {
        "ru": "Инженер Савельев, наверное, считал нагрузку дважды.",
        "uk": "Інженер Савчук, мабуть, рахував навантаження двічі.",
        "en": "Engineer Savage probably computed the load twice."}),
    "a hedge cut off": ("hedge_cut", {
        "ru": "Откроем мост двадцать пятого марта.",
        "uk": "Відкриємо міст двадцять п'ятого березня.",
        "en": "We will open the bridge on the twenty-fifth of March."}),
    "a hedge of no list cut off": ("hedge_cut", {
        "ru": "Песок возили из карьера.",
        "uk": "Пісок возили з кар'єру.",
        "en": "The sand came from the quarry."}),
    "hearsay told as a fact": ("hedge_cut", {
        "ru": "Мост красивый.",
        "uk": "Міст гарний.",
        "en": "The bridge is pretty."}),
    "the middle of a clause told as a sentence": ("begins_late", {
        "ru": "Считал нагрузку дважды.",
        "uk": "Рахував навантаження двічі.",
        "en": "Computed the load twice."}),
    "the end of a clause left out": ("ends_early", {
        "ru": "Инженер Савельев считал нагрузку.",
        "uk": "Інженер Савчук рахував навантаження.",
        "en": "Engineer Savage computed the load."}),
    "another order": ("reordered", {
        "ru": "Паром берёт сорок машин … Инженер Савельев считал нагрузку дважды.",
        "uk": "Пором бере сорок машин … Інженер Савчук рахував навантаження двічі.",
        "en": "The ferry takes forty cars … Engineer Savage computed the load twice."}),
    "a splice over a question": ("question_inside", {
        "ru": "Наверное, откроем мост двадцать пятого марта … Инженер Савельев считал нагрузку дважды.",
        "uk": "Мабуть, відкриємо міст двадцять п'ятого березня … Інженер Савчук рахував навантаження двічі.",
        "en": "Probably we will open the bridge on the twenty-fifth of March … Engineer Savage computed the "
              "load twice."}),
    "words left out without an ellipsis": ("silent_gap", {
        "ru": "Инженер Савельев считал нагрузку дважды. Паром берёт сорок машин.",
        "uk": "Інженер Савчук рахував навантаження двічі. Пором бере сорок машин.",
        "en": "Engineer Savage computed the load twice. The ferry takes forty cars."}),
    "a question told as a fact": ("question_lost", {
        "ru": "А кто виноват.", "uk": "А хто винен.", "en": "Who is to blame."}),
}  # fmt: skip

TRANSLATED = {
    "ru": "Ferry takes forty cars.",
    "uk": "Паром берёт сорок машин, это всё.",
    "en": "Паром берёт сорок машин.",
}
LANGUAGES = pytest.mark.parametrize("language", ["ru", "uk", "en"])


@LANGUAGES
@pytest.mark.parametrize("edit", FAIR)
def test_what_an_editor_may_do(edit: str, language: str) -> None:
    verdict = judge(FAIR[edit][language], "Анна Орлова", (), TALKS[language])
    assert verdict.flags == ()
    assert verdict.grade in ("exact", "cleaned")
    assert not verdict.must_hear


@LANGUAGES
@pytest.mark.parametrize("fault", FAULTS)
def test_what_an_editor_may_not_do(fault: str, language: str) -> None:
    kind, texts = FAULTS[fault]
    verdict = judge(texts[language], None, (), TALKS[language])
    assert (verdict.grade, verdict.must_hear) == ("edited", True)
    assert kind in [flag.kind for flag in verdict.flags]
    assert all(str(flag) and "%(" not in str(flag) for flag in verdict.flags)


@LANGUAGES
def test_words_of_another(language: str) -> None:
    said = TALKS[language].lines[10].text
    assert judge(said, "Борис", (), TALKS[language]).grade == "wrong_speaker"
    assert judge(said, "Орлова", (), TALKS[language]).grade == "exact"


@LANGUAGES
def test_a_translation_is_not_the_original(language: str) -> None:
    verdict = judge(TRANSLATED[language], None, (11,), TALKS[language])
    assert (verdict.grade, verdict.must_hear) == ("translated", True)


@LANGUAGES
def test_nobody_said_it(language: str) -> None:
    other = {"ru": "uk", "uk": "en", "en": "ru"}[language]
    verdict = judge(TALKS[other].lines[2].text, None, (), TALKS[language])
    assert (verdict.grade, verdict.must_hear) == ("not_found", False)
