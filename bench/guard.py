"""How well the guard judges quotes: seeded faults in made interviews its rules were not written on.

Side by side with an exact substring, likeness of words and of letters, and gtrex (pip install gtrex).
Everybody and everything in `guard_interviews` is invented; see the README there.
"""

from __future__ import annotations

import argparse
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from importlib.util import find_spec

from automation import transcript
from automation.article import check_quotes, pointer
from automation.grounding.guard import judge
from automation.grounding.recording import Recording
from automation.transcript import Transcript
from bench.guard_quotes import KINDS, PARTS, SECOND_PER_WORD, Case, Interview, Line, cases, load
from bench.machine import report

ACCEPTED = ("exact", "cleaned")
RATIOS = (0.75, 0.85, 0.90, 0.95)
LANGUAGES = ("ru", "uk", "en")
ARTICLE_QUOTES, FAIR_OF_EACH, HOUR_S = 100, 12, 3600
TYPED_WORDS = 6
PUNCTUATION = re.compile(r"[^\w\s'’-]")
FAIR = {kind for kind, fair, _ in KINDS if fair}

Accepts = Callable[[Interview, Case], bool]


@cache
def _recording(name: str, part: str, noisy: bool) -> Recording:
    lines = next(interview for interview in load(part) if interview.name == name).lines
    if noisy:
        lines = [replace(line, text=PUNCTUATION.sub("", line.text).lower()) for line in lines]
    return Recording(lines)


def guard(part: str, noisy: bool = False) -> Accepts:
    def accepts(interview: Interview, case: Case) -> bool:
        recording = _recording(interview.name, part, noisy)
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


def judges() -> dict[str, Accepts]:
    """Every other way to judge that this machine has."""
    found: dict[str, Accepts] = {"substring": substring}
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
    part: str, seed: int, by: dict[str, Accepts], show: str = "", language: str = ""
) -> tuple[Counter[str], dict[str, Counter[str]]]:
    """Quotes per kind, and per judge the fair ones it flagged and the faults it accepted."""
    total: Counter[str] = Counter()
    wrong: dict[str, Counter[str]] = {name: Counter() for name in by}
    chosen = [interview for interview in load(part) if language in ("", interview.language)]
    for interview, case in cases(chosen, seed):
        total[case.kind] += 1
        for name, accepts in by.items():
            if accepts(interview, case) != case.fair:
                wrong[name][case.kind] += 1
                if name == show:
                    verdict = judge(
                        case.text, case.speaker, case.pointers, _recording(interview.name, part, False)
                    )
                    print(f"{interview.name} | {case.kind} | {case.text} | {verdict.grade} "
                          f"{[str(flag) for flag in verdict.flags]}")  # fmt: skip
    return total, wrong


def hour_of_talk() -> tuple[Transcript, str]:
    """An hour of talk out of the interviews, and an article with 100 of its quotes, half of them typed."""
    lines: list[transcript.Line] = []
    quotes: list[str] = []
    for interview in load("all"):
        shift, at_s = len(lines), lines[-1].end_s if lines else 0.0
        if at_s >= HOUR_S:
            break
        lines += [
            transcript.Line(l.idx + shift, l.start_s + at_s, l.end_s + at_s, f"{interview.name} {l.speaker}",
                            l.name, l.text, _timed(l, at_s))
            for l in interview.lines  # noqa: E741
        ]  # fmt: skip
        made = [case for _, case in cases([interview], 7)]
        fair = [c for c in made if c.fair][::4]
        bad = [c for c in made if not c.fair and c.kind != "translated"][::30]
        fair = [case for case in fair if len(case.text.split()) >= TYPED_WORDS]
        for n, case in enumerate([*fair[:FAIR_OF_EACH], *bad[:1]]):
            pointers = [idx + shift for idx in case.pointers]
            typed = n % 2 or not pointers
            quotes.append(
                f"«{case.text.strip('«»')}»" if typed else f"> {case.text} [0:00]({pointer(pointers)})"
            )
    step = len(quotes) / ARTICLE_QUOTES
    chosen = [quotes[int(n * step)] for n in range(ARTICLE_QUOTES)]
    names = {line.speaker: line.name for line in lines}
    return Transcript(tuple(lines), names), "\n\n".join(chosen)


def _timed(line: Line, at_s: float) -> tuple[list[object], ...]:
    words = line.text.split()
    begins = [line.start_s + at_s + SECOND_PER_WORD * n for n in range(len(words) + 1)]
    return tuple([word, begins[n], begins[n + 1], 0.9] for n, word in enumerate(words))


def article_ms(runs: int = 20) -> dict[str, float]:
    """Milliseconds of processor time to check a hundred quotes on an hour of talk, and how many there were.

    Processor time, because a busy machine changes it little. "process": the first call of a process, which
    loads the dictionaries; "transcript": the first call on a transcript; "corrected": after one sentence was
    corrected; "warm": the mean of the calls that follow.
    """
    said, body = hour_of_talk()

    def taken(transcript: Transcript) -> float:
        begun = time.process_time()
        found.append(len(check_quotes(body, transcript)))
        return (time.process_time() - begun) * 1000

    found: list[int] = []
    lines = list(said.lines)
    lines[100] = replace(lines[100], text=f"{lines[100].text} Да.")
    corrected = replace(said, lines=tuple(lines))
    other = replace(said, lines=tuple(replace(line, text=line.text + " ") for line in said.lines))
    figures = {"process": taken(said), "transcript": taken(other), "corrected": taken(corrected)}
    figures["warm"] = sum(taken(said) for _ in range(runs)) / runs
    return {**figures, "quotes": found[0], "words": sum(len(line.text.split()) for line in said.lines)}


def print_table(part: str, seed: int, by: dict[str, Accepts], show: str, noisy: bool) -> None:
    total, wrong = wrong_per_kind(part, seed, by, show)
    rows: list[Sequence[object]] = []
    for kind, fair, _ in KINDS:
        mark = "fair" if fair else "fault"
        rows.append((kind, mark, total[kind], *(wrong[name][kind] for name in by)))
    for title, kinds in (("fair, flagged", FAIR), ("faults, accepted", set(total) - FAIR)):
        count = sum(total[kind] for kind in kinds)
        shares = [sum(wrong[name][kind] for kind in kinds) / count for name in by]
        rows.append((title, "all", count, *(f"{share:.1%}" for share in shares)))
    report(
        f"{sum(total.values())} quotes, {part}{', without punctuation' if noisy else ''}, seed {seed}: "
        "wrong verdicts (fair but flagged, a fault accepted)",
        ("kind", "is", "n", *by),
        rows,
    )


def print_languages(part: str, seed: int, noisy: bool) -> None:
    """The guard alone, per language and kind: wrong verdicts of all."""
    rows: list[Sequence[object]] = []
    counts = {}
    for language in LANGUAGES:
        total, wrong = wrong_per_kind(part, seed, {"guard": guard(part, noisy)}, language=language)
        counts[language] = total, wrong["guard"]
    for kind, fair, _ in KINDS:
        cells = [f"{counts[it][1][kind]} of {counts[it][0][kind]}" for it in LANGUAGES]
        rows.append((kind, "fair" if fair else "fault", *cells))
    for title, fair in (("fair, flagged", True), ("faults, accepted", False)):
        kinds = [kind for kind, is_fair, _ in KINDS if is_fair == fair]
        shares = [
            sum(counts[it][1][kind] for kind in kinds) / sum(counts[it][0][kind] for kind in kinds)
            for it in LANGUAGES
        ]
        rows.append((title, "all", *(f"{share:.1%}" for share in shares)))
    report("the guard by language: wrong verdicts", ("kind", "is", *LANGUAGES), rows)


def print_speed() -> None:
    taken = article_ms()
    rows = [(name, f"{taken[name]:.1f} ms") for name in ("process", "transcript", "corrected", "warm")]
    report(
        f"check_quotes: an article with {taken['quotes']} quotes on an hour of talk ({taken['words']} words)",
        ("call", "processor time"),
        rows,
    )


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--part", choices=(*PARTS, "all"), default="fresh")
    asked.add_argument("--noisy", action="store_true", help="transcripts without punctuation and capitals")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--only-guard", action="store_true")
    asked.add_argument("--show", default="", help="print the wrong verdicts of this judge")
    args = asked.parse_args()
    by = {"guard": guard(args.part, args.noisy)}
    print_speed()
    print_table(args.part, args.seed, by if args.only_guard else {**by, **judges()}, args.show, args.noisy)
    print_languages(args.part, args.seed, args.noisy)


if __name__ == "__main__":
    main()
