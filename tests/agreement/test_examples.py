"""The worked examples in the docstrings of the statistics."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

import rickets_rx.agreement

MODULES = sorted(path.stem for path in Path(rickets_rx.agreement.__file__).parent.glob("[a-z]*.py"))
#: Every formula has a worked example.
FORMULAS = {
    "bland_altman",
    "bootstrap",
    "calibration",
    "consensus",
    "gwet",
    "icc",
    "kappa",
    "planner",
    "roc",
    "within",
}


@pytest.mark.parametrize("name", MODULES)
def test_examples_give_what_they_say(name):
    found = doctest.testmod(import_module(f"rickets_rx.agreement.{name}"))
    assert found.failed == 0
    assert found.attempted > 0 or name not in FORMULAS
