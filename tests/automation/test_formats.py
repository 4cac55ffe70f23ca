"""Formats side by side, a paragraph anew, files there and back."""

from __future__ import annotations

import pytest

from automation.article import check_quotes, indices_of_block, paragraphs, to_html
from automation.composing import compose
from automation.errors import Conflict, InvalidSubmission, NotFound, WrongState
from automation.markdown_file import dump, load
from automation.models import RunState, StageRun, Status, Submission
from automation.pipeline import cover_review, review, wishes
from automation.pipeline.advance import advance
from automation.pipeline.advance import load as load_submission
from automation.pipeline.draft import is_open
from automation.slugs import slug_of
from automation.transcript import Line, Transcript, view
from providers.drafting import FORMAT_NAMES
from providers.drafting.extractive import Extractive
from providers.drafting.formats import FORMATS
from providers.errors import BackendFailed
from providers.types import Article, Block
from tests.fakes import NOW, FakeDrafting, chain


@pytest.fixture
def house(room_with):
    return room_with(drafting=chain(Extractive()))


def work(house):
    while advance(house.works):
        pass


@pytest.fixture
def act(house, editor):
    """act(id, function, **wish): in a transaction of its own; then the worker works."""

    def run(made, function, **wish):
        with house.db.write() as session:
            function(session, session.get_one(Submission, made), editor, NOW, **wish)
        work(house)
        return load_submission(house.db, made)

    return run


def test_the_names_are_those_of_the_formats() -> None:
    assert tuple(FORMATS) == FORMAT_NAMES


def test_formats_wished_for_with_the_recording_are_written_side_by_side(house, submit):
    made = submit(formats=["qa", "brief", "protocol"])
    work(house)
    found = load_submission(house.db, made)

    assert [(d.rev, d.format) for d in found.drafts] == [(1, "qa"), (2, "brief"), (3, "protocol")]
    assert (found.status, found.format) == (Status.REVIEW, "qa")
    assert found.draft.rev == 1
    for draft in found.drafts:
        assert draft.social["x"]
        assert all(c.grade in ("exact", "cleaned") for c in check_quotes(draft.body, view(found)))


def test_an_unknown_format_is_refused(submit):
    with pytest.raises(InvalidSubmission, match="poem"):
        submit(formats=["poem"])


def test_one_more_format_comes_while_the_review_goes_on(in_review, act):
    made = in_review()
    found = act(made, wishes.add_format, format="brief")

    assert found.status == Status.REVIEW
    assert [d.format for d in found.drafts] == ["feature", "brief"]
    assert found.draft.format == "feature"
    assert found.draft_wish == {"number": 1}
    with pytest.raises(WrongState, match="already"):
        act(made, wishes.add_format, format="brief")
    found = act(made, wishes.choose_format, format="brief")
    assert found.draft.format == "brief"
    assert found.title == found.draft.title
    with pytest.raises(NotFound):
        act(made, wishes.choose_format, format="qa")


def test_each_format_keeps_its_own_line_of_versions(in_review, act, house, editor):
    made = in_review()
    act(made, wishes.add_format, format="brief")
    with house.db.write() as session:
        submission = session.get_one(Submission, made)
        saved = review.save_draft(
            session, submission, editor, NOW, base_rev=1, title="Мост", dek="", body="Текст.", tags=[],
            description="",
        )  # fmt: skip
        assert (saved.rev, saved.format) == (3, "feature")
        with pytest.raises(Conflict):
            review.save_draft(
                session, submission, editor, NOW, base_rev=1, title="Мост", dek="", body="Т.", tags=[],
                description="", format="feature",
            )  # fmt: skip
        brief = review.save_draft(
            session, submission, editor, NOW, base_rev=2, title="Коротко", dek="", body="Т.", tags=[],
            description="", format="brief", slug="Мой Адрес", social={"x": "Читайте"},
        )  # fmt: skip
        assert (brief.rev, brief.slug, brief.social) == (4, "moi-adres", {"telegram": "", "x": "Читайте"})
        assert submission.title == "Мост"
        with pytest.raises(InvalidSubmission, match="X"):
            review.save_draft(
                session, submission, editor, NOW, base_rev=4, title="К", dek="", body="Т.", tags=[],
                description="", format="brief", social={"x": "я" * 281},
            )  # fmt: skip


def test_what_is_published_is_what_was_chosen(in_review, act, house, editor):
    made = in_review()
    act(made, wishes.add_format, format="brief")
    act(made, wishes.choose_format, format="brief")
    found = act(made, review.publish_now)

    assert found.status == Status.PUBLISHED
    assert found.draft.slug == ""  # nobody wrote one: the title makes it
    assert found.slug == f"{slug_of(found.draft.title, 'ru')}-{made}"


class Broken(FakeDrafting):
    def write(self, brief, notes=None):
        raise BackendFailed("The writer broke.")

    redraft = write


def test_a_wish_nobody_fulfils_is_over_and_says_why(in_review, room_with, editor):
    made = in_review()
    house = room_with(drafting=chain(Broken()))
    with house.db.write() as session:
        wishes.add_format(session, session.get_one(Submission, made), editor, NOW, format="qa")
    work(house)
    found = load_submission(house.db, made)

    assert found.draft_wish["failed"]["template"] == "The writer broke."
    assert not is_open(found.draft_wish)
    assert found.status == Status.REVIEW


def test_a_second_wish_waits_for_the_first_and_approval_ends_it(in_review, house, editor):
    made = in_review()
    with house.db.write() as session:
        submission = session.get_one(Submission, made)
        wishes.add_format(session, submission, editor, NOW, format="qa")
        with pytest.raises(WrongState, match="another wish"):
            wishes.add_format(session, submission, editor, NOW, format="brief")
        cover_review.set_alt(session, submission, editor, NOW, alt="Мост")
        review.approve(session, submission, editor, NOW)
        assert submission.draft_wish == {"number": 1}
        session.flush()
        run = session.get(StageRun, (made, "draft"))
        assert run is None or run.state == RunState.DONE


@pytest.mark.parametrize(("how", "sentences"), [("again", ""), ("from", "4-5")])
def test_a_paragraph_anew_is_a_proposal_that_a_person_accepts(in_review, act, how, sentences):
    made = in_review()
    found = act(made, wishes.ask_redraft, format="feature", place=1, how=how, sentences=sentences)

    wish = found.draft_wish
    assert wish["target"] == "О мосте рассказал инженер. [0:00](#s2)"
    assert indices_of_block(wish["proposal"])
    assert len(found.drafts) == 1  # nothing is changed yet
    if how == "from":
        assert set(indices_of_block(wish["proposal"])) <= {4, 5}

    found = act(made, wishes.accept_redraft)
    assert [(d.rev, d.kind) for d in found.drafts] == [(1, "machine"), (2, "human")]
    assert wish["proposal"] in found.draft.body
    assert wish["target"] not in found.draft.body
    assert found.draft_wish == {"number": 1}


def test_one_sentence_is_not_made_shorter_by_leaving_it_out(in_review, act):
    found = act(in_review(), wishes.ask_redraft, format="feature", place=1, how="shorter")

    assert "has only one" in found.draft_wish["failed"]["template"]
    assert found.status == Status.REVIEW


def test_a_proposal_may_be_discarded_or_come_too_late(in_review, act, house, editor):
    made = in_review()
    act(made, wishes.ask_redraft, format="feature", place=1, how="again")
    found = act(made, wishes.drop_wish)
    assert found.draft_wish == {"number": 1}

    act(made, wishes.ask_redraft, format="feature", place=1, how="again")
    act(made, review.save_draft, base_rev=1, title="М", dek="", body="Другое.", tags=[], description="")
    with pytest.raises(Conflict, match="changed meanwhile"):
        act(made, wishes.accept_redraft)


def test_a_paragraph_without_a_pointer_needs_sentences(in_review, act):
    made = in_review()
    with pytest.raises(InvalidSubmission, match="points to no sentence"):
        act(made, wishes.ask_redraft, format="feature", place=0, how="again")
    with pytest.raises(InvalidSubmission, match="Choose a paragraph"):
        act(made, wishes.ask_redraft, format="feature", place=99, how="again")


def test_numbers_of_sentences() -> None:
    assert wishes.numbers("17-19, 25, x, S3–4") == [17, 18, 19, 25, 3, 4]
    assert len(wishes.numbers("1-999999")) == wishes.MOST_SENTENCES


def test_a_file_goes_out_and_comes_back_with_its_pointers(in_review, act, house):
    made = in_review()
    before = load_submission(house.db, made)
    text = dump(before.draft, before.task_id)
    changed = text.replace("рассказал инженер", "подробно рассказал инженер")

    found = act(made, wishes.import_file, file=load(changed), over_newer=False)

    assert (found.draft.rev, found.draft.kind) == (2, "human")
    assert "подробно" in found.draft.body
    for name in ("title", "dek", "tags", "description", "slug", "format"):
        assert getattr(found.draft, name) == getattr(before.draft, name)
    checks = check_quotes(found.draft.body, view(found))
    assert [(c.grade, c.sources) for c in checks] == [("exact", (2, 3))]

    with pytest.raises(Conflict, match="version 1"):
        act(made, wishes.import_file, file=load(changed), over_newer=False)
    assert act(made, wishes.import_file, file=load(changed), over_newer=True).draft.rev == 3
    with pytest.raises(InvalidSubmission, match="another recording"):
        act(made, wishes.import_file, file=load(changed.replace(before.task_id, "f" * 16)), over_newer=True)


def test_a_file_without_a_head_is_a_text_alone(in_review, act):
    made = in_review()
    found = act(made, wishes.import_file, file=load("\ufeffПросто текст.\r\n\r\nЕщё.\r\n"), over_newer=False)

    assert found.draft.body == "Просто текст.\n\nЕщё.\n"
    with pytest.raises(InvalidSubmission, match="no text"):
        load('---\ntitle: "А"\n---\n')


LINES = Transcript(
    (
        Line(1, 0.0, 3.0, "A", "Олег", "Когда сдадим отчёт?"),
        Line(2, 3.0, 6.0, "B", "Вера", "Я подготовлю отчёт до пятницы."),
        Line(3, 6.0, 9.0, "B", "Вера", "Решили собраться во вторник."),
    )
)


def test_blocks_become_markdown_with_pointers() -> None:
    article = Article(
        "Планёрка",
        "",
        (
            Block("question", "", ("S1",)),
            Block("quote", "", ("S2",)),
            Block("heading", "Решения"),
            Block("decision", "Собраться во вторник.", ("S3",)),
            Block("action", "Подготовить отчёт.", ("S2",), owner="Вера", due="до пятницы"),
            Block("decision", "Ничего.", ()),
        ),
    )
    body = compose(article, LINES)

    assert body == (
        "**Когда сдадим отчёт?** [0:00](#s1)\n\n"
        "> Я подготовлю отчёт до пятницы. [0:03](#s2)\n\n"
        "## Решения\n\n"
        "- Собраться во вторник. [0:06](#s3)\n"
        "- **Вера:** Подготовить отчёт — до пятницы [0:03](#s2)\n"
    )
    assert paragraphs(body)[0] == "**Когда сдадим отчёт?** [0:00](#s1)"
    assert "\n\n".join(paragraphs(body)) + "\n" == body
    html = to_html(body, LINES, link_quotes=True)
    assert html.count('class="pointer"') == 4
    assert 'class="pointer"' not in to_html(body, LINES, link_quotes=False)


def test_a_translated_quote_is_a_class_of_its_own() -> None:
    """The original words stand above it and are green; the translation never is."""
    block = Block("quote", "", ("S2",), translation="I will prepare the report by Friday.")
    body = compose(Article("Report", "", (block,), language="en"), LINES)

    assert body == (
        "> Я подготовлю отчёт до пятницы. [0:03](#s2)\n>\n"
        "> *Translation:* I will prepare the report by Friday. [0:03](#s2)\n"
    )
    original, translated = check_quotes(body, LINES)
    assert original.grade == "exact"
    assert (translated.grade, translated.start_s, translated.sources) == ("translated", 3.0, (2,))


@pytest.mark.parametrize(
    "body",
    [
        "> *Translation:* I stole the money. [0:03](#s2)\n",  # no original above it
        "> Я украла деньги. [0:03](#s2)\n>\n> *Translation:* I stole the money. [0:03](#s2)\n",
    ],
)
def test_a_mark_alone_makes_no_translation(body: str) -> None:
    assert "not_found" in [check.grade for check in check_quotes(body, LINES)] or all(
        check.grade != "exact" for check in check_quotes(body, LINES)
    )


@pytest.mark.parametrize(
    ("title", "language", "slug"),
    [
        ("Київ: їдальня у парку", "uk", "kyiv-yidalnia-u-parku"),
        ("Згорів щит", "uk", "zghoriv-shchyt"),
        ("Мост откроют в марте", "ru", "most-otkroiut-v-marte"),
        ("The bridge", "en", "the-bridge"),
        ("«»", "ru", ""),
    ],
)
def test_addresses_are_read_aloud_right(title: str, language: str, slug: str) -> None:
    assert slug_of(title, language) == slug
