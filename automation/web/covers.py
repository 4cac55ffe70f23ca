"""The contact sheet: ask for another candidate, choose one, cut it by hand."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from automation.errors import InvalidSubmission
from automation.models import Role, Submission
from automation.pipeline import cover_review
from automation.pipeline.cover import chosen_cover, drawing_of
from automation.web.access import FORM_BYTES, role_required
from automation.web.finding import find
from automation.web.room import newsroom
from automation.web.shown import now
from automation.web.submission import pane
from providers.briefs import prompt_hints
from providers.types import Drawing

pages = Blueprint("covers", __name__, url_prefix="/submissions/<task_id>/covers")
WHAT = (Submission.covers, Submission.runs)


@pages.post("")
@role_required(Role.EDITOR, max_bytes=FORM_BYTES)
def draw(task_id: str) -> ResponseReturnValue:
    """`act`: again (the article's own brief), vary (another picture of the chosen one's prompt), prompt."""
    form = request.form
    act, backend = form.get("act", "again"), form.get("backend", "")
    if backend and backend not in newsroom().tools.covers.names:
        raise InvalidSubmission("There is no backend called %(name)s here.", name=backend[:60])
    how: dict[str, Any] = {}
    if act == "prompt":
        how = {"style": form.get("style", ""), "drawing": asked_drawing(form)}
    with newsroom().db.write() as session:
        submission = find(session, task_id, *WHAT)
        chosen = chosen_cover(submission)
        prompts = {"vary": chosen.prompt if chosen else "", "prompt": form.get("prompt", "")}
        if act == "vary" and chosen is not None:
            how = {"drawing": drawing_of({**chosen.parameters, "seed": None})}
        cover_review.regenerate_cover(
            session, submission, current_user, now(), prompt=prompts.get(act, ""), backend=backend, **how
        )
    return _sheet(task_id)


def asked_drawing(form: Any) -> Drawing:
    """The parameters of a form; an empty field asks nothing. Raises: InvalidSubmission."""
    size = form.get("size", "").strip()
    width, _, height = size.lower().replace("×", "x").partition("x")
    return Drawing(
        steps=_number(form, "steps", int),
        guidance=_number(form, "guidance", float),
        seed=_number(form, "seed", int),
        negative_prompt=form.get("negative_prompt", "").strip() or None,
        size_px=(_whole(width, size), _whole(height, size)) if size else None,
    )


def _number(form: Any, name: str, kind: Any) -> Any:
    value = form.get(name, "").strip().replace(",", ".")
    try:
        return kind(value) if value else None
    except ValueError:
        raise InvalidSubmission("“%(value)s” is not a number.", value=value[:40]) from None


def _whole(side: str, size: str) -> int:
    try:
        return int(side)
    except ValueError:
        raise InvalidSubmission(
            "Write the size as width x height, for example 1344x704; it is “%(value)s”.", value=size[:40]
        ) from None


@pages.post("/hints")
@role_required(Role.EDITOR, max_bytes=FORM_BYTES)
def hints(task_id: str) -> str:
    """What the picture models will make of the prompt in the field."""
    prompt = request.form.get("prompt", "")
    return render_template("_prompt_hints.html", hints=prompt_hints(prompt) if prompt.strip() else [])


@pages.post("/<int:number>/choose")
@role_required(Role.EDITOR, max_bytes=FORM_BYTES)
def choose(task_id: str, number: int) -> ResponseReturnValue:
    with newsroom().db.write() as session:
        submission = find(session, task_id, *WHAT)
        cover_review.choose_cover(session, submission, current_user, now(), number=number)
    return _sheet(task_id)


@pages.post("/<int:number>/crop")
@role_required(Role.EDITOR, max_bytes=FORM_BYTES)
def crop(task_id: str, number: int) -> ResponseReturnValue:
    """`x`, `y`: the point that stays in view, in hundredths of the picture; `zoom`: 100…400; `act`: auto."""
    form, focus, zoom = request.form, None, 1.0
    if form.get("act") != "auto":
        focus = (_number(form, "x", float) or 0.0) / 100, (_number(form, "y", float) or 0.0) / 100
        zoom = (_number(form, "zoom", float) or 100.0) / 100
    with newsroom().db.write() as session:
        submission = find(session, task_id, *WHAT)
        cover_review.crop_cover(
            session, submission, current_user, now(), number=number, focus=focus, zoom=zoom
        )
    return _sheet(task_id)


def _sheet(task_id: str) -> ResponseReturnValue:
    if request.headers.get("HX-Request"):
        return pane("_checks.html", task_id)
    return redirect(url_for("submission.show", task_id=task_id))
