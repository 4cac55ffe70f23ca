"""How well the guard judges quotes: seeded faults in six made interviews it was not written on.

Side by side with an exact substring, likeness of words and of letters, and gtrex (pip install gtrex).
The six held-out interviews are invented, as everything in `guard_interviews`; see the README there.
"""

from __future__ import annotations

import argparse
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from importlib.util import find_spec

from automation.grounding.guard import judge
from automation.grounding.numbers import numerals, signs
from automation.grounding.recording import Recording
from bench.guard_quotes import KINDS, Case, Interview, Line, cases, load
from bench.machine import report

ACCEPTED = ("exact", "cleaned")
RATIOS = (0.75, 0.85, 0.90, 0.95)
ARTICLE_QUOTES, TRANSCRIPT_WORDS = 100, 10_000
FAIR = {kind for kind, fair, _ in KINDS if fair}

Accepts = Callable[[Interview, Case], bool]


@cache
def _recording(name: str, part: str) -> Recording:
    return Recording(next(interview for interview in load(part) if interview.name == name).lines)


def guard(part: str) -> Accepts:
    def accepts(interview: Interview, case: Case) -> bool:
        recording = _recording(interview.name, part)
        return judge(case.text, case.speaker, case.pointers, recording).grade in ACCEPTED

    return accepts


def substring(interview: Interview, case: Case) -> bool:
    return case.text.strip("«»") in interview.text


def word_ratio(interview: Interview, text: str) -> float:
    """The likest stretch of as many words: 2 × common / all."""
    from rapidfuzz.distance import Indel

    words, said = _words(text), _words(interview.text)
    places = range(max(1, len(said) - len(words) + 1))
    return max(Indel.normalized_similarity(words, said[at : at + len(words)]) for at in places)


def letter_ratio(interview: Interview, text: str) -> float:
    """The likest stretch of as many letters."""
    from rapidfuzz import fuzz

    return fuzz.partial_ratio(" ".join(_words(text)), " ".join(_words(interview.text))) / 100


@cache
def _verifier(text: str):
    import gtrex

    return gtrex.Verifier(text)


def gtrex_accepts(interview: Interview, case: Case) -> bool:
    return _verifier(interview.text).verify(case.text).grounded


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def judges(part: str) -> dict[str, Accepts]:
    """Every way to judge that this machine has."""
    found: dict[str, Accepts] = {"guard": guard(part), "substring": substring}
    if find_spec("rapidfuzz"):
        for name, ratio in (("words", cache_ratio(word_ratio)), ("letters", cache_ratio(letter_ratio))):
            for limit in RATIOS:
                found[f"{name} {limit:.2f}"] = lambda it, case, r=ratio, at=limit: r(it, case.text) >= at
    if find_spec("gtrex"):
        found["gtrex"] = gtrex_accepts
    return found


def cache_ratio(ratio: Callable[[Interview, str], float]) -> Callable[[Interview, str], float]:
    known: dict[tuple[str, str], float] = {}

    def cached(interview: Interview, text: str) -> float:
        key = interview.name, text
        if key not in known:
            known[key] = ratio(interview, text)
        return known[key]

    return cached


def wrong_per_kind(
    part: str, seed: int, by: dict[str, Accepts], show: str = ""
) -> tuple[Counter[str], dict[str, Counter[str]]]:
    """Quotes per kind, and per judge the fair ones it flagged and the faults it accepted."""
    total: Counter[str] = Counter()
    wrong: dict[str, Counter[str]] = {name: Counter() for name in by}
    for interview, case in cases(load(part), seed):
        total[case.kind] += 1
        for name, accepts in by.items():
            if accepts(interview, case) != case.fair:
                wrong[name][case.kind] += 1
                if name == show:
                    verdict = judge(case.text, case.speaker, case.pointers, _recording(interview.name, part))
                    print(f"{interview.name} | {case.kind} | {case.text} | {verdict.grade} "
                          f"{[str(flag) for flag in verdict.flags]}")  # fmt: skip
    return total, wrong


def article_ms(part: str, runs: int = 5) -> dict[str, float]:
    """Milliseconds to index a transcript of 10,000 words and to judge an article's 100 quotes."""
    lines: list[Line] = []
    quotes: list[Case] = []
    made = list(cases(load(part), 7))
    while sum(len(line.text.split()) for line in lines) < TRANSCRIPT_WORDS:
        for interview in load(part):
            shift, at_s = len(lines), lines[-1].end_s if lines else 0.0
            if not shift or len(quotes) < len(made):
                quotes += [
                    Case(c.kind, c.fair, c.text, None, tuple(idx + shift for idx in c.pointers))
                    for it, c in made
                    if it.name == interview.name
                ]
            lines += [
                Line(l.idx + shift, l.start_s + at_s, l.end_s + at_s, l.speaker, l.name, l.text, l.turn)
                for l in interview.lines  # noqa: E741
            ]
    numerals(), signs()
    begun = time.perf_counter()
    recording = Recording(lines)
    taken = {"index": (time.perf_counter() - begun) * 1000}
    fair = [case for case in quotes if case.fair]
    bad = [case for case in quotes if not case.fair]
    step = max(1, len(fair) // 90)
    usual = fair[::step][:90] + bad[:: max(1, len(bad) // 10)][:10]
    for name, article in (("usual", usual), ("all faulty", bad[:: max(1, len(bad) // 100)][:ARTICLE_QUOTES])):
        best = []
        for _ in range(runs):
            begun = time.perf_counter()
            for case in article:
                judge(case.text, case.speaker, case.pointers, recording)
            best.append((time.perf_counter() - begun) * 1000)
        taken[name] = min(best) * ARTICLE_QUOTES / len(article)
    return taken


def print_table(part: str, seed: int, by: dict[str, Accepts], show: str) -> None:
    total, wrong = wrong_per_kind(part, seed, by, show)
    rows: list[Sequence[object]] = []
    for kind, fair, _ in KINDS:
        mark = "fair" if fair else "fault"
        rows.append((kind, mark, total[kind], *(wrong[name][kind] for name in by)))
    for title, kinds in (("fair, flagged", FAIR), ("faults, accepted", set(total) - FAIR)):
        count = sum(total[kind] for kind in kinds)
        shares = [sum(wrong[name][kind] for kind in kinds) / count for name in by]
        rows.append((title, "all", count, *(f"{share:.1%}" for share in shares)))
    taken = article_ms(part)
    report(
        f"{sum(total.values())} quotes, {part}, seed {seed}: wrong verdicts (fair but flagged, a fault "
        f"accepted). {ARTICLE_QUOTES} on {TRANSCRIPT_WORDS} words: {taken['usual']:.0f} ms (one in ten "
        f"faulty), {taken['all faulty']:.0f} ms (all faulty), index {taken['index']:.0f} ms",
        ("kind", "is", "n", *by),
        rows,
    )


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--part", choices=("dev", "heldout"), default="heldout")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--only-guard", action="store_true")
    asked.add_argument("--show", default="", help="print the wrong verdicts of this judge")
    args = asked.parse_args()
    by = {"guard": guard(args.part)} if args.only_guard else judges(args.part)
    print_table(args.part, args.seed, by, args.show)


if __name__ == "__main__":
    main()
