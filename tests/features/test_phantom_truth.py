"""Traced features against the truth of physics phantoms, read from their geometry and not from pixels."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from rickets_rx.features import measure_all
from rickets_rx.phantom.generate import draw_disease, wrist
from rickets_rx.segment.candidate import BoneCandidate
from rickets_rx.segment.metaphysis import Metaphysis
from rickets_rx.segment.trace import trace
from rickets_rx.vocabulary import Bone, Status

FILMS = 20


@pytest.fixture(scope="module")
def pairs():
    """Truth and measurement of each bone of seeded wrists across the scale, traced from its true place."""
    found = []
    for seed in range(FILMS):
        rng = np.random.default_rng(seed + 40000)
        film = wrist(seed + 900, age=float(rng.uniform(0.5, 8)), disease=draw_disease(rng, rachitic=0.7))
        radiograph = film.radiograph()
        for bone in (b for joint in film.joints for b in joint.bones if b.status is Status.SCORED):
            place = BoneCandidate(bone.bone, bone.corner1, bone.corner2, bone.distal, 0.9)
            traced = trace(radiograph, place)
            if isinstance(traced, Metaphysis):
                found.append((bone, traced, measure_all(radiograph, traced)))
    return found


def test_most_bones_are_traced(pairs):
    assert len(pairs) >= 0.9 * 2 * FILMS


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("cupping", 0.7),
        ("fraying", 0.65),
        ("fraying_extent", 0.5),
        ("edge_blur", 0.6),
        ("zone_contrast", 0.6),
        ("lucency", 0.6),
        ("splaying_50", 0.8),
        ("splaying_100", 0.8),
        ("gap", 0.7),
    ],
)
def test_a_feature_ranks_bones_as_the_truth_does(pairs, name, least):
    both = [
        (truth.features[name], measured[name].value)
        for truth, _, measured in pairs
        if truth.features[name] is not None and measured[name].value is not None
    ]
    assert len(both) >= 12
    assert spearmanr(*zip(*both, strict=True))[0] >= least


@pytest.mark.parametrize("bone", [Bone.RADIUS, Bone.ULNA])
def test_corners_of_mild_disease_are_found_within_a_few_percent(pairs, bone):
    errors = [
        100 * np.hypot(*(np.subtract(traced.frame.corner1, truth.corner1))) / truth.width
        for truth, traced, _ in pairs
        if truth.bone is bone and truth.severity < 0.5
    ]
    assert np.median(errors) < 3.0
