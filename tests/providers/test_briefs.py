from __future__ import annotations

from itertools import pairwise

import pytest

from providers import briefs
from providers.briefs import (
    CLIP_TOKENS,
    STYLE_PRESETS,
    clip_tokens,
    image_brief,
    is_english,
    prompt_hints,
    shortened,
    style_for,
    subjects,
)

TITLES = {
    "Как устроена жизнь в посёлке, где зимой не бывает солнца": "snow on the roofs",
    "«Ґрунт під ногами»: як українські фермери повертають життя степу": "wheat",
    "Її голос чують усі: історія їдальні, яку відкрили двоє друзів у Львові": "letters in a box",
    "Об’єднання громад: що змінилося за п’ять років": "noticeboard",
    "The quiet engineers who keep the city’s water running": "workshop",
    "«Мы не боимся тишины»: режиссёр Анна Волкова — о документальном кино": "projector",
    "What we talk about when we talk about bread": "bread",
    "Пам'ять міста: архітекторка про реставрацію": "photographs",
    "Разговор с Иваном": "microphone",
}


@pytest.mark.parametrize(("title", "drawn"), TITLES.items())
def test_a_title_in_three_languages_becomes_an_english_brief(title, drawn):
    made = image_brief(title)
    assert drawn in made
    assert made.isascii() or "é" in made
    assert made.endswith(STYLE_PRESETS["feature"])
    assert made == image_brief(title)


def test_nothing_of_the_article_is_copied():
    title = "Anna Petrenko of Lviv: “I hid the money at 5 Green Street”"
    made = image_brief(title, ["Petrenko", "Lviv"], "Bodnar").lower()
    assert not {"anna", "petrenko", "lviv", "hid", "green", "street", "5", "bodnar"} & set(made.split())


@pytest.mark.parametrize("style", STYLE_PRESETS)
def test_every_brief_is_read_to_its_end(style):
    known = list(briefs._SUBJECTS)
    longest = sorted(known, key=clip_tokens)[-2:]
    for pair in [*pairwise(known), longest]:
        assert clip_tokens(f"{', '.join(pair)}, {STYLE_PRESETS[style]}") <= CLIP_TOKENS
    assert (
        clip_tokens(image_brief("x", style=style, written="a very long tale of things, " * 20)) <= CLIP_TOKENS
    )


@pytest.mark.parametrize(
    "title", ["Думаю, садится солнце", "A category of articles", "Лестница", "Season lawn"]
)
def test_a_word_that_only_begins_alike_calls_for_nothing(title):
    assert subjects(title) == [briefs._NOTHING_KNOWN]


def test_at_most_two_things_are_drawn():
    assert len(subjects("школа, театр, хлеб, река и море")) == 2
    assert subjects("школа школа школы") == ["an empty classroom with wooden desks and a chalkboard"]


def test_the_writers_subject_is_taken_when_it_is_english():
    assert image_brief("Хлеб", written="  a mill at\n dawn. ").startswith("a mill at dawn, editorial")
    assert image_brief("Хлеб", written="мельница на рассвете").startswith("fresh bread")


@pytest.mark.parametrize(
    ("section", "tags", "style"),
    [
        ("Культура", [], "culture"),
        ("Політика", [], "politics"),
        ("Спорт", ["Культура"], "sport"),
        ("", ["Иваново", "Экономика"], "economy"),
        ("Breaking news", [], "news"),
        ("Місто", [], "city"),
        ("Разное", [], "feature"),
    ],
)
def test_a_section_has_a_style(section, tags, style):
    assert style_for(section, tags) == style
    assert image_brief("Интервью", tags, section).endswith(STYLE_PRESETS[style])


def test_a_desks_style_goes_before():
    assert image_brief("Хлеб", section="Спорт", style="portrait-free").endswith(
        STYLE_PRESETS["portrait-free"]
    )
    assert image_brief("Хлеб", section="Спорт", style="unheard-of").endswith(STYLE_PRESETS["sport"])


def test_no_preset_asks_for_faces():
    text = " ".join([*STYLE_PRESETS.values(), *briefs._SUBJECTS, briefs._NOTHING_KNOWN]).lower().split()
    assert not {
        "portrait",
        "man",
        "woman",
        "people",
        "person",
        "face",
        "faces",
        "no",
        "not",
        "without",
    } & set(text)


@pytest.mark.parametrize(
    ("text", "tokens"),  # counted with CLIP's own vocabulary
    [
        ("a quiet library, morning light", 8),
        ("Photorealistic", 4),
        ("unpeopled scene, still life of objects", 11),
        ("обложка интервью", 19),
        ("", 2),
    ],
)
def test_tokens_are_estimated(text, tokens):
    assert clip_tokens(text) == pytest.approx(tokens, abs=2)


def test_a_prompt_is_cut_after_a_word():
    assert shortened("one two, three four", 6) == "one two, three"
    assert shortened("one two, three four", 5) == "one two"
    assert shortened("word") == "word"


def test_hints_say_what_will_not_be_read():
    assert prompt_hints("a quiet library, morning light") == []
    [russian] = prompt_hints("тихая библиотека утром")
    assert "English" in str(russian)
    [long] = prompt_hints("one two three four five " * 20)
    assert str(long).startswith("The prompt has about 102 tokens; Stable Diffusion reads the first 77")
    assert "…three four five”" in str(long)


def test_english_is_told_by_its_letters():
    assert is_english("a café in Kyiv")
    assert not is_english("кот")
    assert not is_english("…")
