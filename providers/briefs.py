"""What an illustrator is asked for: an English brief for an article in Russian, Ukrainian or English.

Made offline from a table of subjects. No word of the title is copied, so no name, place or quote can reach a
vendor. When a vendor refuses a brief all the same, see `providers.covers.neutral`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping

from providers.errors import InputRejected

CLIP_TOKENS = 77  # the models read so far, beginning and end marks included; what follows is not looked at
MAX_SUBJECTS = 2  # more of them and the models draw a collage

# What a desk's pictures look like. A text encoder reads no "not": what is unwanted goes into the negative
# prompt, and a picture without people is asked for as a place or a thing.
STYLE_PRESETS: Mapping[str, str] = {
    "news": "documentary press photograph, natural light, sober colours, sharp focus, wide shot",
    "feature": "editorial illustration, textured gouache, warm muted palette, soft daylight, calm mood",
    "culture": "art magazine illustration, bold flat shapes, paper collage, rich colours, dramatic light",
    "sport": "dynamic sports illustration, diagonal composition, motion blur, vivid colours, stadium light",
    "politics": "restrained editorial illustration, symbolic objects, deep blue and grey, long shadows",
    "economy": "clean isometric illustration, geometric shapes, teal and amber, even light",
    "science": "precise scientific illustration, fine lines, cool palette, glowing details, dark ground",
    "city": "architectural photograph, early morning, empty street, soft haze, wide shot",
    "history": "archival etching, cross-hatching, sepia paper, fine grain, museum light",
    "portrait-free": "still life of everyday objects, unpeopled scene, window light, shallow depth of field",
    "minimal": "minimalist poster, two colours, one simple object, generous empty space, screen print",
}
DEFAULT_STYLE = "feature"

# The beginnings of the words a section may go by, in three languages.
_SECTIONS: Mapping[str, str] = {
    "news": "новост новин news срочно терминов",
    "culture": "культур culture искусств мистецтв art театр кино кіно музык музик литератур літератур",
    "sport": "спорт sport футбол хоккей хокей",
    "politics": "полит політ politic выбор вибор власть влада",
    "economy": "эконом економ econom бизнес бізнес business деньг грош финанс фінанс",
    "science": "наук science технол tech медиц health",
    "city": "город місто міст city urban транспорт",
    "history": "истори історі history архив архів",
}

# A thing or a place to draw, and the beginnings of the words that call for it. Three letters: the word.
_SUBJECTS: Mapping[str, str] = {
    "an empty classroom with wooden desks and a chalkboard": "школ учител вчител учні урок school teacher",
    "a university lecture hall, rows of empty seats": "универс універс студент професс професор univers",
    "tall library shelves and an open book": "библиот бібліот книг книж librar book писател",
    "a theatre stage, a red curtain, one spotlight": "театр спектак вистав актёр актор theatre stage",
    "an old film projector, its beam in the dust": "кино кіно фильм фільм режис сценар film cinema",
    "a grand piano in an empty hall": "музык музик концерт оркестр компози песн пісн music song orchestra",
    "a museum room with framed canvases": "музе выстав вистав художн живопис картин museum exhibition",
    "a stadium at dusk, a ball on the grass": "футбол стадион стадіон матч тренер football stadium coach",
    "skates and a stick beside an ice rink": "хокке хокей лёд hockey",
    "running shoes on a wet track": "марафон бег біг спорт олимп marathon athlet sport",
    "an empty parliament chamber with microphones": "депутат парламент закон полит політ parliament law",
    "a ballot box in a quiet hall": "выбор вибор голосован election vote",
    "the scales of justice on a courtroom table": "суд суды судь адвокат прокур court justice lawyer",
    "stacked coins and a growing plant": "эконом економ деньг грош бюджет инвест інвест налог money budget",
    "a workshop with tools and machines": "завод фабрик производ виробн цех инженер інженер factory engineer",
    "a wide field of wheat under a big sky": "фермер урож врож поле земл степ грунт ґрунт farm harvest soil",
    "fresh bread on a floured table": "хлеб хліб пекар bread bake",
    "a set table in a small café": "ресторан кафе їдальн столов кухн повар еда їжа food cook restaurant",
    "water pipes and a clear stream": "вода воды воду води водопров водогін water",
    "power lines across hills at sunrise": "энерг енерг электр електр power energy electric",
    "rails leading to the horizon": "поезд поїзд железн залізн вокзал railway train",
    "a bus on an empty avenue": "транспорт автобус трамва метро дорог bus road transport",
    "a hospital corridor with soft light": "врач лікар больниц лікарн медиц здоров doctor health nurse",
    "laboratory glassware on a bench": "наук учён учен вчен исслед дослід лаборат scien laborator research",
    "a telescope under a starry sky": "космос космич косміч звёзд зірк космонавт space astronom",
    "a circuit board seen from above, glowing lines": "технол компьют комп'ют програм нейро tech computer",
    "a village street with snow on the roofs": "село сёла села посёл посел деревн сільськ village rural",
    "city roofs in the morning": "город місто міста міст city cities urban",
    "scaffolding round an old stone facade": "реставр архитект архітект памятник restor architect",
    "a construction crane over new houses": "строит будів жиль житл квартир ремонт housing build",
    "a forest path in mist": "лес ліс лесн лісов эколог еколог природ forest nature climate ecolog",
    "a river bank with reeds": "река реки річк озер river lake",
    "a lighthouse and a calm sea": "море моря морск морськ sea ocean harbour",
    "frost on a window, blue winter light": "зима зимой зимн зимов снег сніг мороз холод winter snow",
    "wooden toys on a carpet": "дети детей детск дитин дитяч діти дітей child kid toy",
    "an armchair by a window, a knitted blanket": "пенси пенсі пожил бабуш бабус elderly",
    "parcels and candles on a table": "волонт благотвор благод допомог помощ volunteer charit",
    "old photographs and letters in a box": "истори історі архив архів память пам'ять спогад history",
    "a suitcase on an empty platform": "путеш подорож турист туризм travel tourist",
    "a vegetable garden after rain": "сад сады огород городник garden",
    "a sleeping dog by the door": "собак кошк котик животн тварин приют dog cat animal",
    "a radio studio with a lamp": "радио радіо подкаст журнал эфир ефір media radio podcast journalis",
    "a noticeboard outside a town hall": "громад община местн місцев community local council",
}
_NOTHING_KNOWN = "two empty chairs, a small table and a microphone"  # every article here was an interview

_PIECE = re.compile(r"'s|[a-z]+|[^\W\d_a-z]+|\d|[^\s\w]+|_+", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")


def image_brief(
    title: str, tags: Iterable[str] = (), section: str = "", *, style: str = "", written: str = ""
) -> str:
    """The brief: what to draw, then the style; within 77 CLIP tokens.

    `style`: one of STYLE_PRESETS; empty: the section's. `written`: the subject in English as a writer put it;
    one that is not English is passed over.
    """
    subject = " ".join(written.split()).rstrip(" .,;")
    if not subject or not is_english(subject):
        subject = ", ".join(subjects(" ".join([title, *tags, section])))
    manner = STYLE_PRESETS[style if style in STYLE_PRESETS else style_for(section, tags)]
    room = CLIP_TOKENS - (clip_tokens(manner) - 2) - 1  # the manner without its two marks, and a comma
    return f"{shortened(subject, room)}, {manner}"


def subjects(text: str) -> list[str]:
    """Up to two things to draw, in the order in which the text calls for them."""
    found: list[str] = []
    for word in _words(text):
        for subject, stems in _SUBJECTS.items():
            if subject not in found and _begins(word, stems):
                found.append(subject)
                break
        if len(found) == MAX_SUBJECTS:
            break
    return found or [_NOTHING_KNOWN]


def style_for(section: str, tags: Iterable[str] = ()) -> str:
    """The preset of a section, else of the first tag that has one."""
    for name in (section, *tags):
        for word in _words(name):
            for style, stems in _SECTIONS.items():
                if _begins(word, stems):
                    return style
    return DEFAULT_STYLE


def _begins(word: str, stems: str) -> bool:
    return any(
        word in (stem, f"{stem}s") if len(stem) <= 3 else word.startswith(stem) for stem in stems.split()
    )


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)*", text.casefold().replace("’", "'").replace("ʼ", "'"))


def shortened(text: str, tokens: int = CLIP_TOKENS) -> str:
    """The text cut after a word so that it has at most so many CLIP tokens."""
    words = text.split()
    while len(words) > 1 and clip_tokens(" ".join(words)) > tokens:
        words.pop()
    return " ".join(words).rstrip(" ,;:–—-")


def clip_tokens(text: str) -> int:
    """An estimate that is seldom too low: common English words are one token, long and foreign ones several.

    Source: https://github.com/openai/CLIP/blob/main/clip/simple_tokenizer.py (how a text is taken apart).
    """
    return 2 + sum(_tokens_of(piece) for piece in _PIECE.findall(text))


def _tokens_of(piece: str) -> int:
    if not piece.isascii():
        return math.ceil(1.2 * len(piece))
    return 1 if len(piece) <= 9 or not piece.isalpha() else math.ceil(len(piece) / 5)


def is_english(text: str) -> bool:
    """Whether nearly all its letters are Latin: what the models' text encoders were taught."""
    letters = _LETTER.findall(text)
    return bool(letters) and sum(letter.isascii() for letter in letters) >= 0.9 * len(letters)


def prompt_hints(prompt: str) -> list[InputRejected]:
    """What may be sent, and will not be read as it was meant. Never raised: messages for the editor."""
    hints: list[InputRejected] = []
    if not is_english(prompt):
        hints.append(
            InputRejected("The picture models read English; this prompt will be understood by chance.")
        )
    tokens = clip_tokens(prompt)
    if tokens > CLIP_TOKENS:
        end = " ".join(shortened(prompt).split()[-3:])
        hints.append(
            InputRejected(
                "The prompt has about %(tokens)s tokens; Stable Diffusion reads the first %(limit)s, up to "
                "“…%(end)s”.",
                tokens=tokens, limit=CLIP_TOKENS, end=end,
            )
        )  # fmt: skip
    return hints
