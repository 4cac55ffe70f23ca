"""More covers for an article under review: asked for, drawn, chosen, refused."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from automation.errors import InvalidSubmission, NotFound, WrongState
from automation.models import AttemptRow, Cover, RunState, StageRun, Status, Submission
from automation.pipeline import review
from automation.pipeline.advance import Works, advance, record
from automation.pipeline.ledger import claim
from automation.pipeline.stage import Result
from providers.chain import Chain
from providers.errors import BackendFailed, Unavailable
from providers.types import Image
from tests.fakes import NOW, FakeCovers, chain


class Painter(FakeCovers):
    """Keeps the briefs it was given; breaks while `error` is set."""

    def __init__(self, name="fake", **answer):
        super().__init__(name=name)
        self.briefs, self.error, self.answer = [], None, answer

    def generate(self, brief):
        self.briefs.append(brief)
        if self.error:
            raise self.error
        made = super().generate(brief)
        return Image(
            made.data, made.mime, made.width_px, made.height_px, brief.prompt, len(self.briefs), **self.answer
        )


class Typesetter(Painter):
    def __init__(self):
        super().__init__("typeset", is_placeholder=True)


@pytest.fixture
def painter():
    return Painter()


@pytest.fixture
def house(room_with, painter):
    return room_with(covers=chain(painter, Typesetter()))


@pytest.fixture
def ask(house, in_review, editor):
    """ask(prompt=…, backend=…) → the submission after the wish was worked off."""
    made = in_review()

    def act(**wish):
        with house.db.write() as session:
            review.regenerate_cover(session, session.get_one(Submission, made), editor, NOW, **wish)
        return worked_off(house, made)

    return act


def worked_off(house, submission_id):
    while advance(house.works):
        pass
    with house.db.read() as session:
        found = session.get_one(Submission, submission_id)
        found.covers, found.runs, found.attempts  # noqa: B018  loaded
        return found


def chosen(submission):
    return [cover for cover in submission.covers if cover.chosen]


def test_one_more_candidate_is_drawn_and_chosen_and_the_review_goes_on(ask, painter):
    found = ask()
    assert found.status == Status.REVIEW
    assert len(found.covers) == 2
    assert chosen(found) == [found.covers[1]]
    assert found.covers[1].prompt == painter.briefs[-1].prompt
    assert found.covers[1].prompt.startswith("a bridge, ")  # the writer's words, then the style
    assert found.covers[1].alt == found.covers[0].alt
    assert (found.covers[1].seed, found.covers[1].ms is not None) == (1, True)


def test_each_candidate_has_a_seed_of_its_own(ask, painter):
    ask(), ask()
    slugs = [brief.slug for brief in painter.briefs]
    assert slugs == ["most-otkroiut-v-marte-2", "most-otkroiut-v-marte-3"]


def test_an_own_prompt_is_drawn_and_described_by_a_person(ask):
    found = ask(prompt="  two\n trams ")
    assert chosen(found)[0].prompt == "two trams"
    assert chosen(found)[0].alt == ""


def test_one_backend_alone_may_be_asked(ask, painter):
    found = ask(backend="typeset")
    assert chosen(found)[0].backend == "typeset"
    assert painter.briefs == []


def test_a_fallback_does_not_push_out_a_picture(ask, painter):
    painter.error = BackendFailed("It broke.", error_class="overloaded")
    found = ask()
    assert [cover.is_placeholder for cover in found.covers] == [False, True]
    assert chosen(found) == [found.covers[0]]


def test_a_wish_nobody_can_fulfil_is_over_and_says_why(ask, painter):
    painter.error = BackendFailed("%(who)s broke.", error_class="overloaded", who="Far")
    found = ask(backend="fake")
    assert found.cover_wish["failed"] == {"template": "%(who)s broke.", "params": {"who": "Far"}}
    assert (found.status, len(found.covers)) == (Status.REVIEW, 1)
    assert [run.state for run in found.runs if run.stage == "cover"] == [RunState.DONE]
    painter.error = None
    assert len(ask().covers) == 2


def test_answers_of_two_wishes_are_not_confused(ask, house):
    """A wish that was dropped may have left a paid answer behind: the next has another name."""
    ask(backend="fake"), ask(backend="fake")
    with house.db.read() as session:
        keys = session.scalars(select(AttemptRow.request_key).where(AttemptRow.stage == "cover")).all()
    assert keys == ["cover 0", "cover 0.2", "cover 0.3"]


def test_approving_drops_a_wish_and_the_late_picture_with_it(house, in_review, editor):
    made = in_review()
    with house.db.write() as session:
        review.regenerate_cover(session, session.get_one(Submission, made), editor, NOW)
    held = claim(house.db, house.works.now(), 60.0)
    with house.db.write() as session:
        review.approve(session, session.get_one(Submission, made), editor, NOW)
    late = Cover(
        submission_id=made, image=b"x", sha256="", size_bytes=1, mime="image/png", width_px=1, height_px=1,
        backend="fake", at=NOW,
    )  # fmt: skip
    assert not record(Works(house.db, house.storage, house.tools), held, Result((late,)))
    with house.db.read() as session:
        found = session.get_one(Submission, made)
        assert (found.status, len(found.covers)) == (Status.APPROVED, 1)
        assert session.get(StageRun, (made, "cover")) is None


def test_sending_back_drops_a_wish(house, in_review, editor):
    made = in_review()
    with house.db.write() as session:
        found = session.get_one(Submission, made)
        review.regenerate_cover(session, found, editor, NOW, prompt="trams")
        review.send_back(session, found, editor, NOW, reason="shorter")
    found = worked_off(house, made)
    assert (found.status, len(found.covers)) == (Status.REVIEW, 1)


def test_any_candidate_can_be_chosen(ask, house, editor):
    found = ask()
    with house.db.write() as session:
        submission = session.get_one(Submission, found.id)
        review.choose_cover(session, submission, editor, NOW, number=found.covers[0].id)
        assert chosen(submission) == [submission.covers[0]]
        with pytest.raises(NotFound):
            review.choose_cover(session, submission, editor, NOW, number=999)


def test_only_in_review_and_within_limits(house, submit, in_review, editor):
    waiting = submit(5)
    with house.db.write() as session:
        for act in (review.regenerate_cover, lambda *a: review.choose_cover(*a, number=1)):
            with pytest.raises(WrongState):
                act(session, session.get_one(Submission, waiting), editor, NOW)
    made = in_review(6)
    with house.db.write() as session, pytest.raises(InvalidSubmission):
        review.regenerate_cover(session, session.get_one(Submission, made), editor, NOW, prompt="x" * 2001)


def test_a_backend_that_left_the_chain_is_not_missed(ask):
    assert chosen(ask(backend="nobody"))[0].backend == "fake"


def test_a_backend_without_its_key_says_which(room_with, in_review, editor):
    def keyless():
        raise Unavailable("Set FAR_KEY.", error_class="missing_key")

    house = room_with(covers=Chain([("far", keyless)]))
    made = in_review()
    with house.db.write() as session:
        review.regenerate_cover(session, session.get_one(Submission, made), editor, NOW)
    assert worked_off(house, made).cover_wish["failed"]["template"] == "Set FAR_KEY."
