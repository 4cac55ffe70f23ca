"""What a backend says of its progress: a template and its parameters, so that a page can translate it."""

from __future__ import annotations

from typing import Any, Self


class Note(str):
    """English text that remembers the gettext template (`%(name)s`) and the parameters it was made of."""

    template: str
    params: dict[str, Any]
    is_fetching: bool  # bytes arrive: no work is being done yet

    def __new__(cls, template: str, *, is_fetching: bool = False, **params: Any) -> Self:
        made = super().__new__(cls, template % params if params else template)
        made.template, made.params, made.is_fetching = template, params, is_fetching
        return made

    @classmethod
    def of(cls, text: str) -> Note:
        """A note as it is; a bare text (the name of a model) says what is being loaded."""
        if isinstance(text, Note):
            return text
        return cls("Loading %(what)s", what=text) if text else cls("")


def downloading(what: str, done_bytes: float, total_bytes: float) -> Note:
    """`what` arrives; the total may be 0 where nobody told it."""
    done = round(done_bytes / 1e6)
    if not total_bytes:
        return Note("Downloading %(what)s: %(done)d MB", is_fetching=True, what=what, done=done)
    return Note(
        "Downloading %(what)s: %(done)d of %(total)d MB",
        is_fetching=True, what=what, done=done, total=round(total_bytes / 1e6),
    )  # fmt: skip


def checking(what: str, done_bytes: float, total_bytes: float) -> Note:
    """The files of `what` are compared with their checksums."""
    done, total = round(done_bytes / 1e6), round(total_bytes / 1e6)
    return Note(
        "Checking the files of %(what)s: %(done)d of %(total)d MB",
        is_fetching=True, what=what, done=done, total=total,
    )  # fmt: skip
