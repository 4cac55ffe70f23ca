"""`polosa demo`: the whole line on the bundled interview, without a server."""

from __future__ import annotations

import mimetypes
import shutil
from collections.abc import Mapping
from pathlib import Path

import click
from sqlalchemy import select

from automation import logs
from automation.models import Cover, RunState, StageRun, Submission
from automation.newsroom import Newsroom, open_newsroom
from automation.pipeline import STAGES
from automation.pipeline.advance import Works, load, work_off
from automation.pipeline.draft import drafted
from automation.pipeline.ledger import Claim, claim
from automation.supervisor import submit_sample
from automation.transcript import view

LEASE_S = 3600.0  # nobody else works here


def run(folder: Path, env: Mapping[str, str]) -> None:
    """Works the sample off in `folder` (made afresh); exits with 1 when a stage fails."""
    shutil.rmtree(folder, ignore_errors=True)
    room = open_newsroom({**env, "POLOSA_DATA": str(folder), "DATABASE_URL": ""})
    logs.set_up("ERROR", "text")
    submitted = submit_sample(room)
    click.echo(
        "The sample interview, recognised by the DEMONSTRATION model (it knows synthetic speech only)."
    )
    while held := claim(room.db, room.works.now(), LEASE_S):
        _work_with_bar(room, held)
    submission = load(room.db, submitted.submission_id)
    _write(folder, submission, room)


def _work_with_bar(room: Newsroom, held: Claim) -> None:
    """Runs one stage; the bar follows what the stage writes into the ledger."""
    import threading

    works = Works(room.db, room.storage, room.tools, LEASE_S)
    stage = threading.Thread(target=work_off, args=(works, held, threading.Event()))
    with click.progressbar(length=100, label=f"{held.stage:<11}", width=30, show_eta=False) as bar:
        stage.start()
        shown = 0
        while stage.is_alive():
            stage.join(0.2)
            percent = round(_run(room, held).progress * 100)
            bar.update(max(percent - shown, 0))
            shown = max(percent, shown)
        bar.update(100 - shown)
    outcome = _run(room, held)
    if outcome.state != RunState.DONE:
        error = outcome.error or {"template": "The stage did not finish.", "params": {}}
        raise click.ClickException(f"{held.stage}: {error['template'] % error['params']}")


def _run(room: Newsroom, held: Claim) -> StageRun:
    with room.db.read() as session:
        return session.scalars(
            select(StageRun).where(StageRun.submission_id == held.submission_id, StageRun.stage == held.stage)
        ).one()


def _write(folder: Path, submission: Submission, room: Newsroom) -> None:
    draft, cover = drafted(submission), submission.covers[-1]
    with room.db.read() as session:
        image = session.scalars(select(Cover.image).where(Cover.id == cover.id)).one()
    picture = folder / ("cover" + (mimetypes.guess_extension(cover.mime) or ""))
    picture.write_bytes(image)
    article, transcript = folder / "article.md", folder / "transcript.txt"
    article.write_text(f"# {draft.title}\n\n*{draft.dek}*\n\n{draft.body}", encoding="utf-8")
    transcript.write_text(
        "".join(f"[{line.start_s:7.2f}] {line.name}: {line.text}\n" for line in view(submission).lines),
        encoding="utf-8",
    )
    for stage in STAGES:
        served = submission.provenance.get(stage.name)
        if served:
            click.echo(f"{stage.name:<11} {served['backend']} {served['model']}".rstrip())
    click.echo(f"\nTranscript: {transcript}\nArticle:    {article}\nCover:      {picture}")
