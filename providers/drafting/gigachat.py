"""GigaChat's token: an authorization key is exchanged for it, and it lasts half an hour.

Source: https://developers.sber.ru/docs/ru/gigachat/api/reference/rest/post-token
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from http import HTTPStatus

import httpx2

from providers.errors import BackendFailed, ErrorClass
from providers.openai_errors import bad_answer, clean, retry_after_s

RENEW_BEFORE_S = 60.0  # a token that ends sooner is not handed out any more


class Token:
    """Gives the token that is valid now; made anew when it is about to end. Safe between threads."""

    def __init__(
        self,
        credentials: str,
        scope: str,
        url: str,
        client: httpx2.Client,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._credentials, self._scope, self._url = credentials, scope, url
        self._client, self._clock = client, clock
        self._lock = threading.Lock()
        self._value, self._ends_at = "", 0.0

    def __call__(self) -> str:
        """Raises: BackendFailed when none could be had."""
        with self._lock:
            if self._clock() >= self._ends_at - RENEW_BEFORE_S:
                self._value, self._ends_at = self._exchange()
            return self._value

    def forget(self) -> bool:
        """After a refusal: the next call makes a new one. False: there was none to forget."""
        with self._lock:
            had, self._value, self._ends_at = bool(self._value), "", 0.0
            return had

    def _exchange(self) -> tuple[str, float]:
        try:
            answer = self._client.post(
                self._url,
                data={"scope": self._scope},
                headers={
                    "Authorization": f"Basic {self._credentials}",
                    "RqUID": str(uuid.uuid4()),
                    "Accept": "application/json",
                },
            )
        except httpx2.TimeoutException as error:
            raise self._failed("timeout", "no answer in time") from error
        except httpx2.HTTPError as error:
            raise BackendFailed(
                "GigaChat's token could not be had: %(detail)s. Check the network, and GIGACHAT_CA_FILE: it "
                "takes the Russian Trusted Root CA.",
                error_class="network", detail=clean(str(error)),
            ) from error  # fmt: skip
        if answer.status_code != HTTPStatus.OK:
            raise self._refused(answer)
        try:
            told = answer.json()
            return str(told["access_token"]), float(told["expires_at"]) / 1000
        except (ValueError, KeyError, TypeError) as error:
            raise bad_answer("GigaChat", "no token in the answer", "GIGACHAT_AUTH_URL") from error

    def _refused(self, answer: httpx2.Response) -> BackendFailed:
        status = answer.status_code
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            wait_s = retry_after_s(answer.headers)
            return self._failed("rate_limit", "too many requests", wait_s)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return self._failed("overloaded", str(status), retry_after_s(answer.headers))
        return BackendFailed(
            "GigaChat refused the key (%(status)s): %(detail)s. Check GIGACHAT_CREDENTIALS and "
            "GIGACHAT_SCOPE.",
            error_class="auth", status=status, detail=clean(answer.text),
        )  # fmt: skip

    def _failed(self, kind: ErrorClass, detail: str, wait_s: float | None = None) -> BackendFailed:
        return BackendFailed(
            "GigaChat's token could not be had: %(detail)s. Try again later.",
            error_class=kind, retry_after_s=wait_s, detail=detail,
        )  # fmt: skip
