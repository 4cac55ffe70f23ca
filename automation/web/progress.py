"""How far a stage is, in a reader's words: what has been heard, what is being done, how long it will take."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext, lazy_gettext

from automation.article import clock
from automation.models import RunState, StageRun
from automation.pipeline import pace
from automation.web.language import say_template

NOTES = (  # what the ledger keeps of a stage at work, and times that are left
    lazy_gettext("Loading %(what)s"),
    lazy_gettext("Downloading %(what)s: %(done)d MB"),
    lazy_gettext("Downloading %(what)s: %(done)d of %(total)d MB"),
    lazy_gettext("Checking the files of %(what)s: %(done)d of %(total)d MB"),
    lazy_gettext("Listening again where nothing was understood"),
    lazy_gettext("Finding where somebody speaks"),
    lazy_gettext("Counting the voices"),
    lazy_gettext("Telling the voices apart"),
    lazy_gettext("Putting the voices in order"),
    lazy_gettext("Waiting until another recording is done"),
    lazy_gettext("less than a minute left"),
    lazy_gettext("about %(minutes)d min left"),
    lazy_gettext("about %(hours)d h %(minutes)d min left"),
)


def heard(run: StageRun, duration_s: float) -> str:
    """12:30 of 58:10 heard; empty for another stage, or before anything was heard."""
    if run.stage != "transcribe" or not run.progress:
        return ""
    done_s = run.progress * duration_s
    return str(gettext("%(done)s of %(whole)s heard", done=clock(done_s), whole=clock(duration_s)))


def left(run: StageRun, now: datetime) -> str:
    """About 4 min left; empty where nobody can tell."""
    seconds = pace.left_s(run.eta_at, now) if run.state == RunState.DOING else None
    return say_template(*pace.worded(seconds)) if seconds is not None else ""


def parts(run: StageRun, duration_s: float, now: datetime) -> list[str]:
    """What is known, in order: heard, being done, left."""
    note = say_template(run.progress_note, run.progress_params) if run.state == RunState.DOING else ""
    return [part for part in (heard(run, duration_s), note, left(run, now)) if part]
