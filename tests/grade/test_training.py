"""Training of the grading network: targets and chances by hand, a fit that learns, an export that agrees."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("onnx")

from rickets_rx.grade.examples import KEPT_SIDE
from rickets_rx.grade.patch import SIDE
from rickets_rx.grade.training.draw import Drawn
from rickets_rx.grade.training.export import export
from rickets_rx.grade.training.fit import REAL_SHARE, chances, fit, targets, varied


def drawn(count: int = 60) -> Drawn:
    """Patches whose brightness above the middle tells the severity."""
    rng = np.random.default_rng(0)
    severity = rng.uniform(0, 1, count)
    patches = rng.normal(0, 0.05, (count, KEPT_SIDE, KEPT_SIDE))
    patches[:, 40:60, 20:90] += severity[:, None, None]
    return Drawn(patches.astype(np.float16), severity, np.arange(count) < count // 3)


def test_a_severity_counts_in_part_for_the_thresholds_near_it() -> None:
    wanted = targets(np.array([0.0, 0.5, 1.0]))
    # Thresholds 0.025, 0.075, ...: from 0.5, those at 0.475 and 0.525 lie 0.025 off: 0.5 +- 0.25.
    assert wanted[1, 9:11] == pytest.approx([0.75, 0.25])
    assert (wanted[1, :9] == 1).all() and (wanted[1, 11:] == 0).all()
    assert wanted[0, 1:].sum() == 0 and wanted[2, :-1].sum() == 19


def test_real_films_are_drawn_by_their_share_and_rare_severities_more_often() -> None:
    severity = np.array([0.0, 0.0, 0.0, 0.0, 0.9, 0.5])
    real = np.array([False] * 5 + [True])
    chance = chances(Drawn(np.zeros((6, 1, 1), np.float16), severity, real))
    assert chance.sum() == pytest.approx(1)
    assert chance[5] == pytest.approx(REAL_SHARE)
    # Four alike weigh 1 / sqrt(4) each, one alone 1: it is drawn twice as often as any of them.
    assert chance[4] == pytest.approx(2 * chance[0])


def test_a_varied_patch_has_its_size_and_another_look() -> None:
    patch = np.random.default_rng(3).random((KEPT_SIDE, KEPT_SIDE)).astype(np.float32)
    first, second = (varied(patch, np.random.default_rng(seed)) for seed in (1, 2))
    assert first.shape == (SIDE, SIDE)
    assert np.isfinite(first).all()
    assert not np.allclose(first, second)


def test_the_fit_repeats_itself_and_its_export_agrees(tmp_path: Path) -> None:
    import onnxruntime
    import torch

    nets = [fit(drawn(), seed=4, steps=3) for _ in range(2)]
    x = torch.rand(3, 2, SIDE, SIDE)
    with torch.no_grad():
        ours = [net(x).sigmoid().numpy() for net in nets]
    assert ours[0] == pytest.approx(ours[1], abs=1e-6)
    export(nets[0], tmp_path / "grade.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "grade.onnx", providers=["CPUExecutionProvider"])
    assert session.run(None, {"patch": x.numpy()})[0] == pytest.approx(ours[0], abs=1e-4)
