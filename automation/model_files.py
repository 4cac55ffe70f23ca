"""Model files as the newsroom sees them: what is known of each, what an administrator may ask, who does it.

The web tier only writes orders; the worker's `Downloader` carries them out, one at a time.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Literal

from automation.backends import STAGE_OF
from automation.config import Settings
from automation.errors import NotFound, NotHere, StorageFull, WrongState
from providers.errors import Unavailable
from providers.hub import Hub
from providers.models.catalogue import Model
from providers.models.notes import Doing
from providers.models.orders import Order, Orders, carry_out
from providers.models.sources import Source
from providers.models.store import Store
from providers.speech import engines_of

log = logging.getLogger(__name__)
LOOK_EVERY_S = 1.0
AFTER_ERROR_S = 30.0
CACHE_EVERY_S = 10.0
WORKER_NOTE = "worker.now.json"

State = Literal[
    "here",  # complete and verified
    "damaged",  # a file is absent or changed
    "half",  # a part has arrived, and nobody is at work
    "cached",  # not in the folder; a backend finds it in the Hugging Face cache
    "absent",
    "waiting",  # ordered, not begun, or tried again later
    "downloading",
    "verifying",
    "stopping",  # the order was withdrawn, the worker has not noticed yet
    "failed",  # a person is needed
]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one model."""

    model: Model
    state: State
    folder: Path
    on_disk: int  # bytes, half a download included
    total: int  # bytes of the whole; 0: unknown
    half: int  # bytes of a download that is not complete
    checked_at: datetime | None
    source: str  # where the files came from
    damaged: tuple[str, ...]
    doing: Doing | None
    order: Order | None
    sources: tuple[Source, ...]  # that would be asked, in order
    uses: tuple[tuple[str, str], ...]  # (backend, stage)
    is_selected: bool  # by the settings, for a backend that is in use
    cached: str  # where the worker's Hugging Face cache has it; empty: nowhere

    @property
    def can_stop(self) -> bool:
        """Whether an order stands, so that there is something to withdraw."""
        return self.order is not None and not (self.order.is_halted or self.order.is_withdrawn)


@dataclass(frozen=True, slots=True)
class Overview:
    folder: Path
    free_bytes: int
    is_served: bool  # a worker carries out what is asked here
    is_offline: bool
    models: tuple[Known, ...]

    @property
    def is_moving(self) -> bool:
        return any(known.doing or known.can_stop for known in self.models)


def overview(settings: Settings) -> Overview:
    """Raises: Unavailable for a MODEL_SOURCES that can't be read."""
    store = open_store(settings)
    cached = _told_by_worker(store)
    return Overview(
        store.folder.absolute(),
        store.room_left(),
        store.notes.is_served(),
        store.sources.offline,
        tuple(
            _known(store, model, settings, cached.get(model.name, ""))
            for model in store.sources.models.values()
        ),
    )


def open_store(settings: Settings) -> Store:
    """Raises: Unavailable for a MODEL_SOURCES that can't be read."""
    return Store.from_env(settings.env)


def ask_download(settings: Settings, name: str, now: datetime) -> None:
    """Raises: NotFound, NotHere, WrongState, StorageFull."""
    store, model = _served_store(settings, name)
    if store.find(name) is not None:
        raise WrongState("The model %(model)s is here already.", model=name)
    try:
        store.check_room(model, max(0, model.about_mb * 1_000_000 - store.half(name)))
    except Unavailable as error:
        raise StorageFull(error.template, **error.params) from error
    Orders(store.notes).give(name, "download", now.timestamp())


def ask_verify(settings: Settings, name: str, now: datetime) -> None:
    """Raises: NotFound, NotHere, WrongState."""
    store, _ = _served_store(settings, name)
    if store.manifest(name) is None:
        raise WrongState(
            "The model %(model)s is not on this machine, so there is nothing to check.", model=name
        )
    Orders(store.notes).give(name, "verify", now.timestamp())


def stop(settings: Settings, name: str) -> None:
    """Withdraws the order; what has arrived stays. Raises: NotFound, NotHere."""
    store, _ = _served_store(settings, name)
    Orders(store.notes).withdraw(name)


def remove(settings: Settings, name: str) -> int:
    """How many bytes were freed. Raises: NotFound, NotHere, WrongState."""
    store, _ = _served_store(settings, name)
    try:
        freed = store.remove(name)
    except Unavailable as error:
        raise WrongState(error.template, **error.params) from error
    Orders(store.notes).withdraw(name)
    return freed


def _served_store(settings: Settings, name: str) -> tuple[Store, Model]:
    store = open_store(settings)
    if name not in store.sources.models:
        raise NotFound("There is no model %(model)s.", model=name)
    if not store.notes.is_served():
        raise NotHere(
            "No worker runs with the folder %(folder)s, so nothing can be done with models here. On the "
            "worker's machine run: polosa models download %(model)s",
            folder=str(store.folder.absolute()),
            model=name,
        )
    return store, store.sources.models[name]


def _told_by_worker(store: Store) -> dict[str, str]:
    """Model → its folder in the worker's cache: the web server may run as another user, with another one."""
    told = store.notes.read(WORKER_NOTE) if store.notes.is_served() else None
    return {str(name): str(folder) for name, folder in (told or {}).get("cached", {}).items()}


def _known(store: Store, model: Model, settings: Settings, cached: str) -> Known:
    manifest, order = store.manifest(model.name), Orders(store.notes).get(model.name)
    doing, half = store.notes.doing(model.name), store.half(model.name)
    if doing is not None and doing.act == "download":  # the note is up to half a second old
        doing = replace(doing, done=min(max(doing.done, half), doing.total or half))
    folder = store.folder / model.name
    checked_at = manifest.checked_at if manifest else 0
    return Known(
        model,
        _state(store, model.name, doing, order, half, cached),
        folder.absolute(),
        store.size(model.name),
        doing.total if doing and doing.total else sum(manifest.sizes.values()) if manifest else 0,
        half,
        datetime.fromtimestamp(checked_at, UTC) if checked_at else None,
        manifest.source if manifest else "",
        tuple(manifest.lacks(folder)) if manifest else (),
        doing,
        order,
        store.sources.of(model),
        tuple((key.partition(".")[2], STAGE_OF[key.partition(".")[0]]) for key in model.backends),
        is_selected(model, settings),
        cached,
    )


def _state(
    store: Store, name: str, doing: Doing | None, order: Order | None, half: int, cached: str
) -> State:
    if order is not None and order.is_withdrawn:
        return "stopping"
    if doing is not None:
        return "verifying" if doing.act == "verify" else "downloading"
    if order is not None:
        return "failed" if order.is_halted else "waiting"
    if store.find(name) is not None:
        return "here"
    if store.manifest(name) is not None:
        return "damaged"
    if half:
        return "half"
    return "cached" if cached else "absent"


def is_selected(model: Model, settings: Settings) -> bool:
    """Whether a backend of the chains would take this model."""
    in_use = {
        *(f"speech.{engine}" for name in settings.speech_backends for engine in engines_of(name)),
        *(f"diarization.{name}" for name in settings.diarization_backends),
    }
    return not in_use.isdisjoint(model.backends) and all(each.fits(settings.env) for each in model.settings)


class Downloader:
    """The worker's thread for model files. Of several workers with one folder, one is on duty."""

    def __init__(self, settings: Settings, stopping: threading.Event) -> None:
        self._settings, self._stopping = settings, stopping
        self._duty: IO[str] | None = None
        self._said = ""
        self._cache_told_at = float("-inf")

    def run(self) -> None:
        """Carries out orders until the worker stops; one under way stays and goes on at the next start."""
        try:
            while not self._stopping.is_set():
                self._stopping.wait(self._look())
        finally:
            if self._duty is not None:
                self._duty.close()

    def _look(self) -> float:
        """One order, if there is one; how many seconds to wait before looking again."""
        try:
            store = open_store(self._settings)
            self._duty = self._duty or store.notes.on_duty()
            if self._duty is None:
                return LOOK_EVERY_S
            self._tell_cache(store)
            orders = Orders(store.notes)
            orders.sweep()
            order = orders.due(time.time())
            if order is None:
                return LOOK_EVERY_S
            carry_out(store, order, self._stopping.is_set)
        except (Unavailable, OSError) as error:
            self._say(str(error)[:500])
            return AFTER_ERROR_S
        return 0.0

    def _tell_cache(self, store: Store) -> None:
        """What backends have put into the Hugging Face cache on their own."""
        if time.monotonic() - self._cache_told_at < CACHE_EVERY_S:
            return
        self._cache_told_at = time.monotonic()
        hub = Hub.from_env(self._settings.env)
        found = {}
        for model in store.sources.models.values():
            needed = [each for each in model.files if not each.endswith("?data")]
            folder = hub.holds(model.repo, needed) if model.repo else None
            if folder is not None:
                found[model.name] = str(folder)
        store.notes.write(WORKER_NOTE, {"cached": found})

    def _say(self, reason: str) -> None:
        """Each trouble once, not at every look."""
        if reason != self._said:
            log.warning("models can't be looked after", extra={"action": "models_failed", "reason": reason})
        self._said = reason
