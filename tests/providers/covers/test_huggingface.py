from __future__ import annotations

import logging
import socket
import threading

import httpx2
import huggingface_hub
import pytest
from huggingface_hub.utils._http import default_client_factory, hf_request_event_hook

from providers.covers.huggingface import HuggingFace, parse_models, request_for
from providers.covers.parameters import Parameters, drawn_size, seed_of
from providers.errors import BackendFailed, Unavailable
from tests.fake_vendors import PAGE, FakeVendors, make_app
from tests.providers.covers.pictures import GOOD_PNG, blank, opened

SDXL = "stabilityai/stable-diffusion-xl-base-1.0"
TOKEN = "hf_abcdefghijklmnopqrst"


@pytest.fixture
def drawer(vendors):
    return HuggingFace.from_env(
        {
            "HF_TOKEN": TOKEN,
            "HF_IMAGE_ENDPOINT": f"{vendors.url}/hf-inference/models/{SDXL}",
            "HF_IMAGE_TIMEOUT_S": "5",
        }
    )


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
    assert image.seed == seed_of(brief.slug)
    [call] = vendors.seen("hf_image")
    assert call.authorization == f"Bearer {TOKEN}"
    assert call.json == {
        "inputs": brief.prompt,
        "parameters": {
            "width": 1344, "height": 704, "seed": image.seed, "num_inference_steps": 20,
            "guidance_scale": 7.5,
            "negative_prompt": "text, letters, watermark, logo, blurry, deformed hands, low quality",
        },
    }  # fmt: skip
    sentences = [r.getMessage() for r in caplog.records]
    assert sentences == ["🎨 Generating image with Hugging Face...", "✅ Image generated with Hugging Face"]
    assert caplog.records[1].action == "cover_drawn"


@pytest.mark.parametrize(
    ("fault", "error_class", "says"),
    [
        ({"status": 400, "body": {"error": "num_inference_steps is too large"}}, "unknown", "IMAGE_STEPS"),
        ({"status": 401, "body": {"error": f"Invalid token {TOKEN}"}}, "auth", "HF_TOKEN"),
        ({"status": 402, "body": {"error": "You have exceeded your monthly credits"}}, "billing", "credit"),
        ({"status": 403, "body": {"error": "no permission"}}, "auth", "Make calls to Inference Providers"),
        ({"status": 404, "body": {"error": "Model not found"}}, "gone", "HF_IMAGE_MODELS"),
        ({"status": 410, "body": {"error": "deprecated"}}, "gone", "HF_IMAGE_MODELS"),
        ({"status": 422, "body": {"error": "bad size"}}, "unknown", "422"),
        ({"status": 429, "body": {"error": "slow down"}}, "rate_limit", "wait"),
        ({"status": 500, "body": PAGE}, "overloaded", "500"),
        ({"status": 503, "body": {"error": "Service overloaded"}}, "overloaded", "503"),
        ({"status": 503, "body": {"error": f"Model {SDXL} is currently loading"}}, "loading", SDXL),
        ({"status": 504, "body": {"error": "Gateway timeout"}}, "timeout", "504"),
        ({"html": True}, "format", "not with a picture"),
        ({"body": b"", "status": 200}, "format", "not with a picture"),
        ({"body": {"error": "in disguise"}, "status": 200}, "format", "not with a picture"),
        ({"body": GOOD_PNG[: len(GOOD_PNG) // 2]}, "format", "broken picture"),
        ({"body": blank("black")}, "format", "one colour"),
        ({"half": True}, "network", "reached"),
    ],
)  # fmt: skip
def test_each_failure_has_its_class_and_says_what_to_do(drawer, vendors, brief, fault, error_class, says):
    vendors.fail_next("hf_image", **fault)
    with pytest.raises(BackendFailed) as caught:
        drawer.generate(brief)
    assert caught.value.error_class == error_class
    assert says in str(caught.value)
    assert TOKEN not in str(caught.value)
    assert vendors.calls["hf_image"] == 1


@pytest.mark.parametrize("headers", [{"Retry-After": "55"}, {"RateLimit": '"api";r=0;t=55'}])
def test_it_passes_on_how_long_to_wait(drawer, vendors, brief, headers):
    vendors.fail_next("hf_image", status=429, body={"error": "slow down"}, headers=headers)
    with pytest.raises(BackendFailed) as caught:
        drawer.generate(brief)
    assert caught.value.retry_after_s == 55


def test_a_slow_answer_is_a_timeout(vendors, brief):
    vendors.fail_next("hf_image", delay_s=1.5)
    drawer = HuggingFace(TOKEN, (), endpoint=f"{vendors.url}/hf-inference/models/{SDXL}", timeout_s=0.3)
    with pytest.raises(BackendFailed, match="HF_IMAGE_TIMEOUT_S") as caught:
        drawer.generate(brief)
    assert caught.value.error_class == "timeout"


def test_nobody_there_is_a_network_failure(brief):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}/model"
        with pytest.raises(BackendFailed) as caught:
            HuggingFace(TOKEN, (), endpoint=address, timeout_s=5).generate(brief)
    assert caught.value.error_class == "network"


# Over the router: the true addresses, answered by the fake in this process.


@pytest.fixture
def routed(vendors):
    """The library's own client, whose transport is the fake; `hosts` collects where requests were sent."""
    hosts: list[str] = []
    app = make_app(vendors)

    def note(request: httpx2.Request) -> None:
        hosts.append(f"{request.method} {request.url.host}{request.url.path}")

    huggingface_hub.set_client_factory(
        lambda: httpx2.Client(
            transport=httpx2.WSGITransport(app=app), event_hooks={"request": [hf_request_event_hook, note]},
            follow_redirects=True,
        )
    )  # fmt: skip
    yield hosts
    huggingface_hub.close_session()
    huggingface_hub.set_client_factory(default_client_factory)


def routed_drawer(models: str) -> HuggingFace:
    return HuggingFace.from_env({"HF_TOKEN": TOKEN, "HF_IMAGE_MODELS": models, "HF_IMAGE_TIMEOUT_S": "5"})


def test_the_router_is_asked_at_its_true_address(routed, brief):
    drawer = routed_drawer(f"hf-inference:{SDXL}")
    assert opened(drawer.generate(brief).data).size == (1200, 630)
    assert routed == [
        f"GET huggingface.co/api/models/{SDXL}",  # who draws with it
        f"GET huggingface.co/api/models/{SDXL}",  # the library's own look at its task
        f"POST router.huggingface.co/hf-inference/models/{SDXL}",
    ]


def test_auto_takes_the_first_provider_of_the_model(routed, vendors, brief):
    vendors.live_models["team/auto-model"] = ["nscale", "hf-inference"]
    routed_drawer("auto:team/auto-model").generate(brief)
    assert routed[-1] == "POST router.huggingface.co/nscale/v1/images/generations"
    assert vendors.seen("nscale_images")[0].authorization == f"Bearer {TOKEN}"


@pytest.mark.parametrize("status", [404, 410, 500, 503])
def test_the_next_model_is_asked_when_one_is_away(routed, vendors, brief, status):
    vendors.fail_next("hf_image", status=status, body={"error": "currently loading"})
    drawer = routed_drawer("hf-inference:team/away,hf-inference:team/there")
    assert drawer.model == "team/away"
    drawer.generate(brief)
    assert drawer.model == "team/there"
    assert vendors.calls["hf_image"] == 2


def test_a_model_nobody_serves_is_passed_over(routed, vendors, brief):
    vendors.live_models["team/orphan"] = []
    drawer = routed_drawer(
        "auto:team/orphan,together:team/only-at-hf,no-such:team/x,hf-inference:team/served"
    )
    drawer.generate(brief)
    assert drawer.model == "team/served"
    assert vendors.calls["hf_image"] == 1


def test_a_model_that_is_gone_costs_no_request(routed, vendors, brief):
    vendors.live_models["team/gone"] = []
    drawer = routed_drawer("hf-inference:team/gone,hf-inference:team/there")
    drawer.generate(brief)
    assert [request for request in routed if "POST" in request] == [
        "POST router.huggingface.co/hf-inference/models/team/there"
    ]
    drawer.generate(brief)
    looks = [request for request in routed if request.endswith("/api/models/team/gone")]
    assert len(looks) == 1, "the table is remembered for a while"


def test_an_ailing_model_is_asked_after_the_others(routed, vendors, brief):
    vendors.standings["team/ill", "hf-inference"] = "error"
    drawer = routed_drawer("hf-inference:team/ill,hf-inference:team/well")
    drawer.generate(brief)
    assert drawer.model == "team/well"
    vendors.fail_next("hf_image", status=503, body={"error": "currently loading"})
    drawer.generate(brief)
    assert drawer.model == "team/ill"


def test_auto_skips_a_provider_that_is_not_live(routed, vendors, brief):
    vendors.live_models["team/auto-two"] = ["nscale", "hf-inference"]
    vendors.standings["team/auto-two", "nscale"] = "error"
    routed_drawer("auto:team/auto-two").generate(brief)
    assert routed[-1] == "POST router.huggingface.co/hf-inference/models/team/auto-two"


def test_without_the_table_the_model_is_asked(routed, vendors, brief):
    vendors.fail_next("hf_model", status=500)
    drawer = routed_drawer("hf-inference:team/asked-blindly")
    assert [state.standing for state in drawer.model_states()] == ["unknown"]
    drawer.generate(brief)
    assert vendors.calls["hf_image"] == 1


def test_the_state_of_each_model_is_told_anew(routed, vendors):
    vendors.live_models |= {"team/a": ["nscale"], "team/b": []}
    drawer = routed_drawer("auto:team/a,hf-inference:team/b,hf-inference:team/c")
    told = [(state.model, state.provider, state.standing) for state in drawer.model_states()]
    assert told == [
        ("team/a", "nscale", "live"), ("team/b", "", "gone"), ("team/c", "hf-inference", "live")
    ]  # fmt: skip
    vendors.live_models["team/b"] = ["hf-inference"]
    assert drawer.model_states()[1].standing == "live"


def test_threads_do_not_name_each_others_models(routed, vendors, brief):
    """Two draw at once with one instance, one of them with the second model: each names its own."""
    drawer = routed_drawer("hf-inference:team/first,hf-inference:team/second")
    vendors.fail_next("hf_image", status=503, body={"error": "currently loading"})
    both_have_drawn, named = threading.Barrier(2, timeout=20), []

    def draw():
        drawer.generate(brief)
        both_have_drawn.wait()
        named.append(drawer.model)

    threads = [threading.Thread(target=draw) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(named) == ["team/first", "team/second"]


@pytest.mark.parametrize(("status", "error_class"), [(401, "auth"), (402, "billing"), (429, "rate_limit")])
def test_a_refused_account_is_not_tried_with_another_model(routed, vendors, brief, status, error_class):
    vendors.fail_next("hf_image", status=status, body={"error": "no"})
    with pytest.raises(BackendFailed) as caught:
        routed_drawer("hf-inference:team/one,hf-inference:team/two").generate(brief)
    assert caught.value.error_class == error_class
    assert vendors.calls["hf_image"] == 1


def test_when_all_are_away_the_last_failure_is_told(routed, vendors, brief):
    vendors.fail_next("hf_image", times=2, status=503, body={"error": "currently loading"})
    with pytest.raises(BackendFailed, match="team/last") as caught:
        routed_drawer("hf-inference:team/first,hf-inference:team/last").generate(brief)
    assert caught.value.error_class == "loading"


# Settings


@pytest.mark.parametrize(
    ("env", "token"),
    [
        ({"HF_TOKEN": "a", "HUGGINGFACE_HUB_TOKEN": "b", "HUGGINGFACE_API_KEY": "c"}, "a"),
        ({"HF_TOKEN": " ", "HUGGINGFACE_HUB_TOKEN": "b", "HUGGINGFACE_API_KEY": "c"}, "b"),
        ({"HUGGINGFACE_API_KEY": "c"}, "c"),
    ],
)
def test_three_names_of_the_token(vendors, brief, env, token):
    drawer = HuggingFace.from_env(env | {"HF_IMAGE_ENDPOINT": f"{vendors.url}/hf-inference/models/{SDXL}"})
    drawer.generate(brief)
    assert vendors.seen("hf_image")[0].authorization == f"Bearer {token}"


def test_an_ambient_token_is_never_sent(vendors, brief, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_ambient")
    HuggingFace("hf_own", (), endpoint=f"{vendors.url}/hf-inference/models/{SDXL}").generate(brief)
    assert vendors.seen("hf_image")[0].authorization == "Bearer hf_own"


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("IMAGE_STEPS", "9", "10 to 50"),
        ("IMAGE_STEPS", "51", "10 to 50"),
        ("IMAGE_STEPS", "20.5", "whole number"),
        ("IMAGE_GUIDANCE", "0.5", "1 to 20"),
        ("IMAGE_GUIDANCE", "many", "1 to 20"),
        ("IMAGE_GUIDANCE", "nan", "1 to 20"),
        ("HF_IMAGE_TIMEOUT_S", "0", "1 to 900"),
        ("HF_IMAGE_MODELS", "stabilityai/sdxl", "provider:org/model"),
        ("HF_IMAGE_MODELS", ",", "no model"),
        ("HF_IMAGE_ENDPOINT", "endpoints.huggingface.cloud", "https://"),
    ],
)
def test_a_wrong_value_is_named(name, value, says):
    with pytest.raises(Unavailable, match=says) as caught:
        HuggingFace.from_env({"HF_TOKEN": TOKEN, name: value})
    assert name in str(caught.value)


def test_the_list_of_models_is_read():
    assert parse_models(" auto:org/a ,nscale:org/b,") == (("auto", "org/a"), ("nscale", "org/b"))


@pytest.mark.parametrize(
    ("asked", "drawn"), [((1200, 630), (1344, 704)), ((1000, 1000), (960, 960)), ((1920, 1080), (1280, 704))]
)
def test_models_are_asked_for_sizes_they_know(asked, drawn):
    assert drawn_size(*asked) == drawn


def test_a_distilled_model_gets_neither_guidance_nor_many_steps(brief):
    request = request_for("black-forest-labs/FLUX.1-schnell", brief.prompt, Parameters())
    assert request["num_inference_steps"] == 4
    assert "guidance_scale" not in request
    assert "negative_prompt" not in request


def test_the_fake_counts_repeated_prompts(drawer, vendors: FakeVendors, brief):
    drawer.generate(brief)
    drawer.generate(brief)
    assert list(vendors.duplicates("hf_image").values()) == [2]
