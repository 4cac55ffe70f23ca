"""The terminal door: `polosa …` or `python -m automation …`."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click
from dotenv import load_dotenv
from sqlalchemy import func, select

from automation import accounts, logs, supervisor
from automation.article import clock
from automation.diarize_cli import diarize
from automation.errors import PolosaError
from automation.models import Role, RunState, Submission, User
from automation.models_cli import models
from automation.newsroom import Newsroom, open_newsroom
from automation.pipeline import intake, pace, pausing
from automation.version import VERSION
from providers.errors import ProviderError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="polosa")
def cli() -> None:
    """Recordings in, reviewed articles out."""


@cli.command()
def run() -> None:
    """Start everything: web server, worker and scheduler; print the address and the set-up link."""
    supervisor.run(os.environ)


@cli.command()
def worker() -> None:
    """Start a worker (with the scheduler) and nothing else."""
    supervisor.run_worker(os.environ)


@cli.command()
def web() -> None:
    """Start the web server and nothing else."""
    supervisor.run_web(os.environ)


@cli.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--title", default="", help="Working title.")
@click.option(
    "--language", default="ru", type=click.Choice(intake.LANGUAGES), help="Language of the article."
)
@click.option("--desk", default="", help="Name of the desk; without it the first one.")
@click.option("--min-speakers", type=int, help="At least so many people speak (1–20).")
@click.option("--max-speakers", type=int, help="At most so many people speak (1–20).")
@click.option("--participant", "participants", multiple=True, metavar="NAME", help="Who speaks; repeat it.")
@click.option("--prompt", default="", help="A wish for the writer.")
@click.option("--wait", is_flag=True, help="Wait until the article is ready for review.")
def submit(
    files: tuple[Path, ...],
    title: str,
    language: str,
    desk: str,
    min_speakers: int | None,
    max_speakers: int | None,
    participants: tuple[str, ...],
    prompt: str,
    wait: bool,
) -> None:
    """Submit recordings; the running worker takes them on. Exit status 1 if any was refused."""
    room = _room()
    task_ids, refused = [], 0
    for path in files:
        try:
            with path.open("rb") as stream:
                submitted = intake.submit(
                    room,
                    stream,
                    path.name,
                    by=None,
                    now=datetime.now(UTC),
                    title=title,
                    language=language,
                    min_speakers=min_speakers,
                    max_speakers=max_speakers,
                    desk=desk,
                    participants=participants,
                    hint=prompt,
                )
        except (PolosaError, ProviderError) as error:
            refused += 1
            click.echo(f"{path}: {error}", err=True)
            continue
        again = " (these bytes were sent before)" if submitted.duplicate else ""
        click.echo(f"{submitted.task_id}  {path.name}{again}")
        task_ids.append(submitted.task_id)
    if wait:
        for task_id in task_ids:
            _wait_for(room, task_id)
    sys.exit(1 if refused else 0)


@cli.command()
def status() -> None:
    """What is in the line, newest first."""
    room = _room()
    with room.db.read() as session:
        for submission in session.scalars(select(Submission).order_by(Submission.id.desc()).limit(50)):
            problem = next((run.error for run in submission.runs if run.error), None)
            click.echo(f"{submission.task_id}  {submission.status:<12} {submission.title}")
            told = _told(submission)
            if told:
                click.echo(f"    {told}")
            if problem:
                click.echo(f"    {problem['template'] % problem['params']}")


@cli.command()
@click.argument("task")
def cancel(task: str) -> None:
    """Stop what is being done with a submission; `resume` goes on from there."""
    _pause(task, pausing.stop, "stopped; polosa resume %s goes on from there")


@cli.command()
@click.argument("task")
def resume(task: str) -> None:
    """Go on with a submission that was stopped."""
    _pause(task, pausing.resume, "%s goes on")


def _pause(task: str, act: Callable[..., None], told: str) -> None:
    with _room().db.write() as session:
        submission = session.scalar(select(Submission).where(Submission.task_id == task))
        if submission is None:
            raise click.ClickException(f"There is no submission {task}; polosa status lists them.")
        try:
            act(session, submission, None, datetime.now(UTC))
        except PolosaError as error:
            raise click.ClickException(str(error)) from error
    click.echo(told % task)


@cli.command()
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=Path("build/demo"),
    show_default=True,
    help="Where the database, the article and the cover go.",
)
def demo(folder: Path) -> None:
    """Run the line on the bundled sample without a server; print where the article and the cover are."""
    from automation import demonstration

    demonstration.run(folder, os.environ)


@cli.command("setup-link")
def setup_link() -> None:
    """Print a one-time link for the first account."""
    room = _room()
    token = accounts.setup_token(room.db)
    if token is None:
        raise click.ClickException("There are accounts already; log in at " + room.settings.public_url)
    click.echo(f"{room.settings.public_url}/setup/{token}")


@cli.command("add-user")
@click.argument("email")
@click.option("--name", default="")
@click.option("--role", type=click.Choice([role.value for role in Role]), default=Role.EDITOR.value)
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True)
def add_user(email: str, name: str, role: str, password: str) -> None:
    """Make an account."""
    room = _room()
    try:
        with room.db.write() as session:
            accounts.create_account(session, email, name, password, Role(role), datetime.now(UTC))
    except PolosaError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{email} may log in at {room.settings.public_url}")


@cli.command()
def tick() -> None:
    """One tick of the clock, as the cron endpoint does it."""
    import json
    from dataclasses import asdict

    from automation import scheduler

    room = _room()
    report = scheduler.tick(room, datetime.now(UTC), budget_s=room.settings.tick_budget_s)
    click.echo(json.dumps(asdict(report), ensure_ascii=False, indent=2))


@cli.command()
@click.option("--measure", is_flag=True, help="Load the speech engines, and measure which is fastest here.")
def doctor(measure: bool) -> None:
    """Say which backends are ready, which are not, and what each of them lacks."""
    room = _room()
    click.echo(f"polosa {VERSION}, python {sys.version.split()[0]}, database {room.db.engine.dialect.name}")
    with room.db.read() as session:
        people = session.scalar(select(func.count()).select_from(User))
    click.echo(f"accounts: {people}")
    for capability, chain in vars(room.tools).items():
        for name in chain.names:
            try:
                ready = chain.backend(name)
                if measure and capability == "speech" and hasattr(ready, "prepare"):
                    ready.prepare(lambda fraction, note: None)
            except ProviderError as error:
                click.echo(f"{capability}: {name}: not ready: {error}")
            else:
                why = f" ({ready.why})" if getattr(ready, "why", "") else ""
                click.echo(f"{capability}: {name}: ready {ready.model}{why}".rstrip())


@cli.command()
def migrate() -> None:
    """Bring the database schema up to date (every start does it too)."""
    _room()
    click.echo("The schema is up to date.")


def _room() -> Newsroom:
    load_dotenv()
    try:
        room = open_newsroom(os.environ)
    except PolosaError as error:
        raise click.ClickException(str(error)) from error
    logs.set_up("WARNING", room.settings.log_format)
    return room


def _wait_for(room: Newsroom, task_id: str) -> None:
    """Shows the stages until a person is next, or the line stands."""
    shown = ""
    while True:
        with room.db.read() as session:
            submission = session.scalars(select(Submission).where(Submission.task_id == task_id)).one()
            runs = [run for run in submission.runs if run.state != RunState.DONE]
        line = ", ".join(f"{run.stage} {run.progress:.0%}" for run in runs) or submission.status
        if line != shown:
            click.echo(f"{task_id}  {_told(submission) or line}")
            shown = line
        if not runs or all(run.state in (RunState.HALTED, RunState.PAUSED) or run.error for run in runs):
            for run in runs:
                if run.error:
                    click.echo(f"    {run.error['template'] % run.error['params']}", err=True)
            return
        time.sleep(room.settings.poll_s)


def _told(submission: Submission) -> str:
    """What is being done: transcribe 21 %, 12:30 of 58:10 heard, about 4 min left."""
    told = []
    for run in submission.runs:
        if run.state not in (RunState.DOING, RunState.PAUSED):
            continue
        parts = [f"{run.stage} {run.progress:.0%}"]
        if run.stage == "transcribe" and run.progress:
            whole_s = submission.duration_s
            parts.append(f"{clock(run.progress * whole_s)} of {clock(whole_s)} heard")
        left_s = pace.left_s(run.eta_at, datetime.now(UTC))
        if run.state == RunState.PAUSED:
            parts.append("stopped")
        elif left_s is not None:
            template, params = pace.worded(left_s)
            parts.append(template % params)
        told.append(", ".join(parts))
    return "; ".join(told)


cli.add_command(models)
cli.add_command(diarize)


def main() -> None:
    cli(prog_name="polosa")
