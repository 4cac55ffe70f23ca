from __future__ import annotations

import base64
import logging
import socket

import pytest

from providers.covers.openai_images import OpenAIImages, request_for
from providers.errors import BackendFailed, Unavailable
from tests.fake_vendors import PAGE
from tests.providers.covers.pictures import GOOD_PNG, blank, opened

KEY = "sk-proj-abcdefghijklmnop"


@pytest.fixture
def drawer(vendors):
    return OpenAIImages.from_env({"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": f"{vendors.url}/v1"})


def refusal(message="no", code=None, kind="invalid_request_error"):
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def sent(data: bytes):
    return {"created": 1, "data": [{"b64_json": base64.b64encode(data).decode()}]}


def test_draws_a_cover_of_the_size_asked_for(drawer, vendors, brief, caplog):
    with caplog.at_level(logging.INFO, "providers.covers"):
        image = drawer.generate(brief)
    assert (image.width_px, image.height_px, image.mime, image.is_placeholder) == (
        1200,
        630,
        "image/jpeg",
        False,
    )
    assert opened(image.data).size == (1200, 630)
    [call] = vendors.seen("openai_images")
    assert call.authorization == f"Bearer {KEY}"
    assert call.json == {
        "prompt": brief.prompt, "model": "gpt-image-2.5-flare", "quality": "low", "size": "1536x864", "n": 1,
        "output_format": "jpeg", "output_compression": 95,
    }  # fmt: skip
    sentences = [r.getMessage() for r in caplog.records]
    assert sentences == ["🎨 Generating image with OpenAI...", "✅ Image generated with OpenAI"]
    assert caplog.records[0].model == "gpt-image-2.5-flare"


@pytest.mark.parametrize(
    ("fault", "error_class", "says"),
    [
        ({"status": 400, "body": refusal("bad size")}, "unknown", "bad size"),
        (
            {"status": 400, "body": refusal("rejected by the safety system", "moderation_blocked",
                                            "image_generation_user_error")},
            "moderation", "safety system",
        ),
        ({"status": 401, "body": refusal(f"Incorrect API key provided: {KEY}", "invalid_api_key")}, "auth",
         "OPENAI_API_KEY"),
        ({"status": 402, "body": refusal("pay first")}, "billing", "credit"),
        ({"status": 403, "body": refusal("verify your organization")}, "auth", "verify your organization"),
        ({"status": 404, "body": refusal("no such model", "model_not_found")}, "gone", "OPENAI_IMAGE_MODEL"),
        ({"status": 400, "body": refusal("dall-e-3?", "model_not_found")}, "gone", "OPENAI_IMAGE_MODEL"),
        ({"status": 408, "body": refusal()}, "timeout", "408"),
        ({"status": 409, "body": refusal()}, "overloaded", "409"),
        ({"status": 422, "body": refusal()}, "unknown", "422"),
        ({"status": 429, "body": refusal("slow down", "rate_limit_exceeded")}, "rate_limit", "wait"),
        ({"status": 429, "body": refusal("quota", "insufficient_quota")}, "billing", "quota"),
        ({"status": 500, "body": refusal()}, "overloaded", "500"),
        ({"status": 503, "body": PAGE}, "overloaded", "SERVICE UNAVAILABLE"),
        ({"html": True}, "format", "not with a picture"),
        ({"body": "", "status": 200}, "format", "not with a picture"),
        ({"body": {"data": []}}, "format", "not with a picture"),
        ({"body": {"data": [{"url": "https://example.com/a.png"}]}}, "format", "not with a picture"),
        ({"body": {"data": [{"b64_json": "%%%"}]}}, "format", "not with a picture"),
        ({"body": sent(b"<html>")}, "format", "not with a picture"),
        ({"body": sent(GOOD_PNG[: len(GOOD_PNG) // 2])}, "format", "broken picture"),
        ({"body": sent(blank("black"))}, "format", "one colour"),
        ({"body": b'{"data": [', "headers": {"Content-Type": "application/json"}}, "format", "not with"),
        ({"half": True}, "network", "OPENAI_BASE_URL"),
    ],
)  # fmt: skip
def test_each_failure_has_its_class_and_says_what_to_do(drawer, vendors, brief, fault, error_class, says):
    vendors.fail_next("openai_images", **fault)
    with pytest.raises(BackendFailed) as caught:
        drawer.generate(brief)
    assert caught.value.error_class == error_class
    assert says in str(caught.value)
    assert KEY not in str(caught.value)
    assert vendors.calls["openai_images"] == 1  # nobody retries behind our back


@pytest.mark.parametrize("headers", [{"Retry-After": "7"}, {"retry-after-ms": "7000"}])
def test_it_passes_on_how_long_to_wait(drawer, vendors, brief, headers):
    vendors.fail_next("openai_images", status=429, body=refusal(), headers=headers)
    with pytest.raises(BackendFailed) as caught:
        drawer.generate(brief)
    assert caught.value.retry_after_s == 7


def test_a_slow_answer_is_a_timeout(vendors, brief):
    vendors.fail_next("openai_images", delay_s=1.5)
    with pytest.raises(BackendFailed, match="OPENAI_IMAGE_TIMEOUT_S") as caught:
        OpenAIImages(KEY, base_url=f"{vendors.url}/v1", timeout_s=0.3).generate(brief)
    assert caught.value.error_class == "timeout"


def test_nobody_there_is_a_network_failure(brief):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
        with pytest.raises(BackendFailed) as caught:
            OpenAIImages(KEY, base_url=address, timeout_s=5).generate(brief)
    assert caught.value.error_class == "network"


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("OPENAI_API_KEY", " ", "set OPENAI_API_KEY"),
        ("OPENAI_IMAGE_QUALITY", "hd", "low, medium, high"),
        ("OPENAI_IMAGE_SIZE", "16:9", "1536x864"),
        ("OPENAI_IMAGE_TIMEOUT_S", "0", "1 to 900"),
    ],
)
def test_a_wrong_value_is_named(name, value, says):
    with pytest.raises(Unavailable, match=says) as caught:
        OpenAIImages.from_env({"OPENAI_API_KEY": KEY, name: value})
    assert name in str(caught.value)


def test_nothing_retired_is_asked_for(brief):
    request = request_for(brief, "gpt-image-2.5-flare", "low", "1536x864")
    assert not {"response_format", "style", "user"} & set(request)
