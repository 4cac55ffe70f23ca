"""The words of a state: how far a submission got, what a person may do, where a stage stands."""

from __future__ import annotations

import enum


class Status(enum.StrEnum):
    """How far a submission got. Each stage takes one and gives the next (automation.pipeline.STAGES)."""

    ASKED = "asked"  # only who speaks is wanted of the recording, and nothing has been done yet
    ANSWERED = "answered"  # the turns are there, and no more was wanted
    RECEIVED = "received"  # the recording is on disk, nothing has been done with it
    TRANSCRIBED = "transcribed"  # every piece has been recognised; words have times
    ATTRIBUTED = "attributed"  # sentences have speakers (or it is known why not)
    DRAFTED = "drafted"  # an article stands, pointing into the transcript
    REVIEW = "review"  # it has a cover too: a person looks
    APPROVED = "approved"  # a person signed; it goes out at publish_at
    PUBLISHED = "published"  # it has a public page and stands in the feeds
    ARCHIVED = "archived"  # put away by a person; in no queue and no feed


class Role(enum.StrEnum):
    """What a person may do; each may do what the former may."""

    VIEWER = "viewer"  # reads the desk
    AUTHOR = "author"  # submits recordings, edits
    EDITOR = "editor"  # approves, sends back, schedules, publishes
    ADMIN = "admin"  # invites people, changes schedules

    def may(self, needed: Role) -> bool:
        order = list(Role)
        return order.index(self) >= order.index(needed)


class RunState(enum.StrEnum):
    """Where a stage of a submission stands in the ledger."""

    TODO = "todo"  # free to be claimed from run_at on
    DOING = "doing"  # claimed by `owner` until `lease_until`
    DONE = "done"  # recorded; never done again unless a person sends the submission back
    PAUSED = "paused"  # stopped by a person, until one has it go on
    HALTED = "halted"  # tried too often, or the input is at fault: a person looks
