"""What the submission page shows, gathered in one place: each pane with a stamp of what it is made of."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import object_session

from automation.models import Cover, Status, Submission
from automation.web.article_pane import ArticlePane
from automation.web.language import say_template
from automation.web.room import newsroom
from automation.web.shown import may
from automation.web.stages_pane import StagesPane, Step
from providers.covers.renditions import looks_like

LOOKS_COMPARED = 500  # of the newest covers


class Workbench(ArticlePane, StagesPane):
    """A submission as the page sees it: the panes, and the cover beside them.

    Needs a session that stays open while the page is made.
    """

    def __init__(self, submission: Submission, now: datetime, format: str = "") -> None:
        StagesPane.__init__(self, submission, now)
        ArticlePane.__init__(self, submission, format)

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

    @property
    def checks_stamp(self) -> str:
        cover = f"{self.cover.id}.{self.cover.sha256[:8]}.{self.cover.alt_at}" if self.cover else 0
        drawing = self.drawing.state if self.drawing else ""
        return (
            f"{self.sub.status}.{int(self.is_paused)}.{self.transcript_stamp}.{self.article_stamp}.{cover}.{len(self.sub.covers)}"
            f".{drawing}.{len(self.sub.attempts)}"
        )
