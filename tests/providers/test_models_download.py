"""Downloads of models against a server that speaks the Hub's contract and misbehaves."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from providers.errors import Cancelled, Unavailable
from providers.models.catalogue import Model
from providers.models.manifest import MANIFEST
from providers.models.sources import Source, Sources
from providers.models.store import Store
from tests.providers.models_server import FakeFiles, Faults, serving, sha256

REPO = "somebody/some-model"
BIG = bytes(range(256)) * 12_000  # 3 MB: several chunks
FILES = {
    "model-00001-of-00002.onnx": BIG,
    "model-00002-of-00002.onnx": BIG[::-1],
    "vocab.txt": b"a 0\n",
    "sub/config.json": b"{}",
    "README.md": b"not wanted",
}
WANTED = {name for name in FILES if name != "README.md"}
MODEL = Model("toy", REPO, ("model-*.onnx", "model.onnx?data", "vocab.txt", "sub/*"), "tests", "MIT")


@pytest.fixture
def server() -> Iterator[FakeFiles]:
    fake = FakeFiles(dict(FILES), REPO)
    with serving(fake):
        yield fake


@pytest.fixture
def store(server: FakeFiles, tmp_path: Path) -> Callable[..., Store]:
    """store(Source…) → a store that downloads from these; without any, from the server's Hub."""

    def make(*sources: Source, offline: bool = False) -> Store:
        order = sources or (hub(server),)
        return Store(tmp_path / "models", Sources({"toy": MODEL}, order, offline), lambda wait_s: None)

    return make


def hub(fake: FakeFiles, token: str | None = None) -> Source:
    return Source("hub", address=fake.url, token=token)


def quiet(fraction: float, note: str) -> None:
    """Progress nobody looks at."""


def failure(store: Store) -> Unavailable:
    with pytest.raises(Unavailable) as caught:
        store.obtain("toy", quiet)
    assert store.find("toy") is None
    return caught.value


def check(folder: Path) -> None:
    here = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert here == {*WANTED, MANIFEST}
    for name in WANTED:
        assert (folder / name).read_bytes() == FILES[name]


def test_a_sharded_model_with_progress(store, server: FakeFiles) -> None:
    told: list[tuple[float, str]] = []
    server.page = 2
    folder = store().obtain("toy", lambda *line: told.append(line))
    check(folder)
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert "toy: 6 of 6 MB" in told[-1][1]
    manifest = json.loads((folder / MANIFEST).read_text())
    assert manifest["sha256"]["vocab.txt"] == sha256(FILES["vocab.txt"])


def test_the_second_time_nobody_is_asked(store, server: FakeFiles) -> None:
    first = store().obtain("toy", quiet)
    server.asked.clear()
    assert store().obtain("toy", quiet) == first
    assert server.asked == []


def test_a_broken_connection_is_continued(store, server: FakeFiles) -> None:
    server.faults.cut_after = [1_000_000, 500_000, 10]
    check(store().obtain("toy", quiet))
    starts = [r for r in server.ranges() if r]
    assert len(starts) == 3
    assert starts == sorted(starts)
    asked = [a.headers for a in server.asked if "range" in a.headers]
    assert all(headers["if-range"].startswith('"') for headers in asked)


def test_a_server_that_always_breaks_off_is_left(store, server: FakeFiles) -> None:
    server.faults.cut_after = [0] * 100
    error = failure(store())
    assert error.error_class == "network"
    assert len(server.ranges()) == 5


def test_a_restart_goes_on_where_it_was(store, server: FakeFiles) -> None:
    def stop(fraction: float, note: str) -> None:
        if fraction > 0.3:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        store().obtain("toy", stop)
    assert store().find("toy") is None
    server.asked.clear()
    check(store().obtain("toy", quiet))
    assert server.ranges()[0].startswith("bytes=")


def test_kill_9_and_another_process(store, server: FakeFiles, tmp_path: Path) -> None:
    program = f"""
import os, signal
from pathlib import Path
from providers.models.catalogue import Model
from providers.models.sources import Source, Sources
from providers.models.store import Store
from tests.providers.test_models_download import MODEL
def die(fraction, note):
    if fraction > 0.7:
        os.kill(os.getpid(), signal.SIGKILL)
sources = Sources({{"toy": MODEL}}, (Source("hub", address={server.url!r}),))
Store(Path({str(tmp_path / "models")!r}), sources).obtain("toy", die)
"""
    died = subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[2], check=False)
    assert died.returncode == -9
    server.asked.clear()
    check(store().obtain("toy", quiet))
    first = server.ranges()[0]
    assert int(first.removeprefix("bytes=").removesuffix("-")) > 1_000_000
    assert [a for a in server.asked if "00001" in a.path] == []  # it was whole


def test_another_file_under_the_same_name_starts_anew(store, server: FakeFiles) -> None:
    server.faults.cut_after = [1_000_000, *[0] * 5]
    failure(store())
    server.files["model-00001-of-00002.onnx"] = changed = BIG[100:] + BIG[:100]
    folder = store().obtain("toy", quiet)
    assert (folder / "model-00001-of-00002.onnx").read_bytes() == changed


@pytest.mark.parametrize(
    "faults",
    [Faults(no_range=True), Faults(wrong_range=1), Faults(damaged=1)],
    ids=["Range ignored", "another range", "one byte changed"],
)
def test_a_misbehaving_server(store, server: FakeFiles, faults: Faults) -> None:
    server.faults = faults
    faults.cut_after = [1_000_000]
    check(store().obtain("toy", quiet))


def test_a_changed_etag_starts_anew(store, server: FakeFiles) -> None:
    server.faults.cut_after = [1_000_000, *[0] * 5]
    failure(store())
    server.etag = '"another"'
    check(store().obtain("toy", quiet))


def test_a_weak_etag_is_not_sent_back(store, server: FakeFiles) -> None:
    server.etag = 'W/"weak"'
    server.faults.cut_after = [1_000_000]
    check(store().obtain("toy", quiet))
    assert all("if-range" not in a.headers for a in server.asked)


def test_bytes_of_the_same_size_that_are_wrong(store, server: FakeFiles) -> None:
    server.faults.damaged = 1000
    error = failure(store())
    assert "model-00001-of-00002.onnx of the model toy arrived damaged" in str(error)
    server.faults.damaged = 0
    check(store().obtain("toy", quiet))


def test_a_login_page_instead_of_a_server(store, server: FakeFiles) -> None:
    server.faults.html = True
    for source in (hub(server), github(server)):
        error = failure(store(source))
        assert error.error_class == "format"
        assert "login page" in str(error)


def test_a_server_that_sends_more_than_it_announced_does_not_fill_the_disk(store, server: FakeFiles) -> None:
    server.faults.longer = b"x" * 9_000_000
    biggest: list[int] = []
    check(store().obtain("toy", lambda *_: biggest.append(store().half("toy"))))
    assert max(biggest) < 9_000_000  # what is beyond the announced size is not kept, and the rest is verified


def test_a_small_file_is_checked_by_its_git_name(store, server: FakeFiles) -> None:
    del server.files["model-00002-of-00002.onnx"]
    server.files["vocab.txt"] = b"a 0\n"
    folder = store().obtain("toy", quiet)
    assert (folder / "vocab.txt").read_bytes() == b"a 0\n"
    store().remove("toy")
    server.files = {"vocab.txt": b"a 0\n", "model-1.onnx": b"x", "sub/a": b"y"}
    server.faults.damaged = 1000
    assert "arrived damaged" in str(failure(store()))


@pytest.mark.parametrize(
    ("refusal", "error_class", "part"),
    [
        ((401, {"X-Error-Message": "Invalid"}), "auth", "refused the token"),
        ((403, {"X-Error-Code": "GatedRepo"}), "auth", "accept the terms"),
        ((403, {}), "auth", "403"),
        ((404, {"X-Error-Code": "RepoNotFound"}), "gone", "There is no model toy"),
        ((429, {"Retry-After": "7"}), "rate_limit", "429"),
        ((500, {}), "overloaded", "500"),
        ((503, {}), "overloaded", "503"),
    ],
)
def test_refusals_of_the_hub(store, server: FakeFiles, refusal, error_class: str, part: str) -> None:
    server.faults.always = refusal
    error = failure(store())
    assert error.error_class == error_class
    assert part in str(error)
    assert error.retry_after_s == (7.0 if refusal[0] == 429 else None)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_passing_trouble_is_waited_out(server: FakeFiles, tmp_path: Path, status: int) -> None:
    waited: list[float] = []
    store = Store(tmp_path, Sources({"toy": MODEL}, (hub(server),)), waited.append)
    server.faults.statuses = [(status, {"Retry-After": "3"}), (status, {})]
    check(store.obtain("toy", quiet))
    assert sum(waited) == 5.0


def test_nobody_answers(store) -> None:
    error = failure(store(Source("hub", address="http://127.0.0.1:9")))
    assert error.error_class == "network"
    assert "MODEL_SOURCES" in str(error)


def test_the_token_goes_to_its_own_host_only(store, server: FakeFiles) -> None:
    cdn = FakeFiles(dict(FILES), REPO)
    server.token = "hf_secret"
    with serving(cdn):
        server.cdn = cdn.url
        check(store(hub(server, "hf_secret")).obtain("toy", quiet))
    assert cdn.asked
    assert all("authorization" not in a.headers for a in cdn.asked)
    assert "hf_secret" not in repr(store(hub(server, "hf_secret")))


def test_a_private_model_without_the_token(store, server: FakeFiles) -> None:
    server.token = "hf_secret"
    error = failure(store(hub(server, "hf_wrong")))
    assert error.error_class == "auth"
    assert "hf_wrong" not in str(error)


def test_a_disk_that_is_too_small(server: FakeFiles, tmp_path: Path) -> None:
    sources = Sources({"toy": MODEL}, (hub(server),))
    small = Store(tmp_path, sources, lambda wait_s: None, lambda folder: 1000)
    error = failure(small)
    assert "GB free" in str(error)
    assert "MODELS_DIR" in str(error)
    assert server.ranges() == []


def github(fake: FakeFiles, token: str | None = None) -> Source:
    return Source("github", address=fake.url, repo=REPO, revision="v1", token=token)


def test_the_assets_of_a_release(store, server: FakeFiles) -> None:
    server.faults.cut_after = [1_000_000]
    check(store(github(server)).obtain("toy", quiet))
    assert any(a.path == "/download/sub__config.json" for a in server.asked)


def test_a_private_release(store, server: FakeFiles) -> None:
    server.token = "ghp_secret"
    check(store(github(server, "ghp_secret")).obtain("toy", quiet))
    assert any(a.headers["accept"] == "application/octet-stream" for a in server.asked)


def test_old_assets_without_a_digest(store, server: FakeFiles) -> None:
    server.digests = False
    assert "SHA256SUMS" in str(failure(store(github(server))))
    server.files["SHA256SUMS"] = sums()
    check(store(github(server)).obtain("toy", quiet))


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500])
def test_refusals_of_github(store, server: FakeFiles, status: int) -> None:
    server.faults.always = (status, {})
    error = failure(store(github(server)))
    assert str(status) in str(error)
    assert "MODEL_SOURCES" in str(error) or "model_source" in str(error)


def sums() -> bytes:
    return "".join(f"{sha256(data)}  {name}\n" for name, data in FILES.items()).encode()


def plain(fake: FakeFiles) -> Source:
    return Source("url", address=f"{fake.url}/plain")


def test_a_plain_address(store, server: FakeFiles) -> None:
    assert failure(store(plain(server))).error_class in ("gone", "format")
    server.files["SHA256SUMS"] = sums()
    server.faults.cut_after = [10**9, 1_000_000]
    check(store(plain(server)).obtain("toy", quiet))


def test_a_folder(store, tmp_path: Path) -> None:
    shelf = tmp_path / "shelf"
    for name, data in FILES.items():
        (shelf / name).parent.mkdir(parents=True, exist_ok=True)
        (shelf / name).write_bytes(data)
    check(store(Source("folder", address=str(shelf)), offline=True).obtain("toy", quiet))
    store().remove("toy")
    (shelf / "SHA256SUMS").write_bytes(sums().replace(sha256(BIG).encode(), b"0" * 64))
    assert "arrived damaged" in str(failure(store(Source("folder", address=str(shelf)))))
    assert "does not exist" in str(failure(store(Source("folder", address=str(shelf / "nowhere")))))


def test_the_next_source_goes_on_with_the_bytes_of_the_first(store, server: FakeFiles) -> None:
    mirror = FakeFiles(dict(FILES), REPO)
    with serving(mirror):
        server.faults.cut_after = [2_000_000, *[0] * 5]
        check(store(hub(server), hub(mirror)).obtain("toy", quiet))
    assert int(mirror.ranges()[0].removeprefix("bytes=").removesuffix("-")) > 1_000_000


def test_when_no_source_serves_each_says_why(store, server: FakeFiles) -> None:
    server.faults.always = (503, {})
    error = failure(store(hub(server), Source("folder", address="/nowhere")))
    assert "None of 2 sources" in str(error)
    assert "503" in str(error)
    assert "/nowhere" in str(error)


def test_offline_nothing_is_asked(store, server: FakeFiles) -> None:
    assert "HF_HUB_OFFLINE" in str(failure(store(offline=True)))
    assert server.asked == []


def test_what_is_found_is_complete_and_verified(store) -> None:
    folder = store().obtain("toy", quiet)
    assert store().find("toy") == folder
    vocabulary = folder / "vocab.txt"
    vocabulary.write_bytes(b"a longer one")  # seen without reading
    assert store().find("toy") is None
    vocabulary.write_bytes(b"b 0\n")  # of the same size: only a check sees it
    assert store().find("toy") == folder
    assert store().verify("toy") == ["vocab.txt"]
    assert store().find("toy") is None
    vocabulary.write_bytes(FILES["vocab.txt"])
    assert store().verify("toy") == []
    assert store().find("toy") == folder
    (folder / MANIFEST).write_text("half a fil")
    assert store().find("toy") is None


def test_only_the_damaged_file_is_fetched_again(store, server: FakeFiles) -> None:
    folder = store().obtain("toy", quiet)
    (folder / "model-00001-of-00002.onnx").write_bytes(BIG[::-1])
    assert store().verify("toy") == ["model-00001-of-00002.onnx"]
    server.asked.clear()
    check(store().obtain("toy", quiet))
    fetched = [a.path for a in server.asked if a.method == "GET" and "/resolve/" in a.path]
    assert not [path for path in fetched if "00002-of" in path]
    assert store().verify("toy") == []


def test_a_check_tells_how_far_it_is(store) -> None:
    told: list[float] = []
    store().obtain("toy", quiet)
    store().verify("toy", lambda fraction, note: told.append(fraction))
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_a_folder_nobody_may_write_is_explained(server: FakeFiles, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    store = Store(tmp_path / "file" / "models", Sources({"toy": MODEL}, (hub(server),)))
    with pytest.raises(Unavailable, match="MODELS_DIR"):
        store.obtain("toy", quiet)


def test_what_is_being_downloaded_is_not_removed(store, server: FakeFiles) -> None:
    def remove(fraction: float, note: str) -> None:
        if fraction > 0.3:
            store().remove("toy")

    with pytest.raises(Unavailable, match="Stop that first"):
        store().obtain("toy", remove)
    check(store().obtain("toy", quiet))


def test_who_waits_for_another_process_sees_its_progress(store, server: FakeFiles) -> None:
    server.faults.hold_after = 1_500_000
    told: list[str] = []
    other = threading.Thread(target=lambda: store().obtain("toy", quiet))
    other.start()

    def see(fraction: float, note: str) -> None:
        told.append(note)
        if "of 6 MB" in note:
            server.faults.hold_after = None
            server.faults.go.set()

    notes = store().notes
    while not notes.is_busy("toy"):
        time.sleep(0.01)
    check(store().obtain("toy", see))
    other.join()
    assert any(note.endswith("of 6 MB") for note in told)
    assert len([a for a in server.asked if "00001" in a.path and a.method == "GET"]) == 1


def test_verify_and_remove(store) -> None:
    with pytest.raises(Unavailable, match="polosa models download toy"):
        store().verify("toy")
    folder = store().obtain("toy", quiet)
    assert store().verify("toy") == []
    (folder / "vocab.txt").write_bytes(b"b 0\n")
    (folder / "sub/config.json").unlink()
    assert sorted(store().verify("toy")) == ["sub/config.json", "vocab.txt"]
    assert store().remove("toy") > 6_000_000
    assert store().find("toy") is None
    with pytest.raises(Unavailable):
        store().remove("toy")
