"""Asks a source which of a model's files it has, their sizes and their checksums."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2

from providers.errors import Unavailable
from providers.hub import explain
from providers.models.catalogue import Model
from providers.models.sources import Source

SUMS = "SHA256SUMS"  # what `sha256sum * > SHA256SUMS` writes
TIMEOUT = httpx2.Timeout(30.0, connect=10.0)
SMALL_BYTES = 4_000_000  # no list of checksums is longer


@dataclass(frozen=True, slots=True)
class RemoteFile:
    path: str  # inside the model's folder
    url: str  # http(s) address, or a path on this machine
    size: int | None  # bytes
    sha256: str = ""
    git_sha1: str = ""  # of the Hub's small files: SHA-1 of "blob SIZE\0" and the bytes
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  # may carry the token


def client() -> httpx2.Client:
    """Follows redirects, and takes the token off when one leads to another host."""
    return httpx2.Client(follow_redirects=True, timeout=TIMEOUT, headers={"User-Agent": "polosa"})


def list_files(source: Source, model: Model, http: httpx2.Client) -> list[RemoteFile]:
    """The model's files at the source. Raises: Unavailable."""
    try:
        found = _asked(source, model, http)
    except httpx2.HTTPError as error:
        raise unreachable(error, source, model) from error
    except (KeyError, TypeError, ValueError, AttributeError, httpx2.InvalidURL) as error:
        raise _not_a_server(source, model) from error
    _check_complete(found, source, model)
    return found


def _asked(source: Source, model: Model, http: httpx2.Client) -> list[RemoteFile]:
    ask = {"hub": _hub, "github": _github, "url": _url, "folder": _folder}[source.kind]
    try:
        return list(ask(source, model, http))
    except httpx2.RemoteProtocolError:  # a kept connection had been closed meanwhile: a fresh one answers
        return list(ask(source, model, http))


def unreachable(error: httpx2.HTTPError, source: Source, model: Model) -> Unavailable:
    """The connection was refused, broke or timed out."""
    if source.kind == "hub":
        return explain(error, _where(source, model))
    return Unavailable(
        "%(source)s can't be reached (%(reason)s), so %(model)s was not downloaded from there. Check the "
        "network, or add another model_source in MODEL_SOURCES.",
        error_class="network", source=str(source), model=model.name,
        reason=f"{type(error).__name__}: {error}"[:200],
    )  # fmt: skip


def refused(answer: httpx2.Response, source: Source, model: Model) -> Unavailable:
    """What an answer of 400 or more means, with the remedy."""
    if source.kind == "hub":
        error = _hub_refused(answer, source, model)
    else:
        error = _plain_refused(answer.status_code, source, model)
    error.retry_after_s = retry_after_s(answer)
    return error


def retry_after_s(answer: httpx2.Response) -> float | None:
    """Seconds the server asks to wait, when it says them as a number."""
    text = answer.headers.get("Retry-After", "")
    return float(text) if re.fullmatch(r"\d+(\.\d+)?", text) else None


def _hub_refused(answer: httpx2.Response, source: Source, model: Model) -> Unavailable:
    from huggingface_hub.errors import HfHubHTTPError

    utils: Any = import_module("huggingface_hub.utils")
    try:
        utils.hf_raise_for_status(answer)
    except HfHubHTTPError as error:
        return explain(error, _where(source, model))
    return _plain_refused(answer.status_code, source, model)


def _plain_refused(status: int, source: Source, model: Model) -> Unavailable:
    said: dict[str, Any] = {"source": str(source), "status": status, "model": model.name}
    if status in (401, 403):
        return Unavailable(
            "%(source)s does not give %(model)s without a valid token (%(status)s). Name the variable with a "
            "token that may read it as token_env of this model_source.",
            error_class="auth", **said,
        )  # fmt: skip
    if status == 404:
        return Unavailable(
            "%(source)s answered %(status)s to the download of %(model)s: it is not there. Check the "
            "address, the tag and the names of the files in MODEL_SOURCES.",
            error_class="gone", **said,
        )  # fmt: skip
    return Unavailable(
        "%(source)s answered %(status)s to the download of %(model)s. Try again later, or add another "
        "model_source in MODEL_SOURCES.",
        error_class="rate_limit" if status == 429 else "overloaded", **said,
    )  # fmt: skip


def _where(source: Source, model: Model) -> dict[str, Any]:
    repo = source.repo or model.repo
    return {
        "model": model.name, "endpoint": source.address, "link": f"{source.address}/{repo}",
        "setting": "MODEL_SOURCES (kind folder)",
    }  # fmt: skip


def _get(http: httpx2.Client, url: str, headers: Mapping[str, str], source: Source, model: Model) -> Any:
    answer = http.get(url, headers=dict(headers))
    if answer.status_code >= 400:
        raise refused(answer, source, model)
    return answer.json()


def _not_a_server(source: Source, model: Model) -> Unavailable:
    """It answers, and not what its kind answers: a login page of the network, another service."""
    return Unavailable(
        "%(source)s did not answer the question for the files of %(model)s as a server of the kind %(kind)s "
        "does. Check its address, and whether the network shows a login page.",
        error_class="format", source=str(source), model=model.name, kind=source.kind,
    )  # fmt: skip


def _hub(source: Source, model: Model, http: httpx2.Client) -> Iterator[RemoteFile]:
    """Source: https://huggingface.co/docs/hub/api (revision, tree with its Link header)."""
    repo = source.repo or model.repo
    headers = {"Authorization": f"Bearer {source.token}"} if source.token else {}
    api = f"{source.address}/api/models/{repo}"
    sha = _get(http, f"{api}/revision/{quote(source.revision, safe='')}", headers, source, model)["sha"]
    for entry in _tree(f"{api}/tree/{sha}?recursive=true&expand=false", headers, source, model, http):
        if entry.get("type") != "file" or not _wanted(entry["path"], model):
            continue
        lfs = entry.get("lfs") or {}
        yield RemoteFile(
            path=entry["path"],
            url=f"{source.address}/{repo}/resolve/{sha}/{quote(entry['path'])}",
            size=lfs.get("size", entry.get("size")),
            sha256=str(lfs.get("oid", "")).removeprefix("sha256:"),
            git_sha1="" if lfs else entry.get("oid", ""),
            headers=headers,
        )


def _tree(
    url: str, headers: Mapping[str, str], source: Source, model: Model, http: httpx2.Client
) -> Iterator[dict[str, Any]]:
    """The entries of all pages; a next page on another host is not asked for."""
    while url:
        answer = http.get(url, headers=dict(headers))
        if answer.status_code >= 400:
            raise refused(answer, source, model)
        yield from answer.json()
        following = answer.links.get("next", {}).get("url", "")
        url = following if following.startswith(source.address + "/") else ""


def _github(source: Source, model: Model, http: httpx2.Client) -> Iterator[RemoteFile]:
    """A release's assets; the files of a folder are named with "__" for "/".

    Public assets are asked at their browser address, private ones at the API's.
    Source: https://docs.github.com/en/rest/releases/assets (digest, Accept: application/octet-stream).
    """
    token = {"Authorization": f"Bearer {source.token}"} if source.token else {}
    url = f"{source.address}/repos/{source.repo}/releases/tags/{quote(source.revision, safe='')}"
    release = _get(http, url, {**token, "Accept": "application/vnd.github+json"}, source, model)
    assets = {asset["name"].replace("__", "/"): asset for asset in release["assets"]}
    octets = {**token, "Accept": "application/octet-stream"}
    listed = assets.get(SUMS)
    sums = dict(source.sha256)
    if listed is not None:
        sums = {**_sums(http.get(_asset_url(listed, source), headers=octets)), **sums}
    for path, asset in assets.items():
        if _wanted(path, model):
            digest = str(asset.get("digest") or "").removeprefix("sha256:")
            size = asset.get("size")
            yield RemoteFile(path, _asset_url(asset, source), size, sums.get(path, digest), headers=octets)


def _asset_url(asset: Mapping[str, Any], source: Source) -> str:
    return str(asset["url"] if source.token else asset["browser_download_url"])


def _url(source: Source, model: Model, http: httpx2.Client) -> Iterator[RemoteFile]:
    token = {"Authorization": f"Bearer {source.token}"} if source.token else {}
    listed = _sums(http.get(f"{source.address}/{SUMS}", headers=token))
    sums = {**listed, **source.sha256}
    for path in _names(model, sums):
        url = f"{source.address}/{quote(path)}"
        answer = http.head(url, headers={**token, "Accept-Encoding": "identity"})
        if answer.status_code == 404 and path.endswith(".data"):
            continue
        if answer.status_code >= 400 and answer.status_code != 405:
            raise refused(answer, source, model)
        length = answer.headers.get("Content-Length", "")
        size = int(length) if length.isdigit() and answer.is_success else None
        yield RemoteFile(path, url, size, sums.get(path, ""), headers=token)


def _folder(source: Source, model: Model, http: httpx2.Client) -> Iterator[RemoteFile]:
    root = Path(source.address)
    if not root.is_dir():
        raise Unavailable(
            "The folder %(source)s of a model_source does not exist. Correct its path in MODEL_SOURCES.",
            error_class="missing_model", source=str(source),
        )  # fmt: skip
    listed = root / SUMS
    text = listed.read_text(encoding="utf-8", errors="replace") if listed.is_file() else ""
    sums = {**_parse_sums(text), **source.sha256}
    for file in sorted(path for path in root.rglob("*") if path.is_file()):
        path = file.relative_to(root).as_posix()
        if _wanted(path, model):
            yield RemoteFile(path, str(file), file.stat().st_size, sums.get(path, ""))


def _names(model: Model, listed: Iterable[str]) -> list[str]:
    """The files to ask a plain server for: it can't list them, so patterns are matched with the checksums."""
    plain = [name for name in model.files if not any(mark in name for mark in "*?[")]
    shards = [name for name in listed if _wanted(name, model)]
    return list(dict.fromkeys([*plain, *shards]))


def _sums(answer: httpx2.Response) -> dict[str, str]:
    """The checksums of a server that has them; {} where it has not."""
    return _parse_sums(answer.text) if answer.is_success and len(answer.content) < SMALL_BYTES else {}


def _parse_sums(text: str) -> dict[str, str]:
    rows = re.findall(r"^([0-9a-fA-F]{64})[ *]{1,2}(?:\./)?(\S.*?)\s*$", text, re.MULTILINE)
    return {name: digest.lower() for digest, name in rows}


def _wanted(path: str, model: Model) -> bool:
    is_inside = ".." not in Path(path).parts and not path.startswith("/")
    return is_inside and any(fnmatchcase(path, pattern) for pattern in model.files)


def _check_complete(found: list[RemoteFile], source: Source, model: Model) -> None:
    needed = [pattern for pattern in model.files if not pattern.endswith("?data")]
    absent = [p for p in needed if not any(fnmatchcase(file.path, p) for file in found)]
    if absent:
        raise Unavailable(
            "%(source)s does not have %(file)s, which %(model)s needs. Check the names of its files, or add "
            "another model_source in MODEL_SOURCES.",
            error_class="gone", source=str(source), file=absent[0], model=model.name,
        )  # fmt: skip
    unsure = [f for f in found if not (f.sha256 or f.git_sha1) and source.kind != "folder"]
    if unsure:
        raise Unavailable(
            "%(source)s gives no SHA-256 for %(file)s. Put a file SHA256SUMS beside it, or write its "
            "checksum as sha256 into this model_source.",
            error_class="format", source=str(source), file=unsure[0].path,
        )  # fmt: skip
