"""Uploads go to disk as they arrive, into the storage's own folder, hashed on the way."""

from __future__ import annotations

from typing import IO, Any, cast

from flask import Flask, Request, g

from automation.newsroom import current
from automation.storage import Incoming


class UploadRequest(Request):
    """A request whose file parts are `Incoming` files instead of temporary ones copied once more."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        incoming = current().storage.incoming()
        g.setdefault("incoming", []).append(incoming)
        return cast("IO[bytes]", incoming)


def init_app(app: Flask) -> None:
    app.request_class = UploadRequest
    app.teardown_request(_remove_what_was_not_kept)


def _remove_what_was_not_kept(_error: BaseException | None) -> None:
    arrived: list[Incoming] = g.pop("incoming", [])
    for incoming in arrived:
        incoming.__exit__(None, None, None)


def bytes_of(file: Any) -> bytes:
    """A small file of a form, whole; its size was limited by the route."""
    stream = stream_of(file)
    if isinstance(stream, Incoming):
        stream.close()
        return stream.path.read_bytes()
    return stream.read()


def stream_of(file: Any) -> IO[bytes] | Incoming:
    """What `intake.submit` takes, from a form's file."""
    return cast("IO[bytes] | Incoming", file.stream)
