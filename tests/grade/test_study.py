"""Lines of the study against values worked by hand."""

import numpy as np
import pytest

from rickets_rx.grade.calibrate import Prediction
from rickets_rx.grade.examples import Example
from rickets_rx.grade.result import BoneGrade
from rickets_rx.grade.study import at_least, at_most, confounders, confusion, markdown, share
from rickets_rx.grade.thacher import grade_of
from rickets_rx.vocabulary import Activity, Bone, Side


def prediction(child: int, said: float, true: float, age: float = 3.0) -> Prediction:
    example = Example(
        child, 0, Bone.RADIUS, (Side.LEFT, Side.RIGHT)[child % 2], 80.0 + child % 7, (), "", true,
        grade_of(true), grade_of(true), Activity.ACTIVE, "", age, 0.15, {},
    )  # fmt: skip
    grade = BoneGrade(grade_of(said), 0.0, 2.0, said, 0.0, 1.0, Activity.ACTIVE)
    return Prediction(example, grade)


def test_a_share_has_its_exact_interval() -> None:
    # None of ten: the upper bound solves (1 - p)^10 = 0.025, p = 0.3085 (Clopper and Pearson 1934).
    assert share("g", "w", 0, 10).found == "0/10 = 0.0 % (0.0-30.8)"
    assert share("g", "w", 9, 10, 0.9).reached is True
    assert share("g", "w", 8, 10, 0.9).reached is False
    assert share("g", "w", 0, 0, 0.9).reached is None


def test_aims_are_inclusive() -> None:
    assert at_least("g", "w", 0.9, 0.9).reached is True
    assert at_most("g", "w", 0.021, 0.02).reached is False


def test_a_confounder_is_seen_and_a_clean_prediction_shows_none() -> None:
    rng = np.random.default_rng(1)
    true, age = rng.uniform(0, 1, 300), rng.uniform(0, 10, 300)
    both = list(enumerate(zip(true, age, strict=True)))
    clean = [prediction(i, float(t), float(t), float(a)) for i, (t, a) in both]
    assert all(line.reached for line in confounders("g", clean))
    moved = [prediction(i, float(0.5 * t + 0.05 * a), float(t), float(a)) for i, (t, a) in both]
    added = next(line for line in confounders("g", moved) if line.what.startswith("age"))
    # Shares of variance: truth 0.25 / 12 = 0.0208, age 0.0025 x 100 / 12 = 0.0208: one half each.
    assert float(added.found) == pytest.approx(0.5, abs=0.06)
    assert added.reached is False


def test_the_page_says_what_was_not_reached() -> None:
    page = markdown([at_least("phantoms", "kappa", 0.8, 0.9), at_least("phantoms", "rho", 0.99, 0.95)])
    assert "* phantoms: kappa (0.800)" in page
    assert "* phantoms: rho" not in page


def test_confusion_counts_truth_in_rows() -> None:
    table = confusion([prediction(0, 0.5, 0.0), prediction(1, 1.0, 1.0), prediction(2, 0.8, 1.0)])
    assert "| 0 | 0 | 0 | 1 | 0 | 0 |" in table
    assert "| 2 | 0 | 0 | 0 | 1 | 1 |" in table
