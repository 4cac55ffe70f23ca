from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"  # read by huggingface_hub when it is first imported

from providers.types import CoverBrief
from tests.fake_vendors import FakeVendors


@pytest.fixture(scope="session")
def running_vendors() -> Iterator[FakeVendors]:
    with FakeVendors() as vendors:
        yield vendors


@pytest.fixture
def vendors(running_vendors: FakeVendors) -> FakeVendors:
    running_vendors.reset()
    return running_vendors


@pytest.fixture
def brief() -> CoverBrief:
    return CoverBrief(title="Интервью", prompt="a quiet library, morning light", slug="intervyu")
