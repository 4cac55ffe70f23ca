"""What statuses, stages, roles and events are called on a page."""

from __future__ import annotations

from flask_babel import lazy_gettext

from automation.models import Role, Status

STATUSES = {
    Status.ASKED: lazy_gettext("Sent for its speakers alone"),
    Status.ANSWERED: lazy_gettext("Speakers known"),
    Status.RECEIVED: lazy_gettext("Received"),
    Status.TRANSCRIBED: lazy_gettext("Transcribed"),
    Status.ATTRIBUTED: lazy_gettext("Being written"),
    Status.DRAFTED: lazy_gettext("Drafted"),
    Status.REVIEW: lazy_gettext("In review"),
    Status.APPROVED: lazy_gettext("Approved"),
    Status.PUBLISHED: lazy_gettext("Published"),
    Status.ARCHIVED: lazy_gettext("Archived"),
}
STAGE_NAMES = {
    "transcribe": lazy_gettext("Transcript"),
    "diarize": lazy_gettext("Speakers"),
    "speakers": lazy_gettext("Speakers"),
    "draft": lazy_gettext("Article"),
    "cover": lazy_gettext("Cover"),
    "review": lazy_gettext("Review"),
    "publish": lazy_gettext("Publication"),
}
ROLES = {
    Role.VIEWER: lazy_gettext("Viewer"),
    Role.AUTHOR: lazy_gettext("Author"),
    Role.EDITOR: lazy_gettext("Editor"),
    Role.ADMIN: lazy_gettext("Administrator"),
}
GRADES = {
    "exact": lazy_gettext("word for word"),
    "cleaned": lazy_gettext("fillers left out"),
    "edited": lazy_gettext("wording differs"),
    "wrong_speaker": lazy_gettext("another speaker's words"),
    "translated": lazy_gettext("a translation"),
    "not_found": lazy_gettext("not in the recording"),
}
FACT_KINDS = {
    "number": lazy_gettext("number"),
    "date": lazy_gettext("date"),
    "money": lazy_gettext("money"),
    "percent": lazy_gettext("per cent"),
    "name": lazy_gettext("name"),
    "organisation": lazy_gettext("organisation"),
    "place": lazy_gettext("place"),
}
REUSED = {  # places of an article that repeat what is off the record: automation.reuse
    "title": lazy_gettext("In the title:"),
    "dek": lazy_gettext("In the line under the title:"),
    "body": lazy_gettext("In a paragraph:"),
    "tags": lazy_gettext("In the tags:"),
    "description": lazy_gettext("In the description:"),
    "social": lazy_gettext("In a text for a channel:"),
    "alt": lazy_gettext("In the description of the cover:"),
    "slug": lazy_gettext("In the address of the article:"),
}
OUTCOMES = {
    "served": lazy_gettext("served"),
    "failed": lazy_gettext("failed"),
    "skipped": lazy_gettext("skipped"),
}
FORMATS = {
    "feature": lazy_gettext("Feature article"),
    "brief": lazy_gettext("News brief"),
    "qa": lazy_gettext("Questions and answers"),
    "protocol": lazy_gettext("Minutes of a meeting"),
}
STEPS = {  # of the writing: providers.drafting.calls
    "article": lazy_gettext("The whole text"),
    "points": lazy_gettext("Points of part"),
    "outline": lazy_gettext("Outline"),
    "section": lazy_gettext("Section"),
    "part": lazy_gettext("Part"),
    "title": lazy_gettext("Title"),
    "again": lazy_gettext("A paragraph anew"),
    "shorter": lazy_gettext("A paragraph, shorter"),
    "from": lazy_gettext("A paragraph from chosen sentences"),
}
CAPABILITIES = {
    "speech": lazy_gettext("Speech"),
    "diarization": lazy_gettext("Speakers"),
    "drafting": lazy_gettext("Writing"),
    "covers": lazy_gettext("Covers"),
}
BACKEND_STATES = {
    "ready": lazy_gettext("ready"),
    "missing_key": lazy_gettext("no key"),
    "missing_package": lazy_gettext("package missing"),
    "missing_model": lazy_gettext("model missing"),
    "cooling": lazy_gettext("left alone"),
    "billing": lazy_gettext("out of money"),
    "auth": lazy_gettext("key refused"),
    "gone": lazy_gettext("model gone"),
    "spent": lazy_gettext("budget used up"),
}
STYLES = {  # of pictures, see providers.briefs.STYLE_PRESETS
    "news": lazy_gettext("press photograph"),
    "feature": lazy_gettext("illustration, gouache"),
    "culture": lazy_gettext("collage, bold shapes"),
    "sport": lazy_gettext("sport, motion"),
    "politics": lazy_gettext("restrained, symbolic"),
    "economy": lazy_gettext("isometric, geometric"),
    "science": lazy_gettext("scientific, fine lines"),
    "city": lazy_gettext("architecture, morning"),
    "history": lazy_gettext("etching, sepia"),
    "portrait-free": lazy_gettext("still life, no people"),
    "minimal": lazy_gettext("minimal poster"),
}
STANDINGS = {  # of a vendor's models
    "live": lazy_gettext("live"),
    "ailing": lazy_gettext("ailing: asked last"),
    "gone": lazy_gettext("gone: not asked"),
    "unknown": lazy_gettext("not known"),
}
CLASSES = {
    "auth": lazy_gettext("key refused"),
    "billing": lazy_gettext("out of money"),
    "rate_limit": lazy_gettext("too many requests"),
    "timeout": lazy_gettext("no answer in time"),
    "overloaded": lazy_gettext("overloaded"),
    "loading": lazy_gettext("model loading"),
    "gone": lazy_gettext("model gone"),
    "moderation": lazy_gettext("content refused"),
    "format": lazy_gettext("answer not usable"),
    "network": lazy_gettext("not reachable"),
    "missing_key": lazy_gettext("no key"),
    "missing_package": lazy_gettext("package missing"),
    "missing_model": lazy_gettext("model missing"),
    "input": lazy_gettext("input at fault"),
    "unknown": lazy_gettext("unknown"),
}
MODEL_STATES = {
    "here": lazy_gettext("here, verified"),
    "damaged": lazy_gettext("damaged"),
    "half": lazy_gettext("half downloaded"),
    "cached": lazy_gettext("in the cache"),
    "absent": lazy_gettext("not here"),
    "waiting": lazy_gettext("waiting"),
    "downloading": lazy_gettext("downloading"),
    "verifying": lazy_gettext("being checked"),
    "stopping": lazy_gettext("stopping"),
    "failed": lazy_gettext("download failed"),
}
MODEL_WORDS = {  # of providers.models.catalogue
    "punctuated": lazy_gettext("punctuated"),
    "plain letters": lazy_gettext("plain letters"),
    "version 2": lazy_gettext("version 2"),
    "dynamic int8": lazy_gettext("dynamic int8"),
    "who speaks when": lazy_gettext("who speaks when"),
    "a model of one's own": lazy_gettext("a model of one's own"),
}
KINDS = {
    "person": lazy_gettext("person"),
    "place": lazy_gettext("place"),
    "organisation": lazy_gettext("organisation"),
    "term": lazy_gettext("term"),
}
WINDOWS = {"day": lazy_gettext("Today"), "month": lazy_gettext("This month")}  # of UTC
EVENTS = {
    "submitted": lazy_gettext("The recording was submitted"),
    "stage_done": lazy_gettext("Done: %(stage)s"),
    "stage_failed": lazy_gettext("Failed: %(stage)s"),
    "approved": lazy_gettext("Approved version %(rev)s"),
    "publish_now": lazy_gettext("Asked to publish at once"),
    "format_asked": lazy_gettext("Asked for one more format: %(format)s"),
    "format_chosen": lazy_gettext("Chose the format to publish: %(format)s"),
    "redraft_asked": lazy_gettext("Asked for a paragraph anew"),
    "redraft_accepted": lazy_gettext("Accepted a proposal: version %(rev)s"),
    "redraft_dropped": lazy_gettext("Discarded a proposal"),
    "imported": lazy_gettext("Imported version %(rev)s from a file"),
    "unscheduled": lazy_gettext("Taken back into review"),
    "unpublished": lazy_gettext("Taken off the public pages"),
    "sent_back": lazy_gettext("Sent back: %(reason)s"),
    "archived": lazy_gettext("Archived"),
    "stopped": lazy_gettext("Stopped the work"),
    "resumed": lazy_gettext("Had the work go on"),
    "overruled": lazy_gettext("Let a flagged quote stand: %(reason)s"),
    "overruling_undone": lazy_gettext("Took back that a flagged quote may stand"),
    "retried": lazy_gettext("Asked to try again"),
    "edited": lazy_gettext("Saved version %(rev)s"),
    "corrected": lazy_gettext("Corrected sentence %(idx)s"),
    "corrected_early": lazy_gettext("Corrected what is said at %(at)s"),
    "early_undone": lazy_gettext("Undid the correction at %(at)s"),
    "reassigned": lazy_gettext("Gave sentence %(idx)s to another speaker"),
    "renamed": lazy_gettext("Named a speaker"),
    "off_record": lazy_gettext("Put what is said at %(at)s off the record"),
    "on_record": lazy_gettext("Put what is said at %(at)s on the record again"),
    "edit_undone": lazy_gettext("Undid the correction of sentence %(idx)s"),
    "alt_set": lazy_gettext("Described the cover"),
    "cover_uploaded": lazy_gettext("Uploaded a cover"),
    "cover_asked": lazy_gettext("Asked for another cover"),
    "cover_chosen": lazy_gettext("Chose a cover"),
    "model_download": lazy_gettext("Asked for the model %(model)s"),
    "model_verify": lazy_gettext("Had the model %(model)s checked"),
    "model_stop": lazy_gettext("Stopped the work on the model %(model)s"),
    "model_remove": lazy_gettext("Removed the model %(model)s"),
    "glossary_applied": lazy_gettext("Applied the glossary: %(count)s"),
    "glossary_undone": lazy_gettext("Undid words of the glossary: %(count)s"),
    "desk_assigned": lazy_gettext("Gave it to the desk “%(desk)s”"),
    "cover_cropped": lazy_gettext("Cut a cover by hand"),
}
KEPT = (  # a message that is not raised but written into the ledger
    lazy_gettext("Something broke inside Polosa (%(kind)s: %(detail)s). The log of the worker says more."),
)


def named(params: dict[str, object]) -> dict[str, object]:
    """A message's parameters with statuses and roles by the names a reader knows."""
    names = {
        **{str(key): name for key, name in STATUSES.items()},
        **{str(key): name for key, name in ROLES.items()},
    }
    return {
        name: str(names[str(value)])
        if name in ("status", "role", "needed") and str(value) in names
        else value
        for name, value in params.items()
    }
