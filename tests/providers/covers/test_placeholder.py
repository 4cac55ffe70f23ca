from __future__ import annotations

import logging
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from providers.covers.palette import MIN_CONTRAST, PALETTES, contrast, palette_for
from providers.covers.placeholder import HEADLINE, LAYOUTS, Placeholder, font, measure, plan, quiet
from providers.covers.typeset import CLINGING, set_title, tidy
from providers.types import CoverBrief
from tests.providers.covers.pictures import opened

TITLES = [
    "Интервью",
    "«Мы не боимся тишины»: режиссёр Анна Волкова — о документальном кино и работе без сценария",
    "Как устроена жизнь в посёлке, где зимой не бывает солнца",
    "Достопримечательности Екатеринбурга глазами реставратора",
    "Рентгеноэлектрокардиографический кабинет и человеконенавистничество",
    "Почему в 2026 году мы всё ещё спорим о том, как учить детей читать, и что с этим делать учителям, "
    "родителям, библиотекарям и всем, кому не всё равно, в небольших городах и больших сёлах",
    "«Ґрунт під ногами»: як українські фермери повертають життя степу",
    "Її голос чують усі: історія їдальні, яку відкрили двоє друзів у Львові",
    "Об'єднання громад: що змінилося за п'ять років",
    "The quiet engineers who keep the city’s water running",
    "What we talk about when we talk about bread",
    "А. С. Пушкин и № 5: от Санкт-Петербурга до Ростова-на-Дону за 20 лет",
    "ы" * 200,
    "слово " * 150,
]


def brief_for(title: str, number: int = 0, **more) -> CoverBrief:
    return CoverBrief(title=title, prompt="p", slug=f"article-{number}", **more)


BRIEFS = [brief_for(title, number) for title in TITLES for number in range(6)]


def test_it_says_what_it_is(brief, caplog):
    image = Placeholder.from_env({}).generate(brief)
    assert image.is_placeholder
    assert (image.width_px, image.height_px, image.mime) == (1200, 630, "image/jpeg")
    assert opened(image.data).size == (1200, 630)
    assert len(image.data) < 300_000
    [record] = caplog.records
    assert (record.getMessage(), record.levelno) == ("Using placeholder image", logging.WARNING)
    assert record.backend == "placeholder"


@pytest.mark.parametrize("size", [(1200, 630), (1080, 1080), (600, 315), (1920, 1080)])
def test_any_size(brief, size):
    image = Placeholder().generate(replace(brief, width_px=size[0], height_px=size[1]))
    assert opened(image.data).size == size


def test_the_same_article_gives_the_same_bytes_in_another_process(brief):
    code = (
        "import sys, hashlib; from providers.covers.placeholder import Placeholder;"
        "from providers.types import CoverBrief;"
        "b = CoverBrief(title='Интервью', prompt='x', slug='intervyu');"
        "print(hashlib.sha256(Placeholder().generate(b).data).hexdigest())"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code], cwd=Path(__file__).parents[3],
            capture_output=True, text=True, check=True, env=os.environ | {"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(runs) == 1
    assert Placeholder().generate(brief).data == Placeholder().generate(brief).data


def test_other_articles_look_different():
    pictures = {Placeholder().generate(brief_for("Интервью", n)).data for n in range(8)}
    assert len(pictures) == 8
    assert {plan(brief_for("Интервью", n)).layout.name for n in range(20)} == {
        layout.name for layout in LAYOUTS
    }


def test_a_section_keeps_its_colour():
    one, other = brief_for("А", 1, section="Культура"), brief_for("Б", 2, section=" культура ")
    assert plan(one).palette == plan(other).palette
    assert len({palette_for("", f"slug-{n}") for n in range(60)}) == len(PALETTES)


@pytest.mark.parametrize("brief", BRIEFS, ids=lambda b: b.slug)
def test_the_title_fits(brief):
    made = plan(brief)
    left, top, right, bottom = made.layout.title
    face = font(HEADLINE, made.typeset.size_px)
    assert 1 <= len(made.typeset.lines) <= 4
    assert max(face.getlength(line) for line in made.typeset.lines) <= (right - left) * 1.02
    assert made.typeset.height_px <= bottom - top


@pytest.mark.parametrize("brief", BRIEFS[:-12], ids=lambda b: b.slug)
def test_no_word_is_lost_or_changed(brief):
    typeset = plan(brief).typeset
    shown = "".join(line.replace(" ", "").removesuffix("-") for line in typeset.lines)
    assert shown.replace("-", "") == tidy(brief.title).replace(" ", "").replace("-", "")


@pytest.mark.parametrize("brief", BRIEFS[-12:], ids=lambda b: b.slug)
def test_what_four_lines_cannot_hold_is_cut_visibly(brief):
    assert plan(brief).typeset.lines[-1].endswith("…")


@pytest.mark.parametrize("brief", BRIEFS, ids=lambda b: b.slug)
def test_nothing_hangs_at_a_line_end(brief):
    for line in plan(brief).typeset.lines[:-1]:
        last = line.split()[-1]
        assert last.casefold() not in CLINGING
        assert last in ("—", "–") or not last.isalnum() or len(last) > 2
    for line in plan(brief).typeset.lines:
        assert not line.startswith(("—", "»", ",", ":"))
        assert not line.endswith(("«", "№"))


@pytest.mark.parametrize("palette", PALETTES, ids=lambda p: p.accent)
@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda p: p.name)
def test_text_is_readable_on_its_ground(layout, palette):
    title, label, ground = layout.colours(palette)
    assert contrast(title, ground) >= MIN_CONTRAST
    assert contrast(label, ground) >= MIN_CONTRAST


@pytest.mark.parametrize("palette", PALETTES, ids=lambda p: p.accent)
def test_text_is_readable_where_a_ring_crosses_it(palette):
    assert contrast(palette.cream, quiet(palette, 0.9)) >= MIN_CONTRAST


def test_contrast_is_the_known_one():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("letter", "АЯаяЁёІіЇїЄєҐґŁłčß«»„“”’—–…№€₴₽")
def test_the_fonts_have_the_letter(letter):
    missing = font(HEADLINE, 60).getmask("\U0010ffff")
    drawn = font(HEADLINE, 60).getmask(letter)
    assert (drawn.size, bytes(drawn)) != (missing.size, bytes(missing))


def test_it_is_kerned_by_the_basic_layout():
    assert measure(HEADLINE)("То") < measure(HEADLINE)("Т") + measure(HEADLINE)("о")


def test_signs_the_fonts_lack_are_dropped():
    assert tidy("  Хлеб 🍞 и « зрелища » 日本 !") == "Хлеб и «зрелища»!"
    assert tidy("п'ять") == "п’ять"
    assert Placeholder().generate(brief_for("🍞")).is_placeholder
    assert Placeholder().generate(brief_for("")).is_placeholder


def test_a_long_word_is_hyphenated_between_syllables():
    typeset = set_title("Человеконенавистничество", measure(HEADLINE), 300, 400, largest_px=60)
    assert len(typeset.lines) > 1
    assert all(line.endswith("-") for line in typeset.lines[:-1])
    assert not any(line[0] in "ьъй" for line in typeset.lines)
