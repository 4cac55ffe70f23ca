"""Errors a door shows as they are: each has an HTTP status and a message template.

The template is a gettext message id; `params` fill it in, in whatever language the reader has.
"""

from __future__ import annotations


class PolosaError(Exception):
    """Base of the errors that are an answer, not a bug."""

    status = 500
    code = "error"

    def __init__(self, template: str, **params: object) -> None:
        self.template = template
        self.params = params
        super().__init__(template % params if params else template)


class NotFound(PolosaError):
    status = 404
    code = "not_found"


class Forbidden(PolosaError):
    status = 403
    code = "forbidden"


class Unauthenticated(PolosaError):
    status = 401
    code = "unauthenticated"


class InvalidSubmission(PolosaError):
    """What was sent can't be taken; the message says what to send instead."""

    status = 422
    code = "invalid"


class TooLarge(PolosaError):
    status = 413
    code = "too_large"


class WrongState(PolosaError):
    """The submission is not where this act is possible."""

    status = 409
    code = "wrong_state"


class Conflict(PolosaError):
    """Somebody saved a newer version meanwhile."""

    status = 409
    code = "conflict"


class TooManyTries(PolosaError):
    status = 429
    code = "too_many_tries"


class StorageFull(PolosaError):
    status = 507
    code = "storage_full"


class NotHere(PolosaError):
    """This installation lacks what the request needs; another machine of it has it."""

    status = 501
    code = "not_here"


class BadSetting(PolosaError):
    """A setting has a value that can't be used: the start stops and names it."""

    status = 500
    code = "bad_setting"
