"""What a person sees when something can't be done: the same sentence as the JSON door gives."""

from __future__ import annotations

import logging

from flask import Flask, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.wrappers import Response

from automation.errors import PolosaError, Unauthenticated
from automation.web.access import OTHER_DOORS
from automation.web.language import say
from providers.errors import ProviderError

log = logging.getLogger(__name__)
Answer = Response | tuple[Response | str, int] | tuple[str, int, dict[str, str]]


def init_errors(app: Flask) -> None:
    app.register_error_handler(PolosaError, polosa_error)
    app.register_error_handler(ProviderError, provider_error)
    app.register_error_handler(HTTPException, http_error)


def polosa_error(error: PolosaError) -> Answer:
    if isinstance(error, Unauthenticated) and request.endpoint != "auth.login":
        return _to_login(say(error))
    return shown(error.status, error.code, say(error))


def provider_error(error: ProviderError) -> Answer:
    """Only a refused input comes this far: the backends' failures stand on their stage."""
    return shown(422, "invalid", say(error))


def http_error(error: HTTPException) -> Answer:
    status = error.code or 500
    if status < 400:
        return error.get_response()
    texts = {
        400: gettext("The request was not understood. Reload the page and try again."),
        404: gettext("There is no such page."),
        405: gettext("This address does not take that kind of request."),
        413: _too_large(error),
        500: gettext("Something broke on our side. It has been written into the log."),
    }
    return shown(status, f"http_{status}", texts.get(status) or str(error.description or error.name))


def _too_large(error: HTTPException) -> str:
    limit = request.max_content_length
    if not isinstance(error, RequestEntityTooLarge) or not limit:
        return str(gettext("What was sent is too large."))
    return str(gettext("What was sent is larger than %(limit)s MB.", limit=max(1, limit // 1024**2)))


def shown(status: int, code: str, text: str) -> Answer:
    """The error as the asker reads it: a page, a line for a script, or JSON."""
    if request.path.startswith("/api/"):
        return jsonify(error={"code": code, "message": text}), status
    if wants_json():
        return jsonify(error=code, message=text), status
    if request.headers.get("HX-Request"):
        return text, status, {"Content-Type": "text/plain; charset=utf-8"}
    return render_template("error.html", status=status, text=text), status


def wants_json() -> bool:
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], default="text/html")
    return request.blueprint in OTHER_DOORS or request.path.startswith("/api/") or best == "application/json"


def _to_login(text: str) -> Answer:
    where = request.full_path.rstrip("?") if request.method == "GET" else "/"
    login = url_for("auth.login", next=where)
    if request.headers.get("HX-Request"):
        current = url_for("auth.login")
        return text, 401, {"HX-Redirect": current}
    return redirect(login) if not wants_json() else shown(401, "unauthenticated", text)
