"""What every backend of the table promises."""

from __future__ import annotations

import importlib

import pytest

from providers.chain import load
from providers.covers import BACKENDS
from providers.errors import Unavailable

KEYS = {"huggingface": "HF_TOKEN", "openai": "OPENAI_API_KEY"}


@pytest.mark.parametrize("name", BACKENDS)
def test_without_settings_it_works_or_says_what_is_missing(name):
    backend = load(BACKENDS, name)
    built, missing = None, None
    try:
        built = backend.from_env({})
    except Unavailable as error:
        missing = error
    if built:
        assert built.name == name
        assert built.model
    else:
        assert missing.error_class in ("missing_key", "missing_package", "missing_model")
        assert KEYS.get(name, "") in str(missing)


@pytest.mark.parametrize("name", BACKENDS)
def test_its_settings_are_listed_and_documented(name):
    module = importlib.import_module(BACKENDS[name].partition(":")[0])
    variables = [variable for variable, _, _ in module.SETTINGS]
    assert len(set(variables)) == len(variables)
    assert all(text.strip() for _, _, text in module.SETTINGS)
    docstring = load(BACKENDS, name).__doc__
    assert [v for v in variables if v not in docstring and not v.startswith("HUGGINGFACE_")] == []


@pytest.mark.parametrize(("name", "key"), KEYS.items())
def test_listed_defaults_are_the_ones_in_force(name, key):
    """from_env with every default spelled out behaves as from_env with none."""
    backend = load(BACKENDS, name)
    module = importlib.import_module(backend.__module__)
    spelled = {variable: default for variable, default, _ in module.SETTINGS if default}
    assert values(backend.from_env({key: "k"})) == values(backend.from_env(spelled | {key: "k"}))


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(Unavailable, match="huggingface, openai"):
        load(BACKENDS, "dall-e-3")


def values(backend):
    """What it was told; without the memories and locks it made itself."""
    plain = (str, int, float, bool, tuple, type(None))
    return {name: value for name, value in vars(backend).items() if isinstance(value, plain)}
