"""What is counted of a draft and kept with it: its facts, each with where it was said, and its measures."""

from __future__ import annotations

from automation.grounding.ledger import ledger_of
from automation.models import Draft, Submission
from automation.transcript import Transcript, view


def appraise(draft: Draft, transcript: Transcript, notes: str = "") -> None:
    """Puts the ledger of facts and the measures into a draft. `notes` are what the editor told the writer."""
    found = ledger_of(draft.body, draft.title, draft.dek, transcript, notes)
    draft.facts, draft.measures = list(found["facts"]), found["measures"]


def notes_of(submission: Submission) -> str:
    """What people told beside the recording: the wish for the article, why it was sent back, names."""
    return "\n".join(filter(None, (submission.hint, submission.note, "; ".join(submission.participants))))


def appraise_again(submission: Submission) -> None:
    """After a correction of the transcript: what is kept with the newest versions agrees with it again."""
    newest = {draft.format: draft for draft in submission.drafts}
    if newest:
        transcript = view(submission)
        for draft in newest.values():
            appraise(draft, transcript, notes_of(submission))
