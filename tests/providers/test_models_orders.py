"""What people ask for is carried out, tried again, stopped, and survives the worker."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from providers.errors import Unavailable
from providers.models.catalogue import CATALOGUE
from providers.models.notes import Doing, Notes, Speed
from providers.models.orders import PAUSES_S, Order, Orders, carry_out
from providers.models.sources import Sources
from providers.models.store import Store
from providers.speech.openvino_graph import GRAPHS
from tests.providers.models_server import FakeFiles, serving
from tests.providers.test_models_download import FILES, MODEL, REPO, check, hub, quiet

NOW = 1_800_000_000.0


@pytest.fixture
def server() -> Iterator[FakeFiles]:
    fake = FakeFiles(dict(FILES), REPO)
    with serving(fake):
        yield fake
        fake.faults.go.set()


@pytest.fixture
def store(server: FakeFiles, tmp_path: Path) -> Store:
    return Store(tmp_path / "models", Sources({"toy": MODEL}, (hub(server),)), lambda wait_s: None)


@pytest.fixture
def orders(store: Store) -> Orders:
    return Orders(store.notes)


def never() -> bool:
    return False


def test_an_order_is_carried_out_and_forgotten(store: Store, orders: Orders) -> None:
    given = orders.give("toy", "download", NOW)
    assert orders.due(NOW) == given
    carry_out(store, given, never)
    found = store.find("toy")
    assert found is not None
    check(found)
    assert orders.get("toy") is None


def test_a_check_is_an_order_too(store: Store, orders: Orders) -> None:
    folder = store.obtain("toy", quiet)
    (folder / "vocab.txt").write_bytes(b"b 0\n")
    carry_out(store, orders.give("toy", "verify", NOW), never)
    manifest = store.manifest("toy")
    assert manifest is not None
    assert list(manifest.damaged) == ["vocab.txt"]
    assert orders.get("toy") is None


@pytest.mark.parametrize("status", [429, 500, 503])
def test_passing_trouble_is_tried_again_later(store, server, orders, status: int) -> None:
    server.faults.always = (status, {"Retry-After": "7000"} if status == 429 else {})
    carry_out(store, orders.give("toy", "download", NOW), never, lambda: NOW)
    first = orders.get("toy")
    assert not first.is_halted
    assert first.not_before == NOW + (7000 if status == 429 else PAUSES_S[0])
    assert orders.due(NOW) is None
    assert str(status) in first.template % first.params
    server.faults.always = None
    carry_out(store, orders.due(NOW + 7000), never)
    assert store.find("toy")


def test_the_pauses_grow(store, server, orders) -> None:
    server.faults.always = (503, {})
    order, waits = orders.give("toy", "download", NOW), []
    for _ in range(5):
        carry_out(store, order, never, lambda: NOW)
        order = orders.get("toy")
        waits.append(order.not_before - NOW)
    assert tuple(waits) == (*PAUSES_S, PAUSES_S[-1])


@pytest.mark.parametrize(
    ("refusal", "error_class"),
    [((401, {}), "auth"), ((403, {"X-Error-Code": "GatedRepo"}), "auth"), ((404, {}), "gone")],
)
def test_what_needs_a_person_stays_with_its_reason(store, server, orders, refusal, error_class) -> None:
    server.faults.always = refusal
    carry_out(store, orders.give("toy", "download", NOW), never, lambda: NOW)
    kept = orders.get("toy")
    assert kept.is_halted
    assert kept.error_class == error_class
    assert orders.due(NOW * 2) is None
    server.faults.always = None
    carry_out(store, orders.give("toy", "download", NOW + 1), never)
    assert store.find("toy")


def carrying(store: Store, order: Order, stopping=never) -> threading.Thread:
    """Begins the order in a thread and waits until bytes have arrived."""
    thread = threading.Thread(target=carry_out, args=(store, order, stopping))
    thread.start()
    until = time.monotonic() + 30
    while store.half("toy") < 1_000_000 and time.monotonic() < until:
        time.sleep(0.01)
    return thread


def test_a_withdrawn_order_ends_and_keeps_its_bytes(store, server, orders) -> None:
    server.faults.hold_after = 1_500_000
    given = orders.give("toy", "download", NOW)
    thread = carrying(store, given)
    doing = store.notes.doing("toy")
    assert doing is not None
    assert (doing.act, doing.total) == ("download", 6_144_006)
    orders.withdraw("toy")
    assert orders.get("toy").is_withdrawn
    assert orders.due(NOW) is None
    server.faults.hold_after = None
    server.faults.go.set()
    thread.join(30)
    assert not thread.is_alive()
    assert orders.get("toy") is None
    assert store.find("toy") is None
    assert store.half("toy") >= 1_000_000
    assert store.notes.doing("toy") is None
    server.asked.clear()
    carry_out(store, orders.give("toy", "download", NOW + 1), never)
    assert server.ranges()[0].startswith("bytes=")
    assert store.find("toy")


def test_a_worker_that_stops_leaves_the_order_to_the_next(store, server, orders) -> None:
    server.faults.hold_after = 1_500_000
    stopping = threading.Event()
    thread = carrying(store, orders.give("toy", "download", NOW), stopping.is_set)
    stopping.set()
    server.faults.hold_after = None
    server.faults.go.set()
    thread.join(30)
    kept = orders.due(NOW)
    assert kept is not None
    assert kept.tries == 0
    carry_out(store, kept, never)
    assert store.find("toy")


def test_an_order_given_anew_ends_the_old_one(store, server, orders) -> None:
    server.faults.hold_after = 1_500_000
    thread = carrying(store, orders.give("toy", "download", NOW))
    newer = orders.give("toy", "download", NOW + 5)
    server.faults.hold_after = None
    server.faults.go.set()
    thread.join(30)
    assert orders.get("toy") == newer


def test_a_withdrawn_order_of_a_dead_worker_is_swept(orders: Orders) -> None:
    with orders.notes.alone("toy"):
        orders.give("toy", "download", NOW)
        orders.withdraw("toy")
        orders.sweep()
        assert orders.get("toy") is not None
    orders.sweep()
    assert orders.get("toy") is None


def test_the_oldest_order_comes_first(orders: Orders) -> None:
    orders.give("b", "download", NOW)
    orders.give("a", "download", NOW + 1)
    assert orders.due(NOW).model == "b"


def test_one_worker_is_on_duty(tmp_path: Path) -> None:
    notes = Notes(tmp_path)
    assert not notes.is_served()
    first = notes.on_duty()
    assert first is not None
    assert notes.is_served()
    assert notes.on_duty() is None
    first.close()
    assert not notes.is_served()


def test_what_a_dead_process_said_is_not_believed(tmp_path: Path) -> None:
    notes = Notes(tmp_path)
    notes.tell("toy", Doing("download", 1, 2))
    assert notes.doing("toy") is None
    with notes.alone("toy"):
        notes.tell("toy", Doing("download", 1, 2))
        assert notes.doing("toy") == Doing("download", 1, 2)
        (tmp_path / ".jobs/toy.now.json").write_text('{"another": "version"}')
        assert notes.doing("toy") is None


def test_speed_is_that_of_the_last_seconds() -> None:
    speed = Speed()
    assert speed.at(0.0, 0) == 0.0
    assert speed.at(2.0, 2000) == 1000.0
    assert speed.at(30.0, 3000) < 100
    assert speed.at(35.0, 13_000) == pytest.approx(2000, rel=0.2)
    assert speed.at(36.0, 0) == 0.0


def test_time_left() -> None:
    assert Doing("download", 10, 30, 4.0).left_s == 5.0
    assert Doing("download", 10, 0, 4.0).left_s is None
    assert Doing("download", 10, 30).left_s is None


def test_an_error_keeps_only_plain_parameters() -> None:
    error = Unavailable("%(x)s", x=Path("/srv"), error_class="network")
    assert Order("toy", "download", NOW).failed(error, NOW).params == {"x": "/srv"}


def test_the_catalogue_knows_what_openvino_reads() -> None:
    named = {model.name for model in CATALOGUE.values() if "speech.gigaam_openvino" in model.backends}
    assert named == set(GRAPHS)


def test_one_model_of_each_kind_is_chosen_by_default() -> None:
    chosen = [model.name for model in CATALOGUE.values() if all(each.fits({}) for each in model.settings)]
    speakers = ["speaker-segmentation-3.0", "wespeaker-resnet34-lm"]  # two, for one backend
    assert sorted(chosen) == sorted(["gigaam-v3-e2e-rnnt", "pyannote-community-1", *speakers])
    env = {"GIGAAM_MODEL": "gigaam-v3-ctc", "GIGAAM_QUANTIZATION": "int8", "PYANNOTE_MODEL": "/srv/own"}
    chosen = [model.name for model in CATALOGUE.values() if all(each.fits(env) for each in model.settings)]
    assert sorted(chosen) == sorted(["gigaam-v3-ctc-int8", *speakers])
