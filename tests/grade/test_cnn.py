"""From the network's answers to severity and spread, both methods together, and what an answer rests on."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rickets_rx.features.registry import FeatureValue
from rickets_rx.grade import cnn
from rickets_rx.grade.evidence import ramps
from rickets_rx.grade.graded import LEAST_DISSOLVED
from rickets_rx.grade.interval import Kind, Reading
from rickets_rx.grade.methods import calmed, fused, grade_by, read_by
from rickets_rx.radiograph import Radiograph
from rickets_rx.segment.frame import BoneFrame
from rickets_rx.vocabulary import Bone, Flag, Joint, Method

HEALTHY = {r.feature: FeatureValue(r.none_at) for r in ramps()} | {"zone_continuity": FeatureValue(1.0)}


def step(at: int) -> np.ndarray:
    """Sure that severity lies above the first ``at`` thresholds and below the others."""
    return (np.arange(cnn.LEVELS) < at).astype(np.float32)


@pytest.mark.parametrize("at", [0, 5, 20])
def test_sure_answers_give_their_severity_and_the_least_spread(at: int) -> None:
    assert cnn.severity_of(step(at)) == pytest.approx(at / 20)
    assert cnn.spread_of(step(at)) == cnn.LEAST_SPREAD


def test_an_answer_that_knows_nothing_has_the_spread_of_an_even_draw() -> None:
    # P(s > t) = 1 - t is the uniform distribution: mean 1/2, standard deviation 1/sqrt(12).
    even = (1 - (np.arange(20) + 0.5) / 20).astype(np.float32)
    assert cnn.severity_of(even) == pytest.approx(0.5)
    assert cnn.spread_of(even) == pytest.approx(12**-0.5, rel=0.01)


def test_both_methods_weigh_by_the_inverse_of_their_variances() -> None:
    # Errors of 0.3 and of 0.1 (one ordinary spread): weights 0.01 and 0.09 of 0.1.
    read = fused(Reading(0.2, 0.2, 0.2, 1.0), Reading(0.6, 0.6, 0.6, 1.0), 0.3)
    # 0.1 x 0.2 + 0.9 x 0.6. The features moved it by 0.04: hypot(1, 0.4).
    assert (read.severity, read.scale) == pytest.approx((0.56, 1.16**0.5))


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0.2, 5))
def test_what_both_say_lies_between_them_and_nearer_to_the_surer(a: float, b: float, scale: float) -> None:
    read = fused(Reading(a, a, a, 1.0), Reading(b, b, b, scale), 0.15)
    assert min(a, b) - 1e-9 <= read.severity <= max(a, b) + 1e-9
    assert read.scale >= scale
    # The network's error is scale x 0.1.
    nearer = abs(read.severity - b) <= abs(read.severity - a) + 1e-9
    assert nearer == (scale <= 1.5) or a == pytest.approx(b, abs=1e-6) or scale == pytest.approx(1.5)


def test_the_foot_calms_what_is_nearly_nothing_and_keeps_the_order() -> None:
    steps = (0.0, 0.12, 0.24, 0.33, 0.42, 0.7, 1.0)
    said = [calmed(Reading(s, s, s, 1.0), Joint.WRIST).severity for s in steps]
    # 0.12 lies half way up the foot; 0.33 half way from 0.12 to 0.42.
    assert said == pytest.approx([0.0, 0.06, 0.12, 0.27, 0.42, 0.7, 1.0])
    # The elbow's foot is shorter: 0.27 lies half way from 0.12 to 0.36.
    assert calmed(Reading(0.27, 0.27, 0.27, 1.0), Joint.ELBOW).severity == pytest.approx(0.24)


@pytest.mark.parametrize("method", [Method.CNN, Method.FUSED])
def test_a_dissolved_margin_is_at_least_one_and_a_half_whatever_the_network_says(method: Method) -> None:
    read = read_by(HEALTHY, (Flag.MARGIN_DISSOLVED,), step(0), Kind(method=method))
    assert read is not None
    assert min(read.severity, read.low) >= LEAST_DISSOLVED


def test_bones_are_told_by_one_place_each_and_others_by_none() -> None:
    rows = cnn.told([Bone.HUMERUS, Bone.ULNA, Bone.ULNA_PROXIMAL])
    assert rows.tolist() == [[0, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 0]]


def test_answers_do_not_depend_on_how_many_are_asked_at_once() -> None:
    batch = np.random.default_rng(4).normal(0, 1, (6, 2, 96, 96)).astype(np.float32)
    bones = [Bone.RADIUS, Bone.ULNA, Bone.HUMERUS] * 2
    alone = np.concatenate([cnn.answers(batch[i : i + 1], bones[i : i + 1]) for i in range(6)])
    assert cnn.answers(batch, bones) == pytest.approx(alone, abs=1e-5)
    assert (np.diff(alone, axis=1) <= 0).all()


def test_the_method_is_told() -> None:
    grade = grade_by(HEALTHY, (), step(20), Kind(method=Method.CNN))
    assert grade is not None
    assert (grade.grade, grade.method) == (2.0, Method.CNN)


def test_the_classical_grade_asks_no_network() -> None:
    grade = grade_by(HEALTHY, (), (), Kind())
    assert grade is not None
    assert (grade.grade, grade.method) == (0.0, Method.CLASSICAL)


def test_attribution_finds_the_cell_that_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    # A stand-in that answers by the contrast of one place: cell (3, 8) of 12, rows 24-31, columns 64-71.
    def contrast(batch: np.ndarray, bones: list[Bone]) -> np.ndarray:
        assert bones == [Bone.ULNA] * len(batch)
        return np.repeat(np.clip(batch[:, 0, 24:32, 64:72].std((1, 2)) / 5, 0, 1)[:, None], 20, axis=1)

    monkeypatch.setattr(cnn, "answers", contrast)
    noise = np.random.default_rng(2).normal(100, 10, (300, 300)).astype(np.float32)
    film = Radiograph(noise, "0" * 64, "film.png")
    cells = cnn.attribution(film, BoneFrame((100.0, 160.0), (190.0, 160.0), (0.0, -1.0)), Bone.ULNA)
    assert cells.shape == (12, 12)
    assert np.unravel_index(np.argmax(cells), cells.shape) == (3, 8)
    assert abs(cells[9, 2]) < 0.1 * cells[3, 8]
