"""A folder with a model → a repository on the Hub, with its card filled in."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from providers.errors import InputRejected, Unavailable
from providers.hub import Hub, explain
from providers.models.card import FACTS, Facts, holes, render
from providers.models.download import sha256_of
from providers.models.manifest import MANIFEST

log = logging.getLogger(__name__)
CARD = "README.md"
REPORT = "quantization.json"
PRIVATE = ("*.part", "*.part.json", ".env*", "*.key", "*.pem", ".git/*", ".cache/*", "__pycache__/*")
OURS = (FACTS, MANIFEST, CARD)


@dataclass(frozen=True, slots=True)
class Published:
    url: str
    files: int


def publish(folder: Path, repo: str, hub: Hub, *, private: bool = True, message: str = "") -> Published:
    """Writes the card into the folder and uploads both; what is there already is not sent again.

    Raises: InputRejected while the card has holes, naming all of them; Unavailable for what the Hub refuses.
    """
    facts = Facts.read(_folder(folder))
    lacking = holes(facts, folder)
    if lacking:
        raise InputRejected(
            "The model is not published: its card has holes. Fill them in %(file)s: %(holes)s",
            file=str(folder / FACTS), holes=" ".join(lacking),
        )  # fmt: skip
    if hub.token is None:
        raise Unavailable(
            "To publish a model, set HF_TOKEN to a token with the right to write "
            "(https://huggingface.co/settings/tokens).",
            error_class="missing_key",
        )
    files = _files(folder)
    (folder / CARD).write_text(render(facts, repo, files, _report(folder)), encoding="utf-8")
    url = _upload(folder, repo, hub, private, message or f"Polosa: {len(files)} files and the card")
    log.info("a model was published", extra={"action": "model_published", "model": repo})
    return Published(url, len(files))


def _upload(folder: Path, repo: str, hub: Hub, private: bool, message: str) -> str:
    import huggingface_hub

    errors: Any = import_module("huggingface_hub.errors")
    api = huggingface_hub.HfApi(endpoint=hub.endpoint, token=hub.token)
    try:
        made = api.create_repo(repo, private=private, exist_ok=True)
        api.upload_folder(
            repo_id=made.repo_id,
            folder_path=folder,
            commit_message=message,
            ignore_patterns=[*PRIVATE, FACTS, MANIFEST],
        )
    except (errors.HfHubHTTPError, errors.HTTPError, OSError) as error:
        raise _refused(error, repo, hub) from error
    except errors.HFValidationError as error:
        raise InputRejected(
            "%(repo)s is no name for a repository: %(why)s", repo=repo, why=str(error)
        ) from error
    return f"{hub.endpoint}/{made.repo_id}"


def _refused(error: Exception, repo: str, hub: Hub) -> Unavailable:
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status in (401, 403):
        return Unavailable(
            "%(endpoint)s does not let this token write to %(repo)s (%(status)s). Make a token with the "
            "right to write at https://huggingface.co/settings/tokens and set HF_TOKEN, or choose your "
            "own namespace.",
            error_class="auth", endpoint=hub.endpoint, repo=repo, status=status,
        )  # fmt: skip
    if status is not None:
        return Unavailable(
            "%(endpoint)s answered %(status)s to the upload of %(repo)s. Run the same command again later: "
            "what has arrived is not sent twice.",
            error_class="rate_limit" if status == 429 else "overloaded",
            endpoint=hub.endpoint, repo=repo, status=status,
        )  # fmt: skip
    where = {
        "model": repo,
        "endpoint": hub.endpoint,
        "link": f"{hub.endpoint}/{repo}",
        "setting": "HF_ENDPOINT",
    }
    return explain(error, where)


def _folder(folder: Path) -> Path:
    if not folder.is_dir():
        raise InputRejected("%(folder)s is not a folder.", folder=str(folder))
    return folder


def _files(folder: Path) -> list[tuple[str, int, str]]:
    """What is sent besides the card: (name, bytes, SHA-256)."""
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder)
        if name.as_posix() not in OURS and not any(name.match(pattern) for pattern in PRIVATE):
            found.append((name.as_posix(), path.stat().st_size, sha256_of(path)))
    return found


def _report(folder: Path) -> dict[str, Any]:
    path = folder / REPORT
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}
