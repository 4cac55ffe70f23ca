"""Model files from the Hugging Face Hub or a mirror of it: found in the cache, or downloaded and checked."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from providers.errors import Unavailable
from providers.notes import downloading

if TYPE_CHECKING:
    from huggingface_hub import DryRunFileInfo

log = logging.getLogger(__name__)
Progress = Callable[[float, str], None]

DEFAULT_ENDPOINT = "https://huggingface.co"
SPARE_BYTES = 200_000_000  # left free beside a download

SETTINGS: tuple[tuple[str, str, str], ...] = (
    (
        "HF_ENDPOINT",
        DEFAULT_ENDPOINT,
        "Address of the Hugging Face Hub or of a mirror; a mirror sees HF_TOKEN.",
    ),
    ("HF_HUB_CACHE", "", "Folder for downloaded models; empty: the usual Hugging Face cache."),
    ("HF_TOKEN", "", "Hugging Face token; also read as HUGGINGFACE_HUB_TOKEN and HUGGINGFACE_API_KEY."),
)


@dataclass(frozen=True, slots=True)
class Hub:
    """Where models come from."""

    endpoint: str = DEFAULT_ENDPOINT
    cache_dir: Path | None = None
    token: str | None = None

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Hub:
        return cls(
            endpoint=(env.get("HF_ENDPOINT") or DEFAULT_ENDPOINT).rstrip("/"),
            cache_dir=_cache_dir(env),
            token=token_from(env),
        )

    def fetch(self, repo: str, patterns: Sequence[str], *, by_hand: str, progress: Progress) -> Path:
        """The folder with the files of `repo` that match `patterns`. What is there already needs no network.

        `by_hand` names the setting that takes a folder filled by hand, for the error text.

        Raises: Unavailable, whose message says what stood in the way and what to do.
        """
        found = self.cached(repo, patterns)
        return found if found is not None else self._download(repo, patterns, by_hand, progress)

    def cached(self, repo: str, patterns: Sequence[str]) -> Path | None:
        """The folder in the cache when all the files are there; opens no connection."""
        hub = _huggingface_hub()
        try:
            folder = hub.snapshot_download(
                repo, cache_dir=self.cache_dir, allow_patterns=list(patterns), local_files_only=True
            )
        except hub.errors.LocalEntryNotFoundError:
            return None
        return Path(folder)

    def holds(self, repo: str, patterns: Sequence[str]) -> Path | None:
        """The folder of the cache in which every pattern has a file; imports nothing, opens no connection.

        Source: https://huggingface.co/docs/huggingface_hub/guides/manage-cache (refs, snapshots).
        """
        folder = (self.cache_dir or _usual_cache()) / f"models--{repo.replace('/', '--')}"
        try:
            commit = (folder / "refs" / "main").read_text(encoding="utf-8").strip()
            snapshot = folder / "snapshots" / commit
            return snapshot if commit and all(any(snapshot.glob(each)) for each in patterns) else None
        except (OSError, ValueError):
            return None

    def _download(self, repo: str, patterns: Sequence[str], by_hand: str, progress: Progress) -> Path:
        hub = _huggingface_hub()
        ask = {
            "repo_id": repo,
            "cache_dir": self.cache_dir,
            "allow_patterns": list(patterns),
            "endpoint": self.endpoint,
            "token": self.token or False,
        }
        try:
            files = hub.snapshot_download(**ask, dry_run=True)
            if not files:
                raise hub.errors.EntryNotFoundError(f"nothing in {repo} matches {', '.join(patterns)}")
            total = self._check_disk(files, repo)
            log.info("downloading a model", extra={"action": "model_download", "model": repo, "bytes": total})
            folder = Path(hub.snapshot_download(**ask, tqdm_class=_bar(total, repo, progress)))
            self._verify(repo, files)
        except (
            hub.errors.HfHubHTTPError,
            hub.errors.DryRunError,
            OSError,
            hub.errors.EntryNotFoundError,
        ) as error:
            raise self._unavailable(error, repo, by_hand) from error
        except hub.errors.HTTPError as error:  # httpx2: refused, reset, timed out
            raise self._unavailable(error, repo, by_hand) from error
        return folder

    def _check_disk(self, files: Sequence[DryRunFileInfo], repo: str) -> int:
        """Bytes to download. Raises: Unavailable when they don't fit."""
        total = sum(file.file_size or 0 for file in files if file.will_download)
        folder = self.cache_dir or Path(_huggingface_hub().constants.HF_HUB_CACHE)
        while not folder.exists():
            folder = folder.parent
        free = shutil.disk_usage(folder).free
        if free < total + SPARE_BYTES:
            raise Unavailable(
                "The model %(model)s needs %(need)s GB and %(folder)s has %(free)s GB free. Free some space "
                "or point HF_HUB_CACHE at another disk.",
                error_class="missing_model", model=repo, folder=str(folder),
                need=f"{(total + SPARE_BYTES) / 1e9:.1f}", free=f"{free / 1e9:.1f}",
            )  # fmt: skip
        return total

    def _verify(self, repo: str, files: Sequence[DryRunFileInfo]) -> None:
        """Compares the checksums: the download itself compares only sizes. A damaged file is deleted."""
        hub = _huggingface_hub()
        api = hub.HfApi(endpoint=self.endpoint, token=self.token or False)
        wanted = {file.filename for file in files}
        revision = files[0].commit_hash
        result = api.verify_repo_checksums(repo, revision=revision, cache_dir=self.cache_dir)
        damaged = [bad["path"] for bad in result.mismatches if bad["path"] in wanted]
        for name in damaged:
            file = Path(result.verified_path) / name
            file.resolve().unlink(missing_ok=True)
            file.unlink(missing_ok=True)
        if damaged:
            raise Unavailable(
                "%(file)s of the model %(model)s arrived damaged from %(endpoint)s and was deleted. Try "
                "again; if it happens twice, choose another mirror with HF_ENDPOINT.",
                error_class="missing_model", file=damaged[0], model=repo, endpoint=self.endpoint,
            )  # fmt: skip

    def _unavailable(self, error: Exception, repo: str, by_hand: str) -> Unavailable:
        """What the Hub said, with the remedy."""
        where: dict[str, Any] = {
            "model": repo, "endpoint": self.endpoint, "link": f"{self.endpoint}/{repo}", "setting": by_hand,
        }  # fmt: skip
        return explain(error, where)


def explain(error: BaseException, where: Mapping[str, Any]) -> Unavailable:
    """The one mapping of the Hub's failures. `where`: model, endpoint, link, setting.

    Source: huggingface_hub 2.4 `errors.py`; a bad token is a plain 401, GatedRepoError is a repository's
    unaccepted terms, a failed connection is LocalEntryNotFoundError with the reason as its cause.
    """
    errors = _huggingface_hub().errors
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, Unavailable):
            return cause
        if isinstance(cause, errors.GatedRepoError):
            return Unavailable(
                "The model %(model)s is given only to those who accepted its terms. Open %(link)s, sign in, "
                "accept the terms, and set HF_TOKEN to a token of the same account.",
                error_class="auth", **where,
            )  # fmt: skip
        status = getattr(getattr(cause, "response", None), "status_code", None)
        if status == 401 and not isinstance(cause, errors.RepositoryNotFoundError):
            return Unavailable(
                "%(endpoint)s refused the token (401) while %(model)s was downloaded. Make a new read token "
                "at https://huggingface.co/settings/tokens and set HF_TOKEN, or remove HF_TOKEN.",
                error_class="auth", **where,
            )  # fmt: skip
        absent = errors.RepositoryNotFoundError | errors.EntryNotFoundError
        is_absent = isinstance(cause, absent) and not isinstance(cause, errors.LocalEntryNotFoundError)
        if is_absent or status == 404:  # a mirror may say 404 without the Hub's own headers
            return Unavailable(
                "There is no model %(model)s, or not these files of it, at %(endpoint)s. Check the name and "
                "HF_ENDPOINT, or put the files into a folder and name it in %(setting)s.",
                error_class="gone", **where,
            )  # fmt: skip
        if status == 403:
            return Unavailable(
                "%(endpoint)s does not give %(model)s to this machine (403). Set HF_ENDPOINT to a mirror, or "
                "download the files from %(link)s by hand into a folder and name it in %(setting)s.",
                error_class="auth", **where,
            )  # fmt: skip
        if status is not None:
            return Unavailable(
                "%(endpoint)s answered %(status)s to the download of %(model)s. Try again later, set "
                "HF_ENDPOINT to a mirror, or download the files from %(link)s by hand and name their folder "
                "in %(setting)s.",
                error_class="rate_limit" if status == 429 else "overloaded", status=status, **where,
            )  # fmt: skip
    return Unavailable(
        "The model %(model)s is not on this machine and %(endpoint)s can't be reached (%(reason)s). Set "
        "HF_ENDPOINT to a mirror, or download the files from %(link)s by hand into a folder and name it in "
        "%(setting)s.",
        error_class="network", reason=f"{type(causes[-1]).__name__}: {causes[-1]}"[:200], **where,
    )  # fmt: skip


def token_from(env: Mapping[str, str]) -> str | None:
    names = ("HF_TOKEN", "HUGGINGFACE_HUB_TOKEN", "HUGGINGFACE_API_KEY")
    return next((env[name].strip() for name in names if env.get(name, "").strip()), None)


def _cache_dir(env: Mapping[str, str]) -> Path | None:
    if env.get("HF_HUB_CACHE"):
        return Path(env["HF_HUB_CACHE"]).expanduser()
    return Path(env["HF_HOME"]).expanduser() / "hub" if env.get("HF_HOME") else None


def _usual_cache() -> Path:
    """Where huggingface_hub keeps files without a setting. Source: its `constants.py`."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    home = os.environ.get("HF_HOME") or str(base / "huggingface")
    return Path(os.environ.get("HF_HUB_CACHE") or Path(home).expanduser() / "hub").expanduser()


def _causes(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def _huggingface_hub() -> Any:
    try:
        import huggingface_hub
        import huggingface_hub.errors
    except ImportError as error:
        raise Unavailable(
            "The package huggingface_hub is not installed. Run: pip install huggingface_hub",
            error_class="missing_package",
        ) from error
    return huggingface_hub


def _bar(total: int, repo: str, progress: Progress) -> type[Any]:
    """A tqdm class that tells `progress` instead of drawing; several bars run at once, the bytes count."""
    from tqdm import tqdm

    class Bar(tqdm):  # type: ignore[misc]  # tqdm has no types
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            kwargs.pop("name", None)
            self._counts = kwargs.get("unit") == "B" and "Reconstruct" not in str(kwargs.get("desc", ""))
            kwargs["disable"] = True
            self._done = float(kwargs.get("initial") or 0)
            super().__init__(*args, **kwargs)

        def update(self, n: float | None = 1) -> bool | None:
            self._done += n or 0
            if self._counts and total:
                fraction = min(1.0, self._done / total)
                progress(fraction, downloading(repo, self._done, total))
            return None

    return Bar
