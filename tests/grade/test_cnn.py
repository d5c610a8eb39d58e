"""From the network's answers to severity and spread, both methods together, and what an answer rests on."""

import numpy as np
import pytest

from rickets_rx.features.registry import FeatureValue
from rickets_rx.grade import cnn
from rickets_rx.grade.evidence import ramps
from rickets_rx.grade.graded import LEAST_DISSOLVED
from rickets_rx.grade.interval import Kind, Reading
from rickets_rx.grade.methods import calmed, fused, grade_by, read_by
from rickets_rx.radiograph import Radiograph
from rickets_rx.segment.frame import BoneFrame
from rickets_rx.vocabulary import Flag, Method

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


def test_both_methods_are_weighed_and_doubt_grows_with_their_difference() -> None:
    read = fused(Reading(0.2, 0.2, 0.2, 1.0), Reading(0.6, 0.6, 0.6, 3.0))
    # 0.3 x 0.2 + 0.7 x 0.6. Apart by 0.4, four ordinary spreads; with the network's three: five.
    assert (read.severity, read.scale) == pytest.approx((0.48, 5.0))


def test_the_foot_calms_what_is_nearly_nothing_and_keeps_the_order() -> None:
    said = [calmed(Reading(s, s, s, 1.0)).severity for s in (0.0, 0.11, 0.22, 0.31, 0.4, 0.7, 1.0)]
    # 0.11 lies half way up the foot; 0.31 half way from 0.12 to 0.40.
    assert said == pytest.approx([0.0, 0.06, 0.12, 0.26, 0.4, 0.7, 1.0])


@pytest.mark.parametrize("method", [Method.CNN, Method.FUSED])
def test_a_dissolved_margin_is_at_least_one_and_a_half_whatever_the_network_says(method: Method) -> None:
    read = read_by(HEALTHY, (Flag.MARGIN_DISSOLVED,), step(0), method)
    assert read is not None
    assert min(read.severity, read.low) >= LEAST_DISSOLVED


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
    def contrast(batch: np.ndarray) -> np.ndarray:
        return np.repeat(np.clip(batch[:, 0, 24:32, 64:72].std((1, 2)) / 5, 0, 1)[:, None], 20, axis=1)

    monkeypatch.setattr(cnn, "answers", contrast)
    noise = np.random.default_rng(2).normal(100, 10, (300, 300)).astype(np.float32)
    film = Radiograph(noise, "0" * 64, "film.png")
    cells = cnn.attribution(film, BoneFrame((100.0, 160.0), (190.0, 160.0), (0.0, -1.0)))
    assert cells.shape == (12, 12)
    assert np.unravel_index(np.argmax(cells), cells.shape) == (3, 8)
    assert abs(cells[9, 2]) < 0.1 * cells[3, 8]
