"""The glossary finds its terms, in the case that was heard; learns; and every word of it can be undone."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from automation.article import check_quotes
from automation.errors import NotFound, WrongState
from automation.glossary import learning, terms
from automation.glossary.forms import Entry, declined
from automation.glossary.matching import Glossary
from automation.glossary.phonetics import sound
from automation.models import Desk, Edit, Submission, Term, TermSuggestion
from automation.pipeline import glossary, review
from automation.pipeline.advance import load
from automation.transcript import view
from tests.fakes import NOW

ENTRIES = [
    Entry(1, "Кривий Ріг", ("Кривый Рог",), "place"),
    Entry(2, "Алексей Кудрин", (), "person"),
    Entry(3, "Гнездниковский", (), "place"),
    Entry(4, "OpenAI", ("опен эй ай",), "organisation"),
    Entry(5, "Укрметпостач", (), "organisation"),
]


def words(text: str, confidence: float = 0.9) -> list[list[object]]:
    return [[word, n / 2, n / 2 + 0.4, confidence] for n, word in enumerate(text.split())]


@pytest.fixture(scope="module")
def known() -> Glossary:
    return Glossary(ENTRIES, "ru")


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("Мы были в Кривом Роге, и там", [("Кривом Роге,", "Кривому Розі,")]),
        ("говорили с «Кутриным».", [("«Кутриным».", "«Кудриным».")]),
        ("пришёл Аликсей Кудрен", [("Аликсей Кудрен", "Алексей Кудрин")]),
        ("в гнезниковском переулке", [("гнезниковском", "Гнездниковском")]),
        ("в опен эй ай сказали", [("опен эй ай", "OpenAI")]),
        ("под Кривым. Рогом он", []),  # two sentences
    ],
)
def test_a_term_is_written_in_the_case_that_was_heard(known, heard, written):
    assert [(match.heard, match.text) for match in known.matches(words(heard))] == written


@pytest.mark.parametrize(
    "text",
    [
        "у козла кривой рог сломан",  # common words
        "кудри вьются у Кудрина",  # right already
        "Договор с Укрметпостачем подписан",  # a case pymorphy doesn't make is no mistake
        "нам помог Кудряшов",  # another name
        "",
    ],
)
def test_what_is_no_mistake_is_left_alone(known, text):
    assert known.matches(words(text)) == []


def test_a_doubtful_word_is_matched_more_freely(known):
    assert known.matches(words("сказал Гутлин вчера")) == []
    assert known.matches(words("в Гмесбимовском переулке")) == []
    assert [m.text for m in known.matches(words("в Гмесбимовском переулке", 0.3))] == ["Гнездниковском"]


def test_names_are_declined_as_they_should_be():
    assert ("Кривого", "Рогу") in declined("Кривий Ріг", "uk", "place")["gent"]
    assert declined("Олена Коваленко", "uk", "person")["ablt"] == (("Оленою", "Коваленко"),)
    assert declined("Тарас Коваленко", "uk", "person")["gent"] == (("Тараса", "Коваленка"),)
    assert declined("Міністерство оборони", "uk", "organisation")["datv"] == (("Міністерству", "оборони"),)
    assert declined("НАТО", "ru", "organisation") == {"nomn": (("НАТО",),)}


def test_what_sounds_the_same_has_one_key():
    assert sound("Зеленский") == sound("Зилинский")
    assert sound("Кривий Ріг") == sound("кривый риг")
    assert sound("Петренко") != sound("Бондаренко")


@pytest.fixture
def desk(room):
    """The first desk, with a glossary that finds the bridge of tests.fakes.TEXT."""
    with room.db.write() as session:
        found = session.scalars(select(Desk)).one()
        terms.add(session, found, "Мост имени Туполева", "мост", "term", "")
        return found.id


def marks(submission: Submission) -> list[tuple[int, str, str]]:
    return [(line.idx, mark.heard, mark.text) for line in view(submission).lines for mark in line.marks]


def changed(room, submission_id, act, *args, **more):
    with room.db.write() as session:
        submission = session.get_one(Submission, submission_id)
        act(session, submission, *args, **more)


def test_it_is_laid_over_the_transcript_as_rows_of_the_journal(room, desk, in_review):
    submission = load(room.db, in_review())
    assert marks(submission) == [
        (1, "мост?", "Мост имени Туполева?"),
        (2, "Мост", "Мост имени Туполева"),
    ]
    lines = view(submission).lines
    assert lines[1].text == "Мост имени Туполева откроют в марте."
    assert submission.segments[1].text == "Мост откроют в марте."  # the machine's row
    assert not any(line.edited for line in lines)
    assert all(edit.by_id is None and edit.op == "glossary" for edit in submission.edits)
    assert [word[0] for word in lines[1].words][3:] == ["откроют", "в", "марте."]
    assert lines[1].words[3][1:] == submission.segments[1].words[1][1:]  # times and confidence stay
    starts = [word[1] for word in lines[1].words]
    assert starts == sorted(starts)
    assert [quote.grade for quote in check_quotes(submission.drafts[0].body, view(submission))] == ["exact"]
    assert "Мост имени Туполева откроют" in submission.drafts[0].body


def test_what_is_undone_stays_undone(room, desk, in_review, editor):
    number = in_review()
    first = load(room.db, number).edits[0].id
    changed(room, number, glossary.undo, editor, NOW, number=first)
    assert [idx for idx, *_ in marks(load(room.db, number))] == [2]
    changed(room, number, glossary.apply, editor, NOW)
    assert [idx for idx, *_ in marks(load(room.db, number))] == [2]
    term = load(room.db, number).edits[0].payload["term"]
    changed(room, number, glossary.undo_term, editor, NOW, term=term)
    changed(room, number, glossary.apply, editor, NOW)
    assert marks(load(room.db, number)) == []
    with pytest.raises(NotFound):
        changed(room, number, glossary.undo_term, editor, NOW, term=term)


def test_a_changed_glossary_is_applied_when_asked(room, desk, in_review, editor):
    number = in_review()
    with room.db.write() as session:
        term = session.scalars(select(Term)).one()
        terms.write(session, term, "Мост", "", "term", "")
        terms.add(session, session.get_one(Desk, desk), "Опоры", "рельсы", "term", "")
    assert len(marks(load(room.db, number))) == 2  # nothing happens by itself
    changed(room, number, glossary.apply, editor, NOW)
    assert marks(load(room.db, number)) == [(5, "рельсы.", "Опоры.")]
    changed(room, number, glossary.apply, editor, NOW)
    assert len(load(room.db, number).edits) == 3


def test_a_sentence_a_person_corrected_is_theirs(room, desk, in_review, editor):
    number = in_review()
    changed(room, number, review.correct, editor, NOW, idx=2, text="Мост закроют в марте.")
    submission = load(room.db, number)
    assert [idx for idx, *_ in marks(submission)] == [1]
    assert view(submission).lines[1].edited
    changed(room, number, review.undo_edit, editor, NOW, idx=2)
    assert [idx for idx, *_ in marks(load(room.db, number))] == [1, 2]


def test_a_person_has_the_last_word_even_for_what_was_heard(room, desk, in_review, editor):
    number = in_review()
    changed(room, number, review.correct, editor, NOW, idx=2, text="Мост имени Туполева откроют в марте.")
    assert [idx for idx, *_ in marks(load(room.db, number))] == [1, 2]  # nothing was changed
    changed(room, number, review.correct, editor, NOW, idx=2, text="Мост откроют в марте.")
    line = view(load(room.db, number)).lines[1]
    assert (line.text, line.edited, line.marks) == ("Мост откроют в марте.", True, ())


def test_a_correction_made_while_the_rest_is_heard_teaches_too(room, in_review, editor):
    number = in_review()
    with room.db.write() as session:
        submission = session.get_one(Submission, number)
        submission.edits.append(
            Edit(op="early", segment_idx=None, by_id=editor.id, at=NOW, undone=False,
                 payload={"start_s": 0.0, "end_s": 0.6, "was": "Когда откроют мост?",
                          "text": "Когда откроют Гнездниковский?"})
        )  # fmt: skip
        session.flush()
        learning.learn(session, submission, NOW)
        learning.learn(session, submission, NOW)
        session.flush()
        offered = learning.offers(session, submission, view(submission))
        assert [(idx, s.wanted, s.count) for idx, found in offered.items() for s in found] == [
            (1, "Гнездниковский", 1)
        ]


def test_an_approved_transcript_is_not_touched(room, desk, in_review, editor):
    number = in_review()
    changed(room, number, review.approve, editor, NOW)
    with pytest.raises(WrongState):
        changed(room, number, glossary.apply, editor, NOW)
    with room.db.read() as session:
        one, other = session.get_one(Submission, number), session.get_one(Desk, desk)
        with pytest.raises(WrongState):
            glossary.assign(session, one, editor, NOW, other)


@pytest.mark.parametrize(
    ("heard", "wanted", "pairs"),
    [
        ("Мы жили в Кривом Роге долго.", "Мы жили в Кривому Розі долго.", [("Кривой Рог", "Кривий Ріг")]),
        ("Мы говорили с Кутриным.", "Мы говорили с Кудриным.", [("Кутрин", "Кудрин")]),
        ("он работал в опен эй ай тогда", "он работал в OpenAI тогда", [("опен эй ай", "OpenAI")]),
        ("мост открыли вчера", "мосты открыли вчера", []),
        ("Мы меняли рельсы.", "Вы меняли рельсы.", []),
        ("Да, мост.", "Да мост!", []),
    ],
)
def test_a_corrected_name_is_told_from_other_corrections(heard, wanted, pairs):
    assert learning.corrected_names(heard, wanted, "ru") == pairs


def test_corrections_gather_and_are_taken_once(room, in_review, editor):
    first, second = in_review(1), in_review(2)

    def correct(number: int, text: str) -> None:
        with room.db.write() as session:
            submission = session.get_one(Submission, number)
            review.correct(session, submission, editor, NOW, idx=1, text=text)
            session.flush()
            learning.learn(session, submission, NOW)

    correct(first, "Когда откроют Гнездниковский?")
    correct(first, "Когда откроют Гнездниковский!")
    correct(second, "Когда откроют Гнездниковский?")
    with room.db.write() as session:
        one = session.scalars(select(TermSuggestion)).one()
        assert (one.heard, one.wanted, one.count, one.state) == ("мост", "Гнездниковский", 2, "open")
        submission = session.get_one(Submission, first)
        offered = learning.offers(session, submission, view(submission))
        assert [s.wanted for s in offered[1]] == ["Гнездниковский"]
        learning.accept(session, one)
    with room.db.read() as session:
        assert [(t.canonical, t.variants) for t in session.scalars(select(Term))] == [
            ("Гнездниковский", ["мост"])
        ]
        submission = session.get_one(Submission, first)
        assert learning.offers(session, submission, view(submission)) == {}
    correct(second, "Откроют Гнездниковский?")
    with room.db.read() as session:
        assert session.scalars(select(TermSuggestion)).one().count == 2
        assert session.scalars(select(Edit).where(Edit.op == "glossary")).all() == []


def test_the_bench_stays_precise():
    from bench.glossary import measure

    told, _, _ = measure("heldout", 1)
    both = told["ru"] + told["uk"]
    assert both["right"] / both["changed"] >= 0.97
    assert both["repaired"] / both["misheard"] >= 0.6
