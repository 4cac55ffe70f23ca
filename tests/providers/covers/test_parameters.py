from __future__ import annotations

from dataclasses import replace

import pytest

from providers.covers.parameters import Parameters, checked, drawn_size
from providers.errors import InputRejected


def test_the_defaults_are_in_their_ranges():
    assert checked(Parameters()) == Parameters()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"steps": 9}, "steps is 9; choose from 10 to 50"),
        ({"steps": 51}, "10 to 50"),
        ({"guidance": 0.5}, "guidance is 0.5; choose from 1 to 20"),
        ({"guidance": float("nan")}, "1 to 20"),
        ({"seed": -1}, "seed is -1"),
        ({"seed": 2**32}, "0 to 4294967295"),
        ({"width_px": 1345}, "1345×704.*divisible by 8"),
        ({"height_px": 128}, "1344×128.*256 to 2048"),
        ({"width_px": 4096}, "256 to 2048"),
        ({"negative_prompt": "x" * 501}, "501 characters; keep it within 500"),
    ],
)
def test_a_value_out_of_its_range_is_named(change, says):
    with pytest.raises(InputRejected, match=says):
        checked(replace(Parameters(), **change))


@pytest.mark.parametrize("size", [(1200, 630), (1080, 1080), (600, 1200)])
def test_what_is_asked_for_can_be_drawn(size):
    width_px, height_px = drawn_size(*size)
    assert checked(Parameters(width_px=width_px, height_px=height_px), multiple_px=64)
