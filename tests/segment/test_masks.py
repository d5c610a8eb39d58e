"""Label masks of drawn bones: which label lies at points known by hand."""

import numpy as np
import pytest
from drawn_bone import DrawnBone

from rickets_rx.segment.masks import label_mask, near_edge
from rickets_rx.segment.metaphysis import JointInstance
from rickets_rx.vocabulary import Bone, Joint


def label_at(mask, drawn, x, u):
    px, py = drawn.frame.to_pixels(2 * x, u)
    return int(mask[round(py), round(px)])


def labels(drawn, bone=Bone.RADIUS, shaft=1.2):
    joint = JointInstance(Joint.WRIST, 1, (drawn.metaphysis(bone, shaft=shaft),))
    return label_mask(drawn.shape, [joint])


def test_parts_lie_where_the_extents_say():
    drawn = DrawnBone(width=150.0, epiphysis=(0.1, 0.2, 0.6))
    mask = labels(drawn)
    assert label_at(mask, drawn, 0, -0.9) == 11
    assert label_at(mask, drawn, 0, -0.45) == 12
    assert label_at(mask, drawn, 0, -0.55) == 11
    assert label_at(mask, drawn, 0, 0.05) == 13
    assert label_at(mask, drawn, 0, 0.2) == 14
    # No physis beside the epiphysis, nothing beside the bone.
    assert label_at(mask, drawn, 0.4, 0.05) == 0
    assert label_at(mask, drawn, 0.6, -0.4) == 0


def test_the_ulna_has_its_own_labels():
    mask = labels(DrawnBone(width=100.0), Bone.ULNA)
    assert set(np.unique(mask)) == {0, 21, 22, 23}


def test_the_band_is_a_tenth_of_the_width_without_an_epiphysis():
    mask = labels(DrawnBone(width=150.0))
    # 150 x 15 pixels, give or take the outline.
    assert (mask == 13).sum() == pytest.approx(150 * 15, rel=0.15)
    assert (mask == 12).sum() == pytest.approx(150 * 75, rel=0.05)


def test_an_empty_film_has_no_labels():
    assert not label_mask((20, 30), []).any()


def test_near_edge_of_a_square_and_beside_it():
    square = np.array([[-0.5, 0.2], [0.5, 0.2], [0.5, 0.6], [-0.5, 0.6]])
    edge = near_edge(square, np.array([-0.6, 0.0, 0.3]))
    assert np.isnan(edge[0])
    assert edge[1:] == pytest.approx([0.2, 0.2])


def test_near_edge_follows_a_slope():
    triangle = np.array([[-1.0, 0.0], [1.0, 0.4], [0.0, 1.0]])
    assert near_edge(triangle, np.array([0.5])) == pytest.approx([0.3])
