"""`polosa diarize FILE`: who speaks when, at once and without the database."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import click
from dotenv import load_dotenv

from automation import toolbox
from automation.article import clock
from automation.config import Settings
from automation.errors import PolosaError
from automation.pipeline.intake import Wish, check_wish, names_of
from providers.chain import Outcome
from providers.errors import ProviderError
from providers.types import Turn


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--min-speakers", type=int, help="At least so many people speak (1–20).")
@click.option("--max-speakers", type=int, help="At most so many people speak (1–20).")
@click.option("--participant", "participants", multiple=True, metavar="NAME", help="Who speaks; repeat it.")
@click.option("--prompt", default="", help="A note that stands in the JSON beside the turns.")
@click.option("--json", "shape", flag_value="json", help="Print JSON, as the API answers.")
@click.option("--rttm", "shape", flag_value="rttm", help="Print RTTM, as evaluation tools read it.")
def diarize(
    file: Path,
    min_speakers: int | None,
    max_speakers: int | None,
    participants: tuple[str, ...],
    prompt: str,
    shape: str | None,
) -> None:
    """Say who speaks when in FILE, with the chain of DIARIZATION_BACKENDS."""
    load_dotenv()
    names = names_of(participants)
    try:
        check_wish(
            Wish(min_speakers=min_speakers, max_speakers=max_speakers, participants=names, hint=prompt)
        )
        if min_speakers is None and max_speakers is None and len(names) > 1:
            max_speakers = len(names)
        chain = toolbox.build(Settings.from_env(os.environ)).diarization
        outcome = chain.run(
            lambda backend: backend.turns(
                file, min_speakers=min_speakers, max_speakers=max_speakers, progress=_progress
            )
        )
    except (PolosaError, ProviderError) as error:
        raise click.ClickException(str(error)) from error
    _progress(1.0, "")
    weaker = bool(getattr(chain.backend(outcome.backend), "is_weaker", False))
    for attempt in outcome.attempts:
        if attempt.outcome != "served":
            click.echo(f"{attempt.backend}: {attempt.message}", err=True)
    if shape == "json":
        click.echo(json.dumps(_answer(outcome, weaker, names, prompt), ensure_ascii=False, indent=2))
    elif shape == "rttm":
        click.echo(rttm(file.stem, outcome.value), nl=False)
    else:
        _table(outcome, weaker)


def rttm(recording: str, turns: list[Turn]) -> str:
    """RTTM lines; a name with blanks would be read as two fields."""
    name = "_".join(recording.split()) or "recording"
    return "".join(
        f"SPEAKER {name} 1 {t.start_s:.3f} {t.end_s - t.start_s:.3f} <NA> <NA> {t.speaker} <NA> <NA>\n"
        for t in turns
    )


def _answer(
    outcome: Outcome[list[Turn]], weaker: bool, names: tuple[str, ...], prompt: str
) -> dict[str, Any]:
    return {
        "backend": outcome.backend,
        "model": outcome.model,
        "weaker": weaker,
        "participants": list(names),
        "prompt": prompt,
        "turns": [{"start": t.start_s, "end": t.end_s, "speaker": t.speaker} for t in outcome.value],
    }


def _table(outcome: Outcome[list[Turn]], weaker: bool) -> None:
    for turn in outcome.value:
        length = f"{turn.end_s - turn.start_s:.1f} s"
        click.echo(f"{clock(turn.start_s):>8}  {clock(turn.end_s):>8}  {length:>8}  {turn.speaker}")
    people = len({turn.speaker for turn in outcome.value})
    click.echo(f"\n{people} speakers, {len(outcome.value)} turns, by {outcome.backend} ({outcome.model})")
    if weaker:
        click.echo("That is a guess without a model: listen before you trust it.", err=True)


def _progress(fraction: float, note: str) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{fraction:4.0%} {note:<60}" if note else f"\r{'':<66}\r", err=True, nl=False)
