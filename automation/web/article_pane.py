"""The article in one format: its text, its quotes and who heard them, its facts, what the writer is asked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from flask import render_template
from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import object_session

from automation.article import QuoteCheck, check_quotes, paragraphs, to_html
from automation.grounding.blocks import shown_blocks
from automation.grounding.recording import recording_of
from automation.grounding.tracing import Traced, trace
from automation.lighting import typed
from automation.mending import Mend, mends
from automation.models import Cover, Draft, Status, Submission, Verification, WriterCall
from automation.pipeline.cover import chosen_cover
from automation.pipeline.draft import is_open
from automation.pipeline.verifying import Standing, standings
from automation.reading import read_view
from automation.reuse import Reuse, reuses
from automation.slugs import slug_of
from automation.verification import standing_record
from automation.web.language import say_template
from automation.web.shown import may, moment
from automation.web.transcript_pane import TranscriptPane
from providers.drafting import FORMAT_NAMES


class ArticlePane(TranscriptPane):
    """Stands on the transcript: quotes are held against it, and each reader sees what he may of both."""

    def __init__(self, submission: Submission, format: str = "") -> None:
        super().__init__(submission)
        self.format = format if submission.drafts_in(format) else submission.format

    @property
    def draft(self) -> Draft | None:
        """The newest version of the format that is shown, as this reader may see it."""
        found = next((draft for draft in reversed(self.sub.drafts) if draft.format == self.format), None)
        return self.version(found) if found is not None else None

    @property
    def can_write(self) -> bool:
        return self.draft is not None and self.sub.status == Status.REVIEW and may("author")

    @property
    def article_stamp(self) -> str:
        """The names under the quotes come from the transcript, so its edits count too."""
        wish = self.sub.draft_wish
        writer = f"{wish.get('number', 0)}{'w' if self.is_writing else 'p' if 'proposal' in wish else ''}"
        rev = self.draft.rev if self.draft else 0
        mine = f"{rev}.{int(self.can_write)}.{len(self.formats)}.{writer}"
        return f"{mine}.{self.transcript_stamp}.{self.heard_stamp}"

    # --- to read ---

    def html(self, body: str) -> Markup:
        return to_html(self.kept_back(body), self.usable, link_quotes=True)

    def html_of(self, draft: Draft, *, link_quotes: bool) -> Markup:
        return to_html(self.kept_back(draft.body), self.usable, link_quotes=link_quotes)

    @property
    def body_html(self) -> Markup:
        """The newest version to read: chips behind the quotes, what nobody said underlined."""
        if self.draft is None:
            return Markup()
        missing = str(gettext("not in the recording"))
        return read_view(
            self.draft.body, self.usable, self.quotes, self._facts_shown, self._chip, missing, self.traced
        )

    @cached_property
    def traced(self) -> list[tuple[Traced, ...]]:
        """The sentences of each block of the article, with those of the transcript they stand on."""
        if self.draft is None:
            return []
        return trace(shown_blocks(self.draft.body), self.quotes, recording_of(self.usable.lines))

    @property
    def typed(self) -> str:
        """Where those sentences stand in the Markdown, as JSON for whoever writes there."""
        return json.dumps(typed(self.draft.body, self.traced)) if self.draft and self.can_write else ""

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

    @property
    def cover(self) -> Cover | None:
        return chosen_cover(self.sub)

    @cached_property
    def reuses(self) -> list[Reuse]:
        """Where the article repeats what is off the record."""
        shown = (draft for draft in reversed(self.sub.drafts) if draft.format == self.format)
        return reuses(self.secrets, next(shown, None), self.cover.alt if self.cover else "")

    # --- quotes and facts, and what people signed ---

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

    @cached_property
    def mends(self) -> list[tuple[Mend, ...]]:
        """How each quote may be put right by a click of this reader's."""
        if self.draft is None or not self.can_write:
            return [() for _ in self.quotes]
        return mends(self.draft.body, self.quotes, self.usable)

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
    def can_hear(self) -> bool:
        return self.sub.status == Status.REVIEW and may("author")

    @property
    def can_overrule(self) -> bool:
        return self.sub.status == Status.REVIEW and may("editor")

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
