"""What is sent to a door: a recording as a form, a key, a body that may not be read."""

from __future__ import annotations

import io
from typing import Any

from flask import Flask
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

CLOCK_SECRET = "a-secret-of-sixteen"


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def send_file(
    app: Flask, path: str, key: str, data: bytes, name: str, *, field: str = "file", **form: Any
) -> TestResponse:
    """As `curl -F field=@name` does."""
    boundary, body = encode_multipart({field: FileStorage(io.BytesIO(data), name), **form})
    return app.test_client().post(
        path,
        headers=bearer(key),
        input_stream=io.BytesIO(body),
        content_length=len(body),
        content_type=f"multipart/form-data; boundary={boundary}",
    )


class Unread(io.BytesIO):
    """A body for a door that must know who asks before it reads."""

    def read(self, *_args: object) -> bytes:
        raise AssertionError("the body was read before the role was checked")

    readline = readinto = read
