"""How many misheard names the glossary puts right, and how many words it should have left alone.

Names of `glossary_names/` are misspelled as recognisers misspell them (vowels that sound alike, voice, soft
and doubled letters, lost letters, words split and joined), by a table that is not the matcher's. Right: the
name as it stands in the sentence, in its case. Wrong: anything else that was changed, there, in sentences
with similar words and names, and in the guard's interviews.
"""

from __future__ import annotations

import argparse
import random
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from automation.glossary.forms import Entry
from automation.glossary.matching import Glossary, Match
from bench.guard_quotes import load as interviews
from bench.machine import report

HERE = Path(__file__).parent
MARK = re.compile(r"\[([^\]]+)\]\{([^;}]+);(\w+)\}")
WAYS = 8  # each name is misheard so many times
VOWELS = {
    "о": "ау", "а": "о", "е": "иэ", "и": "еы", "і": "иї", "ї": "иі", "є": "е", "я": "еа", "ы": "и",
    "у": "юо", "ю": "у", "э": "е", "ё": "ео",
}  # fmt: skip
CONSONANTS = {
    "б": "п", "п": "б", "в": "ф", "ф": "в", "г": "хк", "к": "г", "х": "г", "д": "т", "т": "д", "ж": "ш",
    "ш": "жщ", "з": "с", "с": "з", "ц": "с", "ч": "щ", "щ": "ш", "м": "н", "н": "м", "л": "р", "р": "л",
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A sentence as heard; `wanted`: the same words as they should stand."""

    language: str
    words: list[list[object]]
    wanted: list[str]
    is_misheard: bool
    source: str


def load(part: str) -> Iterator[tuple[str, str, bool]]:
    """(language, sentence with marks, whether it holds a name)."""
    for line in (HERE / "glossary_names" / f"{part}.txt").read_text("utf-8").splitlines():
        yield line[:2], line[3:].strip(), line[2] == ":"


def entries(part: str, language: str) -> list[Entry]:
    """All names of both parts: more to confuse with than those that are said."""
    names = {
        (name, kind)
        for one in ("dev", "heldout")
        for code, text, _ in load(one)
        if code == language
        for _, name, kind in MARK.findall(text)
    }
    return [Entry(n, name, (), kind) for n, (name, kind) in enumerate(sorted(names), 1)]


def misheard(name: str, dice: random.Random) -> str:
    """The name with one to three mistakes."""
    letters = list(name)
    for _ in range(dice.choices((1, 2, 3), (50, 35, 15))[0]):
        at = dice.randrange(len(letters))
        letter, is_last = letters[at].lower(), at == len(letters) - 1
        roll = dice.random()
        if letter in VOWELS and roll < 0.9:
            letters[at] = like(letters[at], dice.choice(VOWELS[letter]))
        elif letter in "ьъ'":
            letters[at] = ""
        elif letter in CONSONANTS and roll < 0.45:
            letters[at] = like(letters[at], dice.choice(CONSONANTS[letter]))
        elif letter in CONSONANTS and roll < 0.65 and not is_last and at:
            letters[at] = ""  # swallowed
        elif letter in CONSONANTS and roll < 0.8:
            letters[at] += letters[at].lower()
        elif roll < 0.87 and 3 < at < len(letters) - 3:
            letters[at] += " "
        elif letter in " -":
            letters[at] = dice.choice(("", " "))
        letters = list("".join(letters))
    text = "".join(letters)
    if (" " not in name and " " in text) or "-" in name:
        text = text[:1] + text[1:].lower()
    return text.lower() if dice.random() < 0.3 else text


def like(letter: str, other: str) -> str:
    return other.upper() if letter.isupper() else other


def cases(part: str, seed: int) -> Iterator[Case]:
    dice = random.Random(seed)
    for language, text, has_name in load(part):
        plain = MARK.sub(lambda m: m[1], text)
        yield Case(language, timed(plain, dice, 0.75), plain.split(), False, text)
        for _ in range(WAYS if has_name else 0):
            heard = MARK.sub(lambda m: misheard(m[1], dice), text)
            if heard != plain:
                yield Case(language, timed(heard, dice, 0.5), plain.split(), True, text)
    for interview in interviews(part):
        for line in interview.lines:
            if interview.name[:2] in ("ru", "uk"):
                words = timed(line.text, dice, 0.75)
                yield Case(interview.name[:2], words, line.text.split(), False, line.text)


def timed(text: str, dice: random.Random, surest: float) -> list[list[object]]:
    """Words with times and confidences; what was misheard is less sure."""
    return [[w, n / 2, n / 2 + 0.4, dice.uniform(surest, 1.0)] for n, w in enumerate(text.split())]


def measure(part: str, seed: int, show: bool = False) -> tuple[dict[str, Counter[str]], float, int]:
    """Per language: misheard, right, wrong, changed; milliseconds and words of all sentences."""
    told: dict[str, Counter[str]] = {"ru": Counter(), "uk": Counter()}
    made = list(cases(part, seed))
    glossaries = {code: Glossary(entries(part, code), code) for code in told}
    begun = time.perf_counter()
    results = [(case, glossaries[case.language].matches(case.words)) for case in made]
    taken = (time.perf_counter() - begun) * 1000
    for case, matches in results:
        count, texts = told[case.language], [str(word[0]) for word in case.words]
        right = [match for match in matches if stands(match, case.wanted)]
        for match in reversed(matches):
            texts[match.first : match.first + match.count] = match.text.split()
        count["words"] += len(case.words)
        count["misheard"] += case.is_misheard
        count["changed"] += len(matches)
        count["right"] += len(right)
        good = texts == case.wanted
        count["repaired"] += case.is_misheard and good
        if show and (matches or case.is_misheard) and not good:
            print(
                case.language, " ".join(str(w[0]) for w in case.words), [(m.heard, m.text) for m in matches]
            )
    return told, taken, sum(count["words"] for count in told.values())


def stands(match: Match, wanted: list[str]) -> bool:
    """Whether what was written stands there in the right sentence (a split word shifts it by one or two)."""
    text = match.text.split()
    places = range(max(0, match.first - 2), match.first + 3)
    return any(wanted[place : place + len(text)] == text for place in places)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--part", choices=("dev", "heldout"), default="heldout")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--show", action="store_true", help="print what stayed wrong")
    args = asked.parse_args()
    told, taken, words = measure(args.part, args.seed, args.show)
    rows: list[Sequence[object]] = []
    for name, count in (*told.items(), ("both", told["ru"] + told["uk"])):
        precision = count["right"] / max(1, count["changed"])
        recall = count["repaired"] / max(1, count["misheard"])
        wrong = count["changed"] - count["right"]
        numbers = count["words"], count["misheard"], count["changed"], wrong
        rows.append((name, *numbers, f"{precision:.3f}", f"{recall:.3f}"))
    report(
        f"{args.part}, seed {args.seed}: {words} words in {taken:.0f} ms",
        ("language", "words", "misheard", "changed", "wrong", "precision", "recall"),
        rows,
    )


if __name__ == "__main__":
    main()
