"""More covers for an article under review: asked for, drawn, chosen, refused."""

from __future__ import annotations

import io
import threading
from dataclasses import replace

import pytest
from PIL import Image as Pillow
from sqlalchemy import select

from automation.errors import InvalidSubmission, NotFound, WrongState
from automation.models import AttemptRow, Cover, Desk, RunState, StageRun, Status, Submission
from automation.pipeline import cover as cover_stage
from automation.pipeline import cover_review, review
from automation.pipeline.advance import Works, advance, load, record
from automation.pipeline.ledger import claim
from automation.pipeline.line import Line
from automation.pipeline.stage import Result
from providers.chain import Chain
from providers.errors import BackendFailed, InputRejected, Unavailable
from providers.types import Drawing
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
        return replace(made, seed=len(self.briefs), **self.answer)


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
            cover_review.regenerate_cover(session, session.get_one(Submission, made), editor, NOW, **wish)
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
    found = ask(), ask()
    slugs = [brief.slug for brief in painter.briefs]
    seed = f"most-otkroiut-v-marte-{found[0].task_id[:8]}"
    assert slugs == [f"{seed}-2", f"{seed}-3"]


def test_two_articles_of_one_title_have_seeds_of_their_own(house, in_review):
    with house.db.read() as session:
        made = [session.get_one(Submission, number) for number in (in_review(seed=1), in_review(seed=2))]
        briefs = [cover_stage._brief(submission) for submission in made]
    assert briefs[0].title == briefs[1].title
    assert briefs[0].slug != briefs[1].slug


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
        cover_review.regenerate_cover(session, session.get_one(Submission, made), editor, NOW)
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
        cover_review.regenerate_cover(session, found, editor, NOW, prompt="trams")
        review.send_back(session, found, editor, NOW, reason="shorter")
    found = worked_off(house, made)
    assert (found.status, len(found.covers)) == (Status.REVIEW, 1)


def test_any_candidate_can_be_chosen(ask, house, editor):
    found = ask()
    with house.db.write() as session:
        submission = session.get_one(Submission, found.id)
        cover_review.choose_cover(session, submission, editor, NOW, number=found.covers[0].id)
        assert chosen(submission) == [submission.covers[0]]
        with pytest.raises(NotFound):
            cover_review.choose_cover(session, submission, editor, NOW, number=999)


def test_only_in_review_and_within_limits(house, submit, in_review, editor):
    waiting = submit(5)
    with house.db.write() as session:
        for act in (cover_review.regenerate_cover, lambda *a: cover_review.choose_cover(*a, number=1)):
            with pytest.raises(WrongState):
                act(session, session.get_one(Submission, waiting), editor, NOW)
    made = in_review(6)
    with house.db.write() as session, pytest.raises(InvalidSubmission):
        cover_review.regenerate_cover(
            session, session.get_one(Submission, made), editor, NOW, prompt="x" * 2001
        )


def test_a_backend_that_left_the_chain_is_not_missed(ask):
    assert chosen(ask(backend="nobody"))[0].backend == "fake"


def test_a_backend_without_its_key_says_which(room_with, in_review, editor):
    def keyless():
        raise Unavailable("Set FAR_KEY.", error_class="missing_key")

    house = room_with(covers=Chain([("far", keyless)]))
    made = in_review()
    with house.db.write() as session:
        cover_review.regenerate_cover(session, session.get_one(Submission, made), editor, NOW)
    assert worked_off(house, made).cover_wish["failed"]["template"] == "Set FAR_KEY."


# --- how it is drawn ---


def test_parameters_of_a_wish_reach_who_draws_and_are_kept(ask, painter):
    painter.answer = {"parameters": {"steps": 30}}
    found = ask(prompt="a bridge", style="news", drawing=Drawing(steps=30, seed=7, size_px=(1024, 576)))
    assert painter.briefs[-1].drawing == Drawing(steps=30, seed=7, size_px=(1024, 576))
    assert found.covers[-1].parameters == {"steps": 30}


def test_a_style_makes_another_brief(ask, painter):
    ask(style="minimal")
    assert "minimalist poster" in painter.briefs[-1].prompt


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (Drawing(steps=9), "10 to 50"),
        (Drawing(guidance=21), "1 to 20"),
        (Drawing(seed=-1), "seed"),
        (Drawing(size_px=(1000, 100)), "can't be drawn"),
        (Drawing(negative_prompt="x" * 501), "501"),
    ],
)
def test_a_value_out_of_its_range_is_refused_before_anything_is_asked(ask, painter, asked, says):
    calls = len(painter.briefs)
    with pytest.raises(InputRejected, match=says):
        ask(drawing=asked)
    assert len(painter.briefs) == calls


def test_a_desk_has_an_order_and_a_look_of_its_own(house, in_review, editor, painter):
    made = in_review()
    with house.db.write() as session:
        submission = session.get_one(Submission, made)
        submission.desk = Desk(
            name="Culture", created_at=NOW,
            covers={"backends": ["typeset", "fake"], "style": "culture", "steps": 40, "size_px": [1024, 576]},
        )  # fmt: skip
        cover_review.regenerate_cover(session, submission, editor, NOW)
    found = worked_off(house, made)
    assert (found.covers[-1].backend, found.covers[-1].is_placeholder) == ("typeset", True)
    typesetter = house.tools.covers.backend("typeset")
    assert typesetter.briefs[-1].drawing == Drawing(steps=40, size_px=(1024, 576))
    assert "paper collage" in typesetter.briefs[-1].prompt


def test_the_picture_of_another_article_is_refused(house, submit, painter):
    """A vendor that sends everybody the same picture has not drawn."""
    first = submit(1)
    worked_off(house, first)
    with house.db.read() as session:
        drawn = session.scalars(select(Cover)).one().image
    painter.answer = {"data": drawn}
    found = worked_off(house, submit(2))
    assert [(a.backend, a.outcome, a.error_class) for a in found.attempts if a.stage == "cover"] == [
        ("fake", "failed", "format"), ("typeset", "served", None)
    ]  # fmt: skip


# --- the description, the cut, and people who decide meanwhile ---


def test_a_proposed_description_must_be_accepted(house, in_review, editor):
    made = in_review()
    with house.db.write() as session:
        submission = session.get_one(Submission, made)
        submission.covers[0].alt_at = None
        with pytest.raises(WrongState, match="only a proposal"):
            review.approve(session, submission, editor, NOW)
        cover_review.set_alt(session, submission, editor, NOW, alt=submission.covers[0].alt)
        assert submission.covers[0].alt_by_id == editor.id
        review.approve(session, submission, editor, NOW)


def test_a_placeholder_is_described_as_what_it_is(ask):
    found = ask(backend="typeset")
    assert found.covers[-1].alt.startswith("Заставка с заголовком «")
    assert found.covers[-1].alt_at is None


def test_a_picture_is_cut_anew_from_the_whole(house, in_review, editor):
    made = in_review()
    with house.db.write() as session:
        submission = session.get_one(Submission, made)
        cover = submission.covers[0]
        with pytest.raises(WrongState, match="not kept"):
            cover_review.crop_cover(session, submission, editor, NOW, number=cover.id, focus=(0.5, 0.5))
        cover.original = halves()
        for x, colour in ((0.0, "red"), (1.0, "blue")):
            cover_review.crop_cover(session, submission, editor, NOW, number=cover.id, focus=(x, 0.5), zoom=2)
            assert {dominant(cover.image), dominant(cover.square)} == {colour}
        assert cover.crop == {"x": 1.0, "y": 0.5, "zoom": 2}
        with pytest.raises(InputRejected, match="outside the picture"):
            cover_review.crop_cover(session, submission, editor, NOW, number=cover.id, focus=(1.2, 0.5))
        with pytest.raises(InputRejected, match="zoom"):
            cover_review.crop_cover(
                session, submission, editor, NOW, number=cover.id, focus=(0.2, 0.5), zoom=9
            )


def halves():
    """Red on the left, blue on the right, with some life in it."""
    whole = Pillow.effect_noise((1600, 840), 20).convert("RGB")
    whole = Pillow.blend(whole, Pillow.new("RGB", whole.size, "red"), 0.8)
    right = Pillow.blend(whole.crop((800, 0, 1600, 840)), Pillow.new("RGB", (800, 840), "blue"), 0.9)
    whole.paste(right, (800, 0))
    buffer = io.BytesIO()
    whole.save(buffer, "JPEG")
    return buffer.getvalue()


def dominant(data):
    red, _, blue = Pillow.open(io.BytesIO(data)).convert("RGB").resize((1, 1)).getpixel((0, 0))
    return "red" if red > blue else "blue"


def test_a_person_who_decides_while_it_is_drawn_has_the_last_word(house, in_review, editor):
    made = in_review()
    with house.db.write() as session:
        cover_review.regenerate_cover(session, session.get_one(Submission, made), editor, NOW)
    held = claim(house.db, house.works.now(), 60.0)
    submission = load(house.db, made)
    line = Line(house.works, held, threading.Event())
    result = cover_stage.run(submission, line)  # drawn …
    with house.db.write() as session:  # … and meanwhile somebody hangs a picture of their own
        uploaded = cover_review.upload_cover(
            house, session, session.get_one(Submission, made), editor, NOW, io.BytesIO(halves())
        )
        session.flush()
        own = uploaded.id
    assert record(house.works, held, result)
    with house.db.read() as session:
        covers = session.scalars(select(Cover).where(Cover.submission_id == made)).all()
    assert [cover.id for cover in covers if cover.chosen] == [own]
    assert len(covers) == 3, "the drawn one is a candidate all the same"
