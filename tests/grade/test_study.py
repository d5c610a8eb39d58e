"""Lines of the study against values worked by hand."""

import numpy as np
import pytest

from rickets_rx.features.registry import FeatureValue
from rickets_rx.grade.calibrate import Prediction
from rickets_rx.grade.evidence import ramps
from rickets_rx.grade.examples import KEPT_SIDE, Example
from rickets_rx.grade.gallery import sheet, worst
from rickets_rx.grade.result import BoneGrade
from rickets_rx.grade.study import confounders, confusion
from rickets_rx.grade.study_lines import at_least, at_most, markdown, share, within
from rickets_rx.grade.thacher import grade_of
from rickets_rx.vocabulary import Activity, Bone, Method, Side


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


def test_the_page_has_a_column_a_method_and_a_cross_where_an_aim_is_missed() -> None:
    page = markdown(
        {
            Method.CLASSICAL: [
                at_least("phantoms", "kappa", 0.8, 0.9),
                within("phantoms", "cover", 0.9, 0.88, 0.92),
            ],
            Method.CNN: [at_least("phantoms", "kappa", 0.95, 0.9)],
        }
    )
    assert "| what | wanted | classical | cnn |" in page
    assert "| kappa | >= 0.9 | 0.800 ✗ | 0.950 |" in page
    assert "| cover | 0.88-0.92 | 0.900 |  |" in page


def test_confusion_counts_truth_in_rows() -> None:
    table = confusion([prediction(0, 0.5, 0.0), prediction(1, 1.0, 1.0), prediction(2, 0.8, 1.0)])
    assert "| 0 | 0 | 0 | 1 | 0 | 0 |" in table
    assert "| 2 | 0 | 0 | 0 | 1 | 1 |" in table


def test_the_gallery_shows_the_largest_errors_of_either_side() -> None:
    def bone(child: int, cupping: float, true: float) -> Example:
        features = {r.feature: FeatureValue(r.none_at) for r in ramps()}
        features |= {"cupping": FeatureValue(cupping), "zone_continuity": FeatureValue(1.0)}
        return Example(
            child, 0, Bone.RADIUS, Side.LEFT, 90.0, (), "", true, grade_of(true), 0.0, Activity.ACTIVE, "",
            3.0, 0.15, features,
        )  # fmt: skip

    concave = next(r.full_at for r in ramps() if r.feature == "cupping")
    # Said 0.75 and 0 for truths of 0.75, 0.1, 0, 0.9: errors 0, 0.65, 0, -0.9.
    found = [bone(0, concave, 0.75), bone(1, concave, 0.1), bone(2, -0.5, 0.0), bone(3, -0.5, 0.9)]
    assert [row for row, _ in worst(found, Method.CLASSICAL, 2)] == [3, 1]
    patches = np.zeros((4, KEPT_SIDE, KEPT_SIDE), np.float16)
    patches[:, 20:60] = 1
    picture = sheet(found, patches, [Method.CLASSICAL], 2)
    assert picture.ndim == 3 and picture.max() == 255
