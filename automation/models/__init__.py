"""What the newsroom keeps. Times are UTC, aware; durations are seconds.

A submission's `status` says how far the work got and nothing else: `automation.pipeline.advance` alone
sets it. A failure stands beside it, on the stage run (`error`, `attempt`, `run_at`, `halted`).

states      the words of a state
submission  a recording on its way, with all that hangs on it
transcript  what was heard, and people's corrections
article     versions, covers, quotes heard, approvals
work        the ledger of stages, requests to backends, what is known of vendors
house       people, desks and their words, schedules, the audit log
"""

from automation.models.article import Cover, Draft, Heard, Overruled, Verification
from automation.models.base import Base, UTCDateTime
from automation.models.house import Desk, Event, Fact, Schedule, Term, TermSuggestion, User
from automation.models.states import Role, RunState, Status
from automation.models.submission import Submission
from automation.models.transcript import Edit, PieceRow, SegmentRow
from automation.models.work import AttemptRow, BackendSpend, BackendState, PastRun, StageRun, WriterCall

__all__ = [
    "AttemptRow",
    "BackendSpend",
    "BackendState",
    "Base",
    "Cover",
    "Desk",
    "Draft",
    "Edit",
    "Event",
    "Fact",
    "Heard",
    "Overruled",
    "PastRun",
    "PieceRow",
    "Role",
    "RunState",
    "Schedule",
    "SegmentRow",
    "StageRun",
    "Status",
    "Submission",
    "Term",
    "TermSuggestion",
    "UTCDateTime",
    "User",
    "Verification",
    "WriterCall",
]
