"""Which readings may be far off, and how likely: counted by hand."""

import numpy as np
import pytest

from rickets_rx.healing.delays import Films
from rickets_rx.healing.film_errors import FilmErrors

ERRORS = FilmErrors(((0.0, 0.1),), 0.05, 0.3, 0.0, 0.0, 0.0, below=1.6, above=1.6, stray_dense=0.25)


def _films(*flags: str) -> Films:
    n = len(flags)
    rows = [{"severity": 0.5, "joint": "wrist", "flags": flag} for flag in flags]
    return Films(rows, np.arange(n), np.zeros(n, dtype=int), np.zeros((n, 1)))


def test_none_one_or_two_rows_are_far_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rickets_rx.healing.delays.film_errors", lambda joint: ERRORS)
    covariances, chances = _films("", "dense_zone").suppositions()
    # None, the first, the second, both: 0.95 x 0.75, 0.05 x 0.75, 0.95 x 0.25, 0.05 x 0.25.
    assert np.exp(chances) == pytest.approx([0.7125, 0.0375, 0.2375, 0.0125])
    assert [np.diagonal(one).tolist() for one in covariances] == [
        pytest.approx([0.01, 0.01]), pytest.approx([0.10, 0.01]),
        pytest.approx([0.01, 0.10]), pytest.approx([0.10, 0.10]),
    ]  # fmt: skip


def test_rows_that_are_never_far_off_are_not_supposed_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    sure = FilmErrors(((0.0, 0.1),), 0.0, 0.3, 0.0, 0.0, 0.0, below=1.6, above=1.6)
    monkeypatch.setattr("rickets_rx.healing.delays.film_errors", lambda joint: sure)
    covariances, chances = _films("", "", "").suppositions()
    assert covariances.shape == (1, 3, 3)
    assert chances.tolist() == [0.0]
