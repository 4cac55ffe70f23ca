"""What the submission page shows, gathered in one place: each pane with a stamp of what it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from flask import render_template
from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session, object_session, selectinload

from automation.article import QuoteCheck, check_quotes, paragraphs, to_html
from automation.backends import STAGE_OF
from automation.desks import desks
from automation.errors import NotFound
from automation.glossary.learning import offers
from automation.glossary.overlay import Mark
from automation.models import (
    AttemptRow,
    BackendState,
    Cover,
    Desk,
    Draft,
    Edit,
    Event,
    RunState,
    StageRun,
    Status,
    Submission,
    TermSuggestion,
    Verification,
    WriterCall,
)
from automation.offrecord import OP as OFF_RECORD
from automation.pipeline import STAGES, pace
from automation.pipeline.acts import EDITABLE, HEARD, OPEN
from automation.pipeline.cover import chosen_cover
from automation.pipeline.draft import is_open
from automation.pipeline.verifying import Standing, standings
from automation.reading import read_view
from automation.reuse import Reuse, Secrets, cleaned, cleaned_draft, reuses, secrets_of
from automation.slugs import slug_of
from automation.transcript import Line, Transcript, preview, view
from automation.verification import standing_record
from automation.web.language import say_template
from automation.web.names import CLASSES
from automation.web.progress import parts
from automation.web.room import newsroom
from automation.web.shown import may, moment, seconds, trouble
from providers.budgets import dollars
from providers.covers.renditions import looks_like
from providers.drafting import FORMAT_NAMES

LOW_CONFIDENCE = 0.6  # a word below it is dotted: listen to it
EVENTS_SHOWN = 60
LOOKS_COMPARED = 500  # of the newest covers


@dataclass(frozen=True)
class Step:
    """One stage in the strip at the top of the page."""

    name: str
    state: str  # done, doing, todo, waiting, paused, halted, later
    percent: int = 0
    told: tuple[str, ...] = ()  # how far it is, in words
    trouble: dict[str, Any] | None = None


@dataclass(frozen=True)
class Turn:
    """Sentences one after another by the same speaker."""

    speaker: str
    name: str
    lines: list[Line]
    colour: int = 0  # 0…4: each voice keeps its own


@dataclass(frozen=True)
class Glossed:
    """A place the glossary has changed."""

    line: Line
    mark: Mark


class Workbench:
    """A submission as the page sees it. Needs a session that stays open while the page is made."""

    def __init__(self, submission: Submission, now: datetime, format: str = "") -> None:
        self.sub = submission
        self.now = now
        self.format = format if submission.drafts_in(format) else submission.format

    @cached_property
    def transcript(self) -> Transcript:
        """As this reader may see it: authors and editors with what is off the record."""
        read = view if self.sub.segments else preview
        return read(self.sub, confidential=True) if may("author") else self.usable

    @cached_property
    def usable(self) -> Transcript:
        """Without what is off the record: what quotes are held against."""
        return view(self.sub) if self.sub.segments else preview(self.sub)

    @cached_property
    def secrets(self) -> Secrets | None:
        return secrets_of(self.sub)

    @cached_property
    def off_marks(self) -> dict[int, Edit]:
        return {edit.id: edit for edit in self.sub.edits if edit.op == OFF_RECORD and not edit.undone}

    @cached_property
    def reuses(self) -> list[Reuse]:
        """Where the article repeats what is off the record."""
        shown = (draft for draft in reversed(self.sub.drafts) if draft.format == self.format)
        return reuses(self.secrets, next(shown, None), self.cover.alt if self.cover else "")

    def kept_back(self, text: str) -> str:
        """A text as this reader may see it."""
        return text if may("author") else cleaned(text, self.secrets)

    def version(self, draft: Draft) -> Draft:
        """A version as this reader may see it."""
        return draft if may("author") else cleaned_draft(draft, self.secrets, ("by",))

    @property
    def can_silence(self) -> bool:
        return self.can_edit_lines

    @property
    def can_play(self) -> bool:
        """The recording has what is off the record in it."""
        return may("author") or not self.off_marks

    @cached_property
    def turns(self) -> list[Turn]:
        turns: list[Turn] = []
        colours = {label: place % 5 for place, label in enumerate(sorted(self.transcript.names))}
        for line in self.transcript.lines:
            if not turns or turns[-1].speaker != line.speaker:
                turns.append(Turn(line.speaker, line.name, [], colours.get(line.speaker, 0)))
            turns[-1].lines.append(line)
        return turns

    @cached_property
    def glossed(self) -> list[Glossed]:
        return [Glossed(line, mark) for line in self.transcript.lines for mark in line.marks]

    @property
    def can_apply_glossary(self) -> bool:
        return self.can_edit_speakers and self.sub.desk is not None and bool(self.sub.desk.terms)

    @cached_property
    def offers(self) -> dict[int, list[TermSuggestion]]:
        session = object_session(self.sub)
        if session is None or not self.can_edit_lines:
            return {}
        return offers(session, self.sub, self.transcript)

    @cached_property
    def desks(self) -> Sequence[Desk]:
        session = object_session(self.sub)
        return desks(session) if session is not None else ()

    @property
    def can_assign(self) -> bool:
        return self.sub.status in OPEN and may("author")

    @property
    def draft(self) -> Draft | None:
        """The newest version of the format that is shown, as this reader may see it."""
        found = next((draft for draft in reversed(self.sub.drafts) if draft.format == self.format), None)
        return self.version(found) if found is not None else None

    @cached_property
    def quotes(self) -> list[QuoteCheck]:
        found = check_quotes(self.draft.body, self.usable) if self.draft else []
        return [self._flagged(quote) for quote in found]

    def _flagged(self, quote: QuoteCheck) -> QuoteCheck:
        words = self.secrets.repeated(quote.text) if self.secrets else ""
        flag = Reuse("body", None, True, words).flag
        return replace(quote, flags=(flag, *quote.flags)) if words else quote

    @cached_property
    def standings(self) -> list[Standing]:
        """The quotes, each with whether somebody has heard it."""
        return standings(self.sub, self.quotes, self.usable)

    def heard_note(self, standing: Standing) -> str:
        """Heard by Olena, 21 Nov, 14:05; empty when nobody has."""
        row = standing.heard
        if row is None:
            return ""
        told = {"name": row.by.name if row.by else "", "time": moment(row.at, "d MMM, HH:mm")}
        return str(gettext("Heard by %(name)s, %(time)s", **told))

    @cached_property
    def signing(self) -> list[Standing]:
        """The quotes of the format that is published: what an approval is about."""
        draft = self.sub.draft
        if draft is None or self.draft is None or draft.rev == self.draft.rev:
            return self.standings
        return standings(self.sub, check_quotes(draft.body, self.usable), self.usable)

    @property
    def heard_stamp(self) -> str:
        ticks = f"{self.sub.heard[-1].id if self.sub.heard else 0}/{len(self.sub.heard)}"
        return f"{ticks}/{'-'.join(str(row.id) for row in self.sub.overruled)}"

    @property
    def facts(self) -> list[Any]:
        """Every figure and name of the version that is shown; older versions have none kept."""
        return self.draft.facts if self.draft else []

    @property
    def measures(self) -> dict[str, Any]:
        return self.draft.measures if self.draft else {}

    @property
    def measures_line(self) -> list[str]:
        """How much stands on the recording, in words; what can't be counted is left out."""
        kept = self.measures
        told = (
            ("attribution_precision", gettext("citations that hold")),
            ("attribution_recall", gettext("sentences with a citation that holds")),
            ("unsupported_specifics", gettext("figures and names not in the recording")),
            ("interview_used", gettext("interview used")),
        )
        return [f"{words} {kept[name] * 100:.0f} %" for name, words in told if kept.get(name) is not None]

    @property
    def record(self) -> Verification | None:
        return standing_record(self.sub)

    # --- formats, and what the writer is asked ---

    @property
    def format_arg(self) -> str | None:
        """For addresses: the format, where it is not the one that is published."""
        return self.format if self.format != self.sub.format else None

    @cached_property
    def formats(self) -> list[str]:
        """Those there is a text in, the published one first."""
        found = {draft.format for draft in self.sub.drafts}
        return sorted(found, key=lambda name: (name != self.sub.format, FORMAT_NAMES.index(name)))

    @property
    def missing_formats(self) -> list[str]:
        return [name for name in FORMAT_NAMES if name not in self.formats]

    @property
    def is_writing(self) -> bool:
        return is_open(self.sub.draft_wish)

    @property
    def proposal(self) -> dict[str, Any] | None:
        wish = self.sub.draft_wish
        return wish if "proposal" in wish and wish["format"] == self.format else None

    @property
    def not_written(self) -> str:
        """Why nobody wrote what was wished for last."""
        failed = self.sub.draft_wish.get("failed") or {}
        return say_template(str(failed.get("template", "")), failed.get("params"))

    @property
    def can_ask_writer(self) -> bool:
        return self.draft is not None and self.sub.status == Status.REVIEW and may("editor")

    @property
    def address(self) -> str:
        """What the title makes, where nobody wrote an address."""
        return slug_of(self.draft.title, self.sub.language) if self.draft else ""

    @property
    def paragraphs(self) -> list[tuple[int, str]]:
        """(place, text) of what can be redrafted: no headings, quotes and lists."""
        parts = enumerate(paragraphs(self.draft.body)) if self.draft else ()
        return [(n, self.html(part).striptags()) for n, part in parts if part[:1] not in "#>-*"]

    def html(self, body: str) -> Markup:
        return to_html(self.kept_back(body), self.usable, link_quotes=True)

    @property
    def body_html(self) -> Markup:
        """The newest version to read: chips behind the quotes, what nobody said underlined."""
        if self.draft is None:
            return Markup()
        missing = str(gettext("not in the recording"))
        return read_view(self.draft.body, self.usable, self.quotes, self._facts_shown, self._chip, missing)

    @property
    def _facts_shown(self) -> list[Any]:
        """Those whose places are right: none where words were taken out of the text for this reader."""
        hides = self.secrets is not None and not may("author")
        return [] if hides else self.facts

    def _chip(self, number: int) -> Markup:
        if number >= len(self.standings):
            return Markup()
        chip = render_template("_chip.html", bench=self, standing=self.standings[number])
        return Markup(chip.strip())  # noqa: S704  (a template)

    def html_of(self, draft: Draft, *, link_quotes: bool) -> Markup:
        return to_html(self.kept_back(draft.body), self.usable, link_quotes=link_quotes)

    @property
    def cover(self) -> Cover | None:
        return chosen_cover(self.sub)

    @cached_property
    def cover_twin(self) -> str:
        """The title of another submission whose chosen cover looks the same; empty: there is none."""
        session, cover = object_session(self.sub), self.cover
        if session is None or cover is None or not cover.look:
            return ""
        others = session.execute(
            select(Cover.look, Submission.title)
            .join(Submission, Submission.id == Cover.submission_id)
            .where(Cover.chosen, Cover.look != "", Cover.submission_id != self.sub.id)
            .order_by(Cover.id.desc())
            .limit(LOOKS_COMPARED)
        )
        return next((title for look, title in others if looks_like(cover.look, [look])), "")

    @cached_property
    def drawing(self) -> Step | None:
        """The stage that draws one more candidate while the review goes on."""
        return next((step for step in self.steps if step.name == "cover" and step.state != "done"), None)

    @property
    def not_drawn(self) -> str:
        """Why nobody drew the candidate that was wished for last."""
        failed = self.sub.cover_wish.get("failed") or {}
        return say_template(str(failed.get("template", "")), failed.get("params"))

    @property
    def painters(self) -> tuple[str, ...]:
        return newsroom().tools.covers.names

    @property
    def can_draw(self) -> bool:
        return self.draft is not None and self.sub.status == Status.REVIEW and may("editor")

    @cached_property
    def calls(self) -> Sequence[Any]:
        """What the newest machine's version took, request by request, without the texts."""
        drafts = reversed(self.sub.drafts_in(self.format))
        request = next((draft.request for draft in drafts if draft.request), "")
        session = object_session(self.sub)
        if session is None or not request:
            return ()
        told = (
            WriterCall.step, WriterCall.model, WriterCall.failure, WriterCall.prompt_tokens,
            WriterCall.completion_tokens, WriterCall.ms, WriterCall.cost_micro_usd,
        )  # fmt: skip
        mine = (WriterCall.submission_id == self.sub.id, WriterCall.request == request)
        return session.execute(select(*told).where(*mine).order_by(WriterCall.id)).all()

    # --- what may be done ---

    @property
    def can_edit_lines(self) -> bool:
        return may("author") and (self.is_hearing or self.can_edit_speakers)

    @property
    def can_edit_speakers(self) -> bool:
        return bool(self.sub.segments) and self.sub.status in EDITABLE and may("author")

    @property
    def is_hearing(self) -> bool:
        """What is shown is a preview: there are pieces, and no sentences with speakers yet."""
        return not self.sub.segments and bool(self.sub.pieces) and self.sub.status in HEARD

    def span(self, line: Line) -> dict[str, str]:
        """How a line of a preview is named in an address: its number may change, its time does not."""
        return {"start": f"{line.start_s:.3f}", "end": f"{line.end_s:.3f}"} if self.is_hearing else {}

    @property
    def can_write(self) -> bool:
        return self.draft is not None and self.sub.status == Status.REVIEW and may("author")

    @property
    def can_hear(self) -> bool:
        return self.sub.status == Status.REVIEW and may("author")

    @property
    def can_overrule(self) -> bool:
        return self.sub.status == Status.REVIEW and may("editor")

    @property
    def can_retry(self) -> bool:
        return may("author") and any(step.state in ("waiting", "halted") for step in self.steps)

    @property
    def can_stop(self) -> bool:
        stoppable = ("todo", "doing", "waiting")
        machine = (step for step in self.steps if step.name not in ("review", "publish"))
        return may("author") and any(step.state in stoppable for step in machine)

    @property
    def is_paused(self) -> bool:
        return any(step.state == "paused" for step in self.steps)

    @property
    def can_resume(self) -> bool:
        return may("author") and self.is_paused

    # --- what has changed: the page compares these with what it shows ---

    @property
    def transcript_stamp(self) -> str:
        edits = self.sub.edits
        undone = sum(edit.undone for edit in edits)
        return (
            f"{len(self.sub.segments)}.{len(self.sub.pieces)}.{edits[-1].id if edits else 0}.{undone}"
            f".{int(self.can_edit_lines)}"
        )

    @property
    def article_stamp(self) -> str:
        """The names under the quotes come from the transcript, so its edits count too."""
        wish = self.sub.draft_wish
        writer = f"{wish.get('number', 0)}{'w' if self.is_writing else 'p' if 'proposal' in wish else ''}"
        rev = self.draft.rev if self.draft else 0
        mine = f"{rev}.{int(self.can_write)}.{len(self.formats)}.{writer}"
        return f"{mine}.{self.transcript_stamp}.{self.heard_stamp}"

    @property
    def checks_stamp(self) -> str:
        cover = f"{self.cover.id}.{self.cover.sha256[:8]}.{self.cover.alt_at}" if self.cover else 0
        drawing = self.drawing.state if self.drawing else ""
        return (
            f"{self.sub.status}.{int(self.is_paused)}.{self.transcript_stamp}.{self.article_stamp}.{cover}.{len(self.sub.covers)}"
            f".{drawing}.{len(self.sub.attempts)}"
        )

    # --- the stages ---

    @cached_property
    def steps(self) -> list[Step]:
        runs = {run.stage: run for run in self.sub.runs}
        reached = list(Status).index(Status(self.sub.status))
        steps = []
        for stage in STAGES:
            if stage.name == "publish":
                steps.append(self._review_step(reached))
            passed = reached >= list(Status).index(stage.gives) and self.sub.status != Status.ARCHIVED
            run = runs.get(stage.name)
            # Done once more, as a cover an editor wished for: its result leads where the submission is.
            # another format the same.
            repeated = passed and run is not None and run.state != RunState.DONE
            takes = Status(self.sub.status) if repeated else stage.takes
            steps.append(self._step(stage.name, takes, run, passed and not repeated))
        return steps

    def _review_step(self, reached: int) -> Step:
        passed = reached > list(Status).index(Status.REVIEW) and self.sub.status != Status.ARCHIVED
        here = self.sub.status == Status.REVIEW
        return Step("review", "done" if passed else "doing" if here else "later")

    def _step(self, name: str, takes: Status, run: StageRun | None, passed: bool) -> Step:
        if passed:
            return Step(name, "done", 100)
        if run is None or takes != self.sub.status or run.state == RunState.DONE:
            return Step(name, "later")
        told = trouble(run.state, run.error, run.run_at)
        state = {RunState.TODO: "todo"}.get(RunState(run.state), str(run.state))
        if state == "todo" and run.attempt:
            state = "waiting"
        words = tuple(parts(run, self.sub.duration_s, self.now))
        return Step(name, state, round(run.progress * 100), words, told)

    @cached_property
    def ready(self) -> str:
        """Ready for review in about 6 min; empty where nobody can tell, or where one stage is left."""
        session = object_session(self.sub)
        if session is None or not any(step.state == "doing" for step in self.steps[:-3]):
            return ""
        seconds = pace.ready_in_s(self.sub, pace.expected(session), self.now)
        if seconds is None:
            return ""
        return str(gettext("ready for review in %(minutes)d min", minutes=max(round(seconds / 60), 1)))

    @property
    def is_busy(self) -> bool:
        """Something is being worked on or due: the page looks again soon."""
        return any(
            run.state == RunState.DOING or (run.state == RunState.TODO and run.run_at <= self.now)
            for run in self.sub.runs
        )

    @cached_property
    def strip(self) -> list[dict[str, Any]]:
        """Who did what: for each stage the latest request in a sentence, and every attempt."""
        parts = []
        for stage in STAGES:
            rows = [row for row in self.sub.attempts if row.stage == stage.name]
            if rows:
                latest = [row for row in rows if row.request_key == rows[-1].request_key]
                parts.append(
                    {
                        "stage": stage.name,
                        "words": "; ".join(self._worded(row) for row in latest),
                        "attempts": [told_attempt(row, self._vendor(row)) for row in rows],
                    }
                )
        return parts

    def _worded(self, row: AttemptRow) -> str:
        """Hugging Face: out of credit until 1 December · OpenAI: served in 41 s, $0.02."""
        who, why = self._vendor(row), say_template(row.template, row.params)
        if row.outcome == "served":
            price = f", {dollars(row.cost_micro_usd)}" if row.cost_micro_usd else ""
            return str(gettext("%(who)s: served in %(time)s", who=who, time=seconds(row.ms))) + price
        if row.outcome == "failed":
            kind = CLASSES.get(row.error_class or "unknown", row.error_class)
            words = {"who": who, "time": seconds(row.ms), "kind": kind}
            return str(gettext("%(who)s: failed after %(time)s (%(kind)s)", **words))
        return why.rstrip(".") if why.startswith(who) else f"{who}: {why.rstrip('.')}"

    def _vendor(self, row: AttemptRow) -> str:
        """The name people know a backend by; a backend of this machine has its own only."""
        return self._vendors.get((row.stage, row.backend), row.backend)

    @cached_property
    def _vendors(self) -> dict[tuple[str, str], str]:
        session = object_session(self.sub)
        if session is None:
            return {}
        found = session.execute(select(BackendState.backend, BackendState.vendor).distinct())
        keys = ((key.partition("."), vendor) for key, vendor in found if vendor)
        return {(STAGE_OF.get(capability, ""), name): vendor for (capability, _, name), vendor in keys}


def told_attempt(row: AttemptRow, who: str) -> dict[str, Any]:
    return {
        "who": who,
        "model": row.model,
        "outcome": row.outcome,
        "took": seconds(row.ms),
        "price": dollars(row.cost_micro_usd) if row.cost_micro_usd else "",
        "why": say_template(row.template, row.params),
        "at": row.at,
    }


def find(session: Session, task_id: str, *more: Any) -> Submission:
    """The submission of that number, with the given children loaded. Raises: NotFound."""
    wanted = select(Submission).where(Submission.task_id == task_id)
    submission = session.scalars(wanted.options(*(selectinload(child) for child in more))).first()
    if submission is None:
        raise NotFound("There is no such submission.")
    return submission


def events_of(session: Session, submission: Submission) -> Sequence[Event]:
    return session.scalars(
        select(Event)
        .where(Event.submission_id == submission.id)
        .options(selectinload(Event.by))
        .order_by(Event.id.desc())
        .limit(EVENTS_SHOWN)
    ).all()
