"""The blinded test: its score against published intervals."""

import importlib.util
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "phantom_blind.py"


@pytest.fixture(scope="module")
def blind():
    spec = importlib.util.spec_from_file_location("phantom_blind", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    # Exact limits by the closed forms at the ends, and the tabled ones of 9 of 10.
    [(0, 10, 0.0, 1 - 0.025**0.1), (10, 10, 0.025**0.1, 1.0), (9, 10, 0.5550, 0.9975)],
)
def test_the_interval_is_the_exact_one(blind, right, n, low, high):
    assert blind.exact_interval(right, n) == pytest.approx((low, high), abs=5e-5)


def write(path, header, rows):
    path.write_text("\n".join([header, *(",".join(row) for row in rows)]) + "\n")
    return path


def test_shares_are_counted_by_kind(blind, tmp_path):
    truth = [("a", "real", "x"), ("b", "real", "y"), ("c", "phantom", "1"), ("d", "phantom", "2")]
    key = write(tmp_path / "key.csv", "file,kind,source", truth)
    said = [("a", "real"), ("b", "Phantom"), ("c", "phantom "), ("d", "real")]
    answer = blind.scored(key, write(tmp_path / "guesses.csv", "file,guess", said)).splitlines()
    assert answer[0].startswith("all      2 of 4 named rightly: 50 %")
    assert answer[2].startswith("phantom  1 of 2")


@pytest.mark.parametrize(("guess", "message"), [("maybe", "real or phantom"), (None, "no guess")])
def test_a_missing_or_odd_guess_is_named(blind, tmp_path, guess, message):
    key = write(tmp_path / "key.csv", "file,kind,source", [("a", "real", "x")])
    rows = [("a", guess)] if guess else []
    with pytest.raises(ValueError, match=message):
        blind.scored(key, write(tmp_path / "guesses.csv", "file,guess", rows))
