"""A desk's terms: added, changed, removed, carried in and out as CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from automation.errors import Conflict, InvalidSubmission, NotFound
from automation.glossary.forms import Entry
from automation.models import Desk, Term

KINDS = ("person", "place", "organisation", "term")
LENGTH_MAX = 120
VARIANTS_MAX = 40
NOTE_MAX = 300
TERMS_MAX = 5000
COLUMNS = ("term", "variants", "kind", "note")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would compute


def entries(terms: Iterable[Term]) -> list[Entry]:
    """The terms as matching reads them."""
    return [Entry(term.id, term.canonical, tuple(map(str, term.variants)), term.kind) for term in terms]


def term(session: Session, desk_id: int, number: int) -> Term:
    found = session.get(Term, number)
    if found is None or found.desk_id != desk_id:
        raise NotFound("There is no such term.")
    return found


def add(session: Session, desk: Desk, canonical: str, variants: str, kind: str, note: str) -> Term:
    """Raises: InvalidSubmission, Conflict."""
    made = Term(desk_id=desk.id)
    write(session, made, canonical, variants, kind, note)
    session.add(made)
    return made


def write(session: Session, one: Term, canonical: str, variants: str, kind: str, note: str) -> None:
    """Checks and sets what a form or a line of CSV says. `variants` are parted by commas or semicolons."""
    canonical = clean(canonical)
    if kind not in KINDS:
        raise InvalidSubmission("The kind must be one of %(allowed)s.", allowed=", ".join(KINDS))
    if len(note.strip()) > NOTE_MAX:
        raise InvalidSubmission("The note is longer than %(most)d characters.", most=NOTE_MAX)
    same = select(Term.id).where(Term.desk_id == one.desk_id, Term.canonical == canonical)
    with session.no_autoflush:
        if any(number != one.id for number in session.scalars(same)):
            raise Conflict("“%(term)s” is in the glossary already.", term=canonical)
        count = session.scalar(select(func.count(Term.id)).where(Term.desk_id == one.desk_id)) or 0
    if one.id is None and count >= TERMS_MAX:
        raise InvalidSubmission("A glossary holds at most %(most)d terms.", most=TERMS_MAX)
    one.canonical, one.kind, one.note = canonical, kind, " ".join(note.split())
    one.variants = clean_variants(re.split(r"[,;\n]", variants), canonical)


def clean(text: str) -> str:
    """A name as it is kept. Raises: InvalidSubmission."""
    text = " ".join(text.split())
    if not re.search(r"\w", text):
        raise InvalidSubmission("Write the name or the term as it should stand in the text.")
    if len(text) > LENGTH_MAX:
        raise InvalidSubmission("The term is longer than %(most)d characters.", most=LENGTH_MAX)
    return text


def clean_variants(variants: Sequence[str], canonical: str) -> list[str]:
    """Without empty ones, doubles and the term itself. Raises: InvalidSubmission."""
    cleaned = dict.fromkeys(clean(text) for text in variants if text.strip())
    cleaned.pop(canonical, None)
    if len(cleaned) > VARIANTS_MAX:
        raise InvalidSubmission("A term has at most %(most)d variants.", most=VARIANTS_MAX)
    return list(cleaned)


def to_csv(terms: Iterable[Term]) -> str:
    """UTF-8 with a mark, so that a spreadsheet reads the letters; nothing in it is a formula."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(COLUMNS)
    for one in terms:
        row = (one.canonical, "; ".join(map(str, one.variants)), one.kind, one.note)
        table.writerow([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in row])
    return "\ufeff" + out.getvalue()


def from_csv(session: Session, desk: Desk, data: bytes) -> tuple[int, int]:
    """Adds the lines of a CSV file (term, variants, kind, note; a first line of headings may stand there).

    A term that is there already gets the file's kind and note and the variants of both. All or nothing.
    Returns (added, changed). Raises: InvalidSubmission, naming the line.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidSubmission("The file is not UTF-8 text. Save it as CSV UTF-8.") from error
    known = {one.canonical: one for one in desk.terms}
    added = changed = 0
    first_line = text.partition("\n")[0]
    table = csv.reader(
        io.StringIO(text), delimiter=";" if ";" in first_line and "," not in first_line else ","
    )
    for number, cells in enumerate(_rows(table), 1):
        row = [cell.strip().removeprefix("'") if cell[:2] != "''" else cell for cell in cells]
        if not any(row) or (number == 1 and row[0].casefold() == COLUMNS[0]):
            continue
        canonical, variants, kind, note = (*row, "", "", "", "")[:4]
        try:
            old = known.get(clean(canonical))
            if old is not None:
                more = [*map(str, old.variants), *re.split(r"[,;\n]", variants)]
                write(session, old, canonical, ";".join(more), kind or old.kind, note or old.note)
                changed += 1
            else:
                known[clean(canonical)] = add(session, desk, canonical, variants, kind or "term", note)
                session.flush()
                added += 1
        except InvalidSubmission as error:
            raise InvalidSubmission(
                "Line %(line)d of the file: %(why)s", line=number, why=str(error)
            ) from error
    return added, changed


def _rows(table: Iterable[list[str]]) -> Iterable[list[str]]:
    try:
        yield from table
    except csv.Error as error:
        raise InvalidSubmission("The file is not a table of comma-separated values.") from error
