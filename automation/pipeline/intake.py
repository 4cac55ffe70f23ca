"""The one way in: browser, API and command line all hand their recording to `submit`."""

from __future__ import annotations

import mimetypes
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import IO, Protocol

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from automation import desks
from automation.config import Settings
from automation.db import Database
from automation.errors import InvalidSubmission, NotHere, TooLarge
from automation.models import Status, Submission, User
from automation.pipeline import ledger, stage_that_takes
from automation.pipeline.advance import move
from automation.storage import BLOCK_BYTES, FolderStorage, Incoming
from providers.drafting import DEFAULT_FORMAT, FORMAT_NAMES
from providers.errors import InputRejected
from providers.types import MediaInfo

LANGUAGES = ("ru", "uk", "en")
MAX_SPEAKERS = 20
MAX_NAME = 80  # characters of a participant's name
MAX_HINT = 2000


@dataclass(frozen=True, slots=True)
class Wish:
    """What comes with a recording, as a door read it."""

    title: str = ""
    language: str = "ru"
    min_speakers: int | None = None
    max_speakers: int | None = None
    is_demo: bool = False
    desk: str = ""  # its name; empty: the first desk
    formats: Sequence[str] = ()
    participants: tuple[str, ...] = ()
    hint: str = ""
    only_speakers: bool = False  # no article is wanted, only who speaks when


@dataclass(frozen=True, slots=True)
class Submitted:
    task_id: str
    submission_id: int
    duplicate: bool  # the same bytes were sent before: this is that submission


class House(Protocol):
    """What the way in needs of the newsroom."""

    @property
    def settings(self) -> Settings: ...

    @property
    def db(self) -> Database: ...

    @property
    def storage(self) -> FolderStorage: ...


def receive(storage: FolderStorage, stream: IO[bytes], limit_bytes: int) -> Incoming:
    """Writes a recording to disk as it arrives. Raises: TooLarge, StorageFull; nothing is left behind."""
    incoming = storage.incoming()
    try:
        while block := stream.read(BLOCK_BYTES):
            incoming.write(block)
            check_size(incoming.size_bytes, limit_bytes)
    except BaseException:
        incoming.__exit__(None, None, None)
        raise
    return incoming


def check_size(size_bytes: int, limit_bytes: int) -> None:
    """Raises: TooLarge."""
    if size_bytes > limit_bytes:
        raise TooLarge(
            "The file is larger than %(limit)d MB. Send a smaller one (sound alone is enough), or ask the "
            "administrator to raise MAX_UPLOAD_MB.",
            limit=limit_bytes // 1024**2,
        )


def submit(
    house: House,
    stream: IO[bytes] | Incoming,
    filename: str,
    *,
    by: User | None,
    now: datetime,
    title: str = "",
    language: str = "ru",
    min_speakers: int | None = None,
    max_speakers: int | None = None,
    is_demo: bool = False,
    desk: str = "",
    formats: Sequence[str] = (),
    participants: Iterable[str] = (),
    hint: str = "",
    only_speakers: bool = False,
) -> Submitted:
    """Takes a recording, looks at it, keeps it and puts it at the head of the line.

    `participants` are the names of the people who speak, `hint` is the sender's wish for the writer; with
    `only_speakers` the line ends as soon as it is known who speaks when.
    `stream` is read to its end, or has arrived already (the browser's upload).
    Raises: TooLarge, StorageFull, InvalidSubmission, InputRejected: nothing is kept then.
    """
    limit = house.settings.max_upload_bytes
    incoming = stream if isinstance(stream, Incoming) else receive(house.storage, stream, limit)
    with incoming:
        wish = Wish(
            title,
            language,
            min_speakers,
            max_speakers,
            is_demo,
            desk,
            tuple(dict.fromkeys(formats)),
            names_of(participants),
            hint.strip(),
            only_speakers,
        )
        check_wish(wish)
        desk_id = _desk_id(house.db, desk)
        check_size(incoming.size_bytes, limit)
        incoming.close()
        name = clean_filename(filename)
        known = _known(house.db, incoming.sha256, wish, now)
        if known is not None:
            return known
        info = _probe(incoming, name)
        key = f"media/{incoming.sha256}{_suffix(name)}"
        house.storage.keep(incoming, key)
        return _record(house.db, incoming, name, key, info, wish, desk_id, by, now)


def _desk_id(db: Database, name: str) -> int | None:
    """Raises: InvalidSubmission for a desk that does not exist."""
    with db.read() as session:
        found = desks.named(session, name)
        return found.id if found else None


def check_wish(wish: Wish) -> None:
    """Raises: InvalidSubmission."""
    if wish.language not in LANGUAGES:
        raise InvalidSubmission("The language must be one of %(allowed)s.", allowed=", ".join(LANGUAGES))
    for name in wish.formats:
        if name not in FORMAT_NAMES:
            raise InvalidSubmission("There is no format called %(name)s.", name=name[:40])
    low, high = wish.min_speakers, wish.max_speakers
    if any(count is not None and not 1 <= count <= MAX_SPEAKERS for count in (low, high)):
        raise InvalidSubmission("The number of speakers must be from 1 to %(most)d.", most=MAX_SPEAKERS)
    if low is not None and high is not None and low > high:
        raise InvalidSubmission("The least number of speakers is greater than the greatest.")

    if len(wish.participants) > MAX_SPEAKERS or any(len(name) > MAX_NAME for name in wish.participants):
        raise InvalidSubmission(
            "At most %(most)d participants can be named, each with at most %(letters)d characters.",
            most=MAX_SPEAKERS, letters=MAX_NAME,
        )  # fmt: skip
    if len(wish.hint) > MAX_HINT:
        raise InvalidSubmission("The prompt is longer than %(most)d characters.", most=MAX_HINT)


def names_of(participants: Iterable[str]) -> tuple[str, ...]:
    """Names from lines or commas, each once, in their order."""
    names = (" ".join(name.split()) for text in participants for name in re.split(r"[,;\n]", text))
    return tuple(dict.fromkeys(name for name in names if name))


def clean_filename(filename: str) -> str:
    """The last part of whatever path was sent, without control characters, at most 200 characters."""
    name = PurePath(filename.replace("\\", "/")).name
    return re.sub(r"[\x00-\x1f\x7f]", "", name).strip()[-200:] or "recording"


def _probe(incoming: Incoming, name: str) -> MediaInfo:
    try:
        from providers.audio import probe  # the web tier alone runs without FFmpeg
    except ModuleNotFoundError as error:
        raise NotHere(
            "This server takes no recordings: it publishes, another machine listens. Send the recording to "
            "the machine with the worker, or install the package %(package)s here.",
            package=error.name,
        ) from error
    try:
        return probe(incoming.path)
    except InputRejected as error:  # it knows the file by its name on our disk; the sender does not
        params = {**error.params, "file": name}
        raise InputRejected(error.template, error_class=error.error_class, **params) from error


def _suffix(name: str) -> str:
    suffix = PurePath(name).suffix.lower()
    return suffix if re.fullmatch(r"\.[a-z0-9]{1,5}", suffix) else ""


def _known(db: Database, sha256: str, wish: Wish, now: datetime) -> Submitted | None:
    """The submission of these bytes, if they were sent before. One of which only the turns were wanted and
    of which an article is wanted now goes the whole way."""
    with db.read() as session:
        row = session.execute(
            select(Submission.task_id, Submission.id, Submission.status).where(
                Submission.media_sha256 == sha256
            )
        ).first()
    if row is None:
        return None
    if row.status in (Status.ASKED, Status.ANSWERED) and not wish.only_speakers:
        _take_further(db, row.id, wish, now, _desk_id(db, wish.desk))
    return Submitted(row.task_id, row.id, duplicate=True)


def _take_further(db: Database, submission_id: int, wish: Wish, now: datetime, desk_id: int | None) -> None:
    with db.write() as session:
        submission = session.get_one(Submission, submission_id, with_for_update={"of": Submission})
        if submission.status not in (Status.ASKED, Status.ANSWERED):
            return
        for run in list(submission.runs):  # one at work finds its lease gone and records nothing
            session.delete(run)
        submission.title = (wish.title.strip() or submission.filename)[:300]
        submission.desk_id = desk_id
        submission.format = wish.formats[0] if wish.formats else DEFAULT_FORMAT
        submission.formats = list(wish.formats)
        submission.language, submission.hint = wish.language, wish.hint or submission.hint
        submission.participants = list(wish.participants) or submission.participants
        if wish.min_speakers is not None or wish.max_speakers is not None:
            submission.min_speakers, submission.max_speakers = wish.min_speakers, wish.max_speakers
        move(session, submission, Status.RECEIVED, now)


def _record(
    db: Database,
    incoming: Incoming,
    name: str,
    key: str,
    info: MediaInfo,
    wish: Wish,
    desk_id: int | None,
    by: User | None,
    now: datetime,
) -> Submitted:
    mime = mimetypes.guess_type(name)[0] or ("video/mp4" if info.has_video else "audio/mpeg")
    submission = Submission(
        task_id=secrets.token_hex(8),
        status=Status.ASKED if wish.only_speakers else Status.RECEIVED,
        title=(wish.title.strip() or name)[:300],
        filename=name,
        media_key=key,
        media_sha256=incoming.sha256,
        media_mime=mime,
        size_bytes=incoming.size_bytes,
        duration_s=info.duration_s,
        language=wish.language,
        desk_id=desk_id,
        is_demo=wish.is_demo,
        format=wish.formats[0] if wish.formats else DEFAULT_FORMAT,
        formats=list(wish.formats),
        min_speakers=wish.min_speakers,
        max_speakers=wish.max_speakers,
        participants=list(wish.participants),
        hint=wish.hint,
        created_by_id=by.id if by else None,
        created_at=now,
        updated_at=now,
    )
    try:
        with db.write() as session:
            session.add(submission)
            session.flush()
            first = stage_that_takes(submission.status)
            if first is not None:
                ledger.enqueue(session, submission, first, now)
            ledger.note_event(
                session,
                "submitted",
                now,
                submission_id=submission.id,
                by_id=by.id if by else None,
                filename=name,
            )
    except IntegrityError:  # the same bytes arrived twice at once: the other one was first
        known = _known(db, incoming.sha256, wish, now)
        if known is None:
            raise
        return known
    return Submitted(submission.task_id, submission.id, duplicate=False)
