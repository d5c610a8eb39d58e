"""What the guard is taught: which ends are of no use, by hand-placed bones and edges."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rickets_rx import phantom
from rickets_rx.segment.locate_guard import GUARD_KINDS
from rickets_rx.segment.training.guard_ends import Ends, found_kind, shaft_on_film, true_kind
from rickets_rx.vocabulary import RefusalReason, Status

KIND = {reason: number for number, reason in enumerate(GUARD_KINDS)}


@pytest.fixture(scope="module")
def wrist() -> phantom.PhantomFilm:
    return phantom.wrist(72_000_000, age=7.0, size_px=400)


def placed(wrist: phantom.PhantomFilm, bottom: float) -> phantom.PhantomBone:
    """A bone 40 px wide on a film of 200 rows whose corners lie ``bottom`` px above the lower edge."""
    y = 199.0 - bottom
    at = {"corner1": (100.0, y), "corner2": (140.0, y), "distal": (0.0, -1.0)}
    return replace(wrist.joints[0].bones[0], status=Status.SCORED, reason=None, **at)


@pytest.mark.parametrize(
    ("bottom", "shaft", "kind"),
    [
        (30, 0.60, 0),  # more than is looked at
        (17, 0.42, 0),  # 17 of 40 px, in steps of 0.03
        (12, 0.30, None),  # near the limit: not learned from
        (8, 0.18, KIND[RefusalReason.CUT_OFF]),
        (-3, -0.03, KIND[RefusalReason.CUT_OFF]),
    ],
)
def test_a_bone_with_too_little_shaft_is_taught_as_cut_off(wrist, bottom, shaft, kind):
    bone = placed(wrist, bottom)
    film = replace(wrist, pixels=np.zeros((200, 300), np.float32))
    assert shaft_on_film(bone, film.pixels.shape) == pytest.approx(shaft, abs=1e-6)
    assert true_kind(film, bone) == kind


def moved(corners: np.ndarray, px: float) -> np.ndarray:
    return corners + np.array([px, 0.0])


def test_an_end_is_taught_as_what_lies_there(wrist):
    film = replace(wrist, pixels=np.zeros((200, 300), np.float32))
    bone = placed(wrist, 60)
    corners = np.array([bone.corner1, bone.corner2])
    assert found_kind(film, [bone], moved(corners, 2.0)) == 0
    # 8 px are 0.2 widths: neither the bone's end nor another thing.
    assert found_kind(film, [bone], moved(corners, 8.0)) is None
    assert found_kind(film, [bone], moved(corners, 16.0)) == KIND[RefusalReason.AMBIGUOUS]
    assert found_kind(film, [], corners) == KIND[RefusalReason.AMBIGUOUS]
    hidden = replace(bone, status=Status.REFUSED, reason=RefusalReason.CAST_OR_METAL)
    assert found_kind(film, [hidden], moved(corners, 16.0)) == KIND[RefusalReason.CAST_OR_METAL]
    assert found_kind(film, [hidden], moved(corners, 60.0)) == KIND[RefusalReason.AMBIGUOUS]
    closed = replace(film, knobs={"negative": "closed"})
    assert found_kind(closed, [bone], corners) == KIND[RefusalReason.CLOSED_PHYSIS]
    oblique = replace(film, knobs={"negative": "oblique"})
    assert found_kind(oblique, [bone], corners) == KIND[RefusalReason.AMBIGUOUS]


def test_the_fields_edge_is_drawn_where_its_kind_says():
    pytest.importorskip("torch")
    from rickets_rx.segment.training.guard_fit import CUT_OFF, cut_short

    grey = np.tile(np.linspace(1, 2, 110, dtype=np.float32), (110, 1))
    rows = []
    for seed in range(400):
        patch, kind = cut_short(grey, 0, np.random.default_rng(seed))
        changed = np.flatnonzero((patch != grey).mean(1) > 0.5)
        if len(changed):
            # Middle of the edge, in widths behind the chord, which lies 0.1 widths above that of the patch.
            rows.append(((changed[0] - 54.5) / 60 + 0.1, kind))
    short = [behind for behind, kind in rows if kind == CUT_OFF]
    long = [behind for behind, kind in rows if kind == 0]
    assert min(len(short), len(long)) > 30
    # Slopes of up to 20 degrees put the middle up to 0.18 widths behind the nearer corner.
    assert max(short) < 0.27 + 0.2
    assert min(long) > 0.33 - 0.02
    covered = cut_short(grey, 1, np.random.default_rng(0))
    assert covered[0] is grey and covered[1] == 1


def test_batches_hold_every_kind_by_its_share():
    pytest.importorskip("torch")
    from rickets_rx.segment.training.guard_fit import KIND_SHARES, REAL_SHARE, chances

    kinds = np.array([0, 0, 0, 0, 1, 1, 2, 3, 4])
    real = np.array([True, False, False, False] + [False] * 5)
    odds = chances(Ends(np.zeros((9, 110, 110), np.float16), kinds, real))
    assert odds.sum() == pytest.approx(1)
    assert odds[0] / odds[kinds == 0].sum() == pytest.approx(REAL_SHARE)
    for kind in (1, 2, 3, 4):
        assert odds[kinds == kind].sum() / odds[kinds == 1].sum() == pytest.approx(
            KIND_SHARES[kind] / KIND_SHARES[1]
        )


def test_a_short_run_writes_shares_of_five_kinds(tmp_path: Path):
    pytest.importorskip("torch")
    import onnxruntime

    from rickets_rx.segment.training.guard_fit import export_guard, fit_guard

    rng = np.random.default_rng(3)
    patches = rng.random((12, 110, 110)).astype(np.float16)
    ends = Ends(patches, np.arange(12) % 5, np.zeros(12, bool))
    export_guard(fit_guard(ends, steps=4), tmp_path / "guard.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "guard.onnx", providers=["CPUExecutionProvider"])
    (shares,) = session.run(None, {"patch": np.zeros((3, 2, 96, 96), np.float32)})
    assert shares.shape == (3, 5)
    np.testing.assert_allclose(shares.sum(1), 1, atol=1e-5)
