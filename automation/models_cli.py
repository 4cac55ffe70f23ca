"""`polosa models …`: model files listed, downloaded, checked, removed, published, quantised."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from dotenv import load_dotenv

from providers.errors import ProviderError
from providers.hub import Hub
from providers.models.catalogue import Model
from providers.models.store import Store
from providers.speech import openvino_graph, quantize

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group()
def models() -> None:
    """Model files: what can be had, what is here, from where it comes."""
    load_dotenv()


@models.command("list")
def show() -> None:
    """All models: what is here and its size, what it is for, its licence."""
    store = _do(Store.from_env, os.environ)
    for model in store.sources.models.values():
        click.echo(f"{model.name:<24} {_state(store, model):<22} {model.purpose}; {_conditions(model)}")
    click.echo(f"\nfolder: {store.folder.absolute()}")
    click.echo("sources: " + ", ".join(str(source) for source in store.sources.order))


@models.command()
@click.argument("names", nargs=-1, required=True)
def download(names: tuple[str, ...]) -> None:
    """Download models, or go on with half a download; every file is verified."""
    store = _do(Store.from_env, os.environ)
    for name in names:
        folder = _do(store.obtain, name, _progress)
        click.echo(f"\r{name}: {folder.absolute()}")


@models.command()
@click.argument("names", nargs=-1)
def verify(names: tuple[str, ...]) -> None:
    """Compare files with their SHA-256; without names, of all models here. Exit status 1 if one differs."""
    store = _do(Store.from_env, os.environ)
    here = [name for name in store.sources.models if store.manifest(name)]
    is_damaged = False
    for name in names or here:
        wrong = _do(store.verify, name, _progress)
        is_damaged = is_damaged or bool(wrong)
        remedy = f"; to fetch them again: polosa models download {name}" if wrong else ""
        click.echo(f"{name}: {'damaged: ' + ', '.join(wrong) if wrong else 'as downloaded'}{remedy}")
    sys.exit(1 if is_damaged else 0)


@models.command()
@click.argument("names", nargs=-1, required=True)
def remove(names: tuple[str, ...]) -> None:
    """Delete models and half downloads."""
    store = _do(Store.from_env, os.environ)
    for name in names:
        freed = _do(store.remove, name)
        click.echo(f"{name}: removed, {freed / 1e6:.0f} MB freed")


@models.command()
@click.argument("folder", type=FOLDER)
@click.argument("repo")
@click.option("--public", is_flag=True, help="Everyone may see the repository (when it is new).")
@click.option("--check", is_flag=True, help="Only say what the card lacks.")
def publish(folder: Path, repo: str, public: bool, check: bool) -> None:
    """Upload a model's FOLDER to REPO on the Hub with its card, made from card.toml in the folder."""
    from providers.models import card
    from providers.models import publish as publishing

    if check:
        lacking = _do(lambda: card.holes(card.Facts.read(folder), folder))
        click.echo("\n".join(lacking) or "The card has no holes.")
        sys.exit(1 if lacking else 0)
    hub = Hub.from_env(os.environ)
    done = _do(lambda: publishing.publish(folder, repo, hub, private=not public))
    click.echo(f"{done.files} files and the card: {done.url}")


@models.command("quantize")
@click.argument("name", type=click.Choice(sorted(openvino_graph.GRAPHS)))
@click.argument("speech", type=click.Path(exists=True, path_type=Path))
@click.option("--model-dir", type=FOLDER, help="The model's files; else those of polosa models download.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder to write; else where gigaam_openvino looks."
)
@click.option("--calibrate", default=quantize.CALIBRATE, show_default=True, help="Pieces to calibrate on.")
@click.option("--held-out", default=quantize.HELD_OUT, show_default=True, help="Pieces to compare on.")
def quantize_model(
    name: str, speech: Path, model_dir: Path | None, out: Path | None, calibrate: int, held_out: int
) -> None:
    """Quantise the model NAME to int8 on the recordings in SPEECH; compare its words with full precision's.

    Exit status 1 when they differ by more than QUANTIZE_MAX_CER: such a model is kept and never serves.
    """
    store = _do(Store.from_env, os.environ)
    most = _do(openvino_graph.max_cer, os.environ)
    target = out or openvino_graph.int8_folder(os.environ, store.folder, name)
    source = model_dir or _do(store.obtain, name, _progress)
    found = _do(
        lambda: quantize.quantize(
            name, source, speech, target, calibrate=calibrate, held_out=held_out, progress=_progress
        )
    )
    over = f"{found.characters} characters, {found.sentences} pieces"
    click.echo(f"\nCER between int8 and fp32: {found.cer:.2%} ({over})")
    speeds = found.details
    click.echo(f"speed here: int8 {speeds['rtfx_int8']}× real time, fp32 {speeds['rtfx_fp32']}×")
    if found.cer > most:
        raise click.ClickException(
            f"More than {most:.2%} (QUANTIZE_MAX_CER): {target} will not serve. Calibrate on more "
            "speech of the kind you record."
        )
    click.echo(f"It may serve: {target.absolute()} (polosa doctor --measure says whether it does)")


def _state(store: Store, model: Model) -> str:
    size = store.size(model.name)
    if store.find(model.name):
        return f"here, {size / 1e6:.0f} MB"
    if store.manifest(model.name):
        return f"damaged, {size / 1e6:.0f} MB"
    if size:
        return f"half, {size / 1e6:.0f} MB"
    return f"to download, {model.about_mb} MB" if model.about_mb else "to download"


def _conditions(model: Model) -> str:
    return f"{model.licence}, accept its terms first" if model.needs_terms else model.licence


def _progress(fraction: float, note: str) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{fraction:4.0%} {note:<70}", err=True, nl=False)


def _do(act: Callable[..., Any], *args: Any) -> Any:
    """What a provider says went wrong is the whole answer."""
    try:
        return act(*args)
    except ProviderError as error:
        raise click.ClickException(str(error)) from error
