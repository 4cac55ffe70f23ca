"""The fake is itself a contract: process tests lean on it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx2
import openai
import pytest
from pydantic import BaseModel

from tests.fake_vendors import FakeVendors

ROOT = Path(__file__).parents[3]


class Answer(BaseModel):
    title: str


def client(url: str) -> openai.OpenAI:
    return openai.OpenAI(api_key="k", base_url=f"{url}/v1", max_retries=0)


def test_chat_answers_with_ids_that_stand_in_the_prompt():
    with FakeVendors() as vendors, client(vendors.url) as sdk:
        answer = sdk.chat.completions.create(
            model="gpt-6-luna", messages=[{"role": "user", "content": "S4: да. S9: нет. S4"}]
        )
        assert '"S4"' in answer.choices[0].message.content
        assert '"S1"' not in answer.choices[0].message.content


def test_the_chat_reply_is_pluggable():
    with FakeVendors(chat=lambda asked: {"title": asked["model"]}) as vendors, client(vendors.url) as sdk:
        parsed = sdk.chat.completions.parse(
            model="m", messages=[{"role": "user", "content": "x"}], response_format=Answer
        )
        assert parsed.choices[0].message.parsed == Answer(title="m")
        assert "gpt-image-2.5-flare" in [m.id for m in sdk.models.list()]
        assert vendors.calls["openai_models"] == 1


def test_it_runs_as_a_process_of_its_own():
    command = [sys.executable, "-m", "tests.fake_vendors", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            url = process.stdout.readline().strip()
            httpx2.post(f"{url}/_control", json={"route": "openai_chat", "status": 503, "times": 2})
            body = {"model": "m", "messages": [{"role": "user", "content": "S1"}]}
            codes = [httpx2.post(f"{url}/v1/chat/completions", json=body).status_code for _ in range(3)]
            assert codes == [503, 503, 200]
            known = httpx2.get(f"{url}/_calls").json()
            assert known["counts"] == {"openai_chat": 3}
            assert len({call["prompt_id"] for call in known["calls"]}) == 1
            httpx2.post(f"{url}/_control", json={"reset": True})
            assert httpx2.get(f"{url}/_calls").json()["counts"] == {}
        finally:
            process.terminate()


def test_slow_mode():
    with FakeVendors() as vendors:
        vendors.delay_s = 0.5
        with pytest.raises(httpx2.TimeoutException):
            httpx2.get(f"{vendors.url}/v1/models", timeout=0.1)
