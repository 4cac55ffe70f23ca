"""How long a drawn placeholder takes, and a sheet of them to look at: twelve titles, three languages.

python -m bench.placeholders --sheet docs/placeholders.jpg
"""

from __future__ import annotations

import argparse
import io
import logging
import math
import random
import statistics
import time
from pathlib import Path

from PIL import Image as Pillow

from bench.machine import p95, report
from providers.covers.placeholder import Placeholder
from providers.types import CoverBrief

TITLES = (  # title, section: long words, quotation marks, numbers, one word, three lines
    ("Интервью", "Общество"),
    (
        "«Мы не боимся тишины»: режиссёр Анна Волкова — о документальном кино и работе без сценария",
        "Культура",
    ),
    ("Как устроена жизнь в посёлке, где зимой не бывает солнца", "Репортаж"),
    ("Достопримечательности Екатеринбурга глазами реставратора", "Город"),
    ("Рентгеноэлектрокардиографический кабинет открыли в районной больнице", "Медицина"),
    ("На линии будут работать восемь новых трамваев с низким полом", "Транспорт"),
    ("«Ґрунт під ногами»: як українські фермери повертають життя степу", "Економіка"),
    ("Її голос чують усі: історія їдальні, яку відкрили двоє друзів у Львові", "Місто"),
    ("Об'єднання громад: що змінилося за п'ять років", "Політика"),
    ("The quiet engineers who keep the city’s water running", "City"),
    ("What we talk about when we talk about bread", "Food"),
    ("А. С. Пушкин и № 5: от Санкт-Петербурга до Ростова-на-Дону за 20 лет", "История"),
)
COLUMNS, WIDTH_PX = 3, 560
ROUNDS = 5


def briefs() -> list[CoverBrief]:
    return [
        CoverBrief(title=title, prompt="", slug=f"title-{n}", section=section, waveform=talk(n))
        for n, (title, section) in enumerate(TITLES)
    ]


def talk(seed: int) -> tuple[float, ...]:
    """Peaks like those of a conversation: phrases with pauses between them."""
    rng = random.Random(seed)
    return tuple(max(0.02, math.sin(n / rng.uniform(9, 11))) * rng.uniform(0.3, 1) for n in range(400))


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--sheet", type=Path, help="where the sheet goes, as JPEG")
    sheet = asked.parse_args().sheet
    logging.disable(logging.WARNING)
    drawer, took, pictures = Placeholder(), [], []
    for _ in range(ROUNDS):
        pictures.clear()
        for brief in briefs():
            begun = time.perf_counter()
            pictures.append(drawer.generate(brief))
            took.append((time.perf_counter() - begun) * 1000)
    rows = [("cover and square", f"{statistics.median(took):.0f} ms", f"{p95(took):.0f} ms")]
    report(f"Placeholders, {len(took)} drawings", ("what", "median", "p95"), rows)
    if sheet:
        height_px = round(WIDTH_PX * 630 / 1200)
        whole = Pillow.new(
            "RGB", (COLUMNS * WIDTH_PX, math.ceil(len(pictures) / COLUMNS) * height_px), "white"
        )
        for n, picture in enumerate(pictures):
            one = Pillow.open(io.BytesIO(picture.data)).resize((WIDTH_PX, height_px))
            whole.paste(one, (n % COLUMNS * WIDTH_PX, n // COLUMNS * height_px))
        whole.save(sheet, quality=80)


if __name__ == "__main__":
    main()
