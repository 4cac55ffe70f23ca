"""What is off the record: which words it covers, that nothing usable has them, and who repeats them."""

from __future__ import annotations

import pytest

from automation.article import check_quotes, to_html
from automation.errors import InvalidSubmission, NotFound, WrongState
from automation.grounding.silence import PLACEHOLDER, first_part
from automation.models import Cover, Draft, Edit, Status, Submission
from automation.pipeline import cover_review, review
from automation.pipeline.advance import advance, load
from automation.pipeline.cover import _brief
from automation.pipeline.draft import run as write
from automation.pipeline.silencing import put_back, stretch, take_off
from automation.reuse import cleaned, reuses, secrets_of
from automation.transcript import view
from providers.chain import Outcome
from tests.acts import write_version
from tests.fakes import NOW, FakeDrafting

SECRET = "Ремонт стоил сорок миллионов рублей."


def off(room, submission_id, editor, *places):
    """Marks stretches: (line, word or None, line, word or None)."""
    with room.db.write() as session:
        submission = session.get_one(Submission, submission_id)
        for first, first_word, last, last_word in places:
            lines = view(submission, confidential=True)
            span = stretch(lines.line(first), lines.line(last), first_word, last_word)
            take_off(session, submission, editor, NOW, start_s=span[0], end_s=span[1])


def approve(room, submission_id, editor):
    with room.db.write() as session:
        review.approve(session, session.get_one(Submission, submission_id), editor, NOW)


def line_of(submission, text):
    return next(line.idx for line in view(submission, confidential=True).lines if line.text == text)


def test_a_line_is_left_out_and_the_numbers_stay(room, in_review, editor) -> None:
    number = in_review()
    before = view(load(room.db, number))
    secret = line_of(load(room.db, number), SECRET)
    off(room, number, editor, (secret, None, secret, None))
    submission = load(room.db, number)
    after = view(submission)
    assert [line.idx for line in after.lines] == [line.idx for line in before.lines]
    assert [s.id for s in after.sentences()] == [s.id for s in before.sentences() if s.id != f"S{secret}"]
    assert after.line(secret).text == ""
    assert after.line(secret).is_silent
    kept = view(submission, confidential=True).line(secret)
    assert kept.text == SECRET
    assert kept.off == tuple(range(5))
    body = f"> {SECRET} [0:01](#s{secret})\n"
    assert check_quotes(body, after)[0].grade == "not_found"
    assert "data-start" not in to_html(body, after, link_quotes=True)


def test_words_within_a_line_become_one_placeholder(room, in_review, editor) -> None:
    number = in_review()
    secret = line_of(load(room.db, number), SECRET)
    off(room, number, editor, (secret, 2, secret, 3))
    after = view(load(room.db, number))
    assert after.line(secret).text == f"Ремонт стоил {PLACEHOLDER} рублей."
    left_out = check_quotes(f"> Ремонт стоил {PLACEHOLDER} рублей. [0:01](#s{secret})", after)[0]
    spliced = check_quotes(f"> Ремонт стоил рублей. [0:01](#s{secret})", after)[0]
    assert left_out.grade in ("exact", "cleaned")
    assert [flag.kind for flag in spliced.flags] == ["silent_gap"]
    start_s, end_s = after.off_record[0]
    assert left_out.end_s <= start_s or left_out.start_s >= end_s
    assert "сорок" not in str(spliced.flags[0])


def test_a_correction_typed_afterwards_does_not_let_a_word_out(room, in_review, editor) -> None:
    number = in_review()
    secret = line_of(load(room.db, number), SECRET)
    off(room, number, editor, (secret, 2, secret, 3))
    with room.db.write() as session:
        submission = session.get_one(Submission, number)
        review.correct(
            session,
            submission,
            editor,
            NOW,
            idx=secret,
            text="Ремонт стоил целых сорок пять миллиардов рублей.",
        )
    text = view(load(room.db, number)).line(secret).text
    assert text == f"Ремонт стоил {PLACEHOLDER} рублей."


def test_a_mark_is_undone_by_itself(room, in_review, editor) -> None:
    number = in_review()
    off(room, number, editor, (1, None, 1, None), (2, None, 2, None))
    with room.db.write() as session:
        submission = session.get_one(Submission, number)
        first = next(edit.id for edit in submission.edits if edit.op == "off_record")
        put_back(session, submission, editor, NOW, number=first)
        with pytest.raises(NotFound):
            put_back(session, submission, editor, NOW, number=first)
    lines = view(load(room.db, number)).lines
    assert [line.is_silent for line in lines[:2]] == [False, True]


@pytest.mark.parametrize(
    "changes",
    [
        {"body": "Инженер признал, что ремонт стоил сорок миллионов рублей."},
        {"body": f"> {SECRET} [0:01](#s3)"},
        {"body": "Город потратил 40 000 000 рублей."},
        {"title": "Сорок миллионов рублей за мост"},
        {"dek": "Ремонт стоил сорок миллионов рублей"},
        {"tags": ["сорок миллионов рублей"]},
        {"description": "Ремонт стоил сорок миллионов рублей, говорит инженер"},
        {"social": {"x": "Ремонт стоил сорок миллионов рублей!"}},
        {"slug": "most-remont-stoil-sorok-millionov-rublei"},
    ],
)
def test_a_draft_that_repeats_it_is_not_approved(room, in_review, editor, changes) -> None:
    number = in_review()
    secret = line_of(load(room.db, number), SECRET)
    off(room, number, editor, (secret, None, secret, None))
    write_version(room, number, editor, **changes)
    with pytest.raises(WrongState, match="off the record"):
        approve(room, number, editor)
    assert load(room.db, number).status == Status.REVIEW


def test_what_was_said_on_the_record_as_well_may_be_written(room, in_review, editor) -> None:
    number = in_review()
    secret = line_of(load(room.db, number), SECRET)
    off(room, number, editor, (secret, None, secret, None))
    write_version(
        room, number, editor, body="Мост откроют в марте: там меняли опоры и рельсы. Ремонт был долгим.\n"
    )
    approve(room, number, editor)
    assert load(room.db, number).status == Status.APPROVED


def test_a_draft_written_before_the_mark_is_looked_at_again(room, in_review, editor) -> None:
    number = in_review()
    assert reuses(secrets_of(load(room.db, number)), load(room.db, number).drafts[-1]) == []
    off(room, number, editor, (2, None, 3, None))
    submission = load(room.db, number)
    found = reuses(secrets_of(submission), submission.drafts[-1])
    assert {"title", "body"} <= {reuse.where for reuse in found}
    assert any(reuse.is_quote for reuse in found)
    assert PLACEHOLDER in submission.title
    assert "марте" not in submission.title


def test_the_machines_get_none_of_it(room, in_review, editor) -> None:
    number = in_review()
    off(room, number, editor, (2, None, 3, None))
    submission = load(room.db, number)
    submission.note = "Уберите слова «ремонт стоил сорок миллионов рублей»."
    asked = []

    class Writer(FakeDrafting):
        def write(self, brief, notes=None):
            asked.append(brief)
            return super().write(brief)

    class Tools:
        chains = room.tools

        def notebook(self, request):
            return None

        def ask(self, chain, call, **_):
            return Outcome(call(Writer()), "fake", "fake-writer", ())

    write(submission, Tools())
    said = repr(asked) + repr(_brief(submission))
    assert asked
    for secret in ("марте", "сорок", "миллион"):
        assert secret not in said
    with room.db.write() as session:
        kept = session.get_one(Submission, number)
        with pytest.raises(InvalidSubmission, match="off the record"):
            review.send_back(session, kept, editor, NOW, reason=f"Выделите: {SECRET}")
        with pytest.raises(InvalidSubmission, match="off the record"):
            cover_review.regenerate_cover(session, kept, editor, NOW, prompt="мост откроют в марте")


def test_an_article_that_is_out_is_taken_back_first(room, in_review, editor) -> None:
    number = in_review()
    approve(room, number, editor)
    with pytest.raises(WrongState, match="back into review"):
        off(room, number, editor, (3, None, 3, None))


def test_texts_are_cleaned_wherever_they_stand(room, in_review, editor) -> None:
    number = in_review()
    secret = line_of(load(room.db, number), SECRET)
    off(room, number, editor, (secret, None, secret, None))
    secrets = secrets_of(load(room.db, number))
    prompt = [{"role": "user", "content": f"S1 Когда откроют мост?\nS3 {SECRET}\nS4 Почему так долго?"}]
    told = cleaned(prompt, secrets)[0]["content"]
    assert "сорок" not in told
    assert "Когда откроют мост?" in told
    assert "Почему так долго?" in told


def test_the_part_that_may_be_played() -> None:
    assert first_part(1.0, 9.0, [(3.0, 4.0), (6.0, 7.0)]) == (1.0, 3.0)
    assert first_part(3.0, 9.0, [(3.0, 4.0), (4.0, 5.0)]) == (5.0, 9.0)
    assert first_part(3.2, 3.8, [(3.0, 4.0)]) == (4.0, 4.0)
    assert first_part(1.0, 2.0, []) == (1.0, 2.0)


def test_everything_still_goes_through(room, submit, editor) -> None:
    """A mark made before the article is written."""
    number = submit(3)
    while load(room.db, number).status != Status.ATTRIBUTED:
        advance(room.works)
    off(room, number, editor, (3, None, 3, None))
    while advance(room.works):
        pass
    with room.db.read() as session:
        bodies = [draft.body for draft in session.query(Draft).all()]
        prompts = [cover.prompt for cover in session.query(Cover).all()]
        assert session.query(Edit).filter_by(op="off_record").count() == 1
    assert bodies
    assert "сорок" not in repr((bodies, prompts))
