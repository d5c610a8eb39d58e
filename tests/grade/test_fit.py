"""The fit: its vectorised rule is the grader's own, and planted ramps are found again."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rickets_rx.features.registry import Features, FeatureValue
from rickets_rx.grade.evidence import ramps
from rickets_rx.grade.examples import KEPT_SIDE, Example, read_examples, read_patches, write_examples
from rickets_rx.grade.fit import feature_values, fit_ramps, severities
from rickets_rx.grade.signs import Evidence
from rickets_rx.vocabulary import Activity, Bone, Flag, Side

NAMES = tuple(dict.fromkeys(ramp.feature for ramp in ramps()))


def example(child: int, features: Features, severity: float) -> Example:
    return Example(
        child=child, joint=0, bone=Bone.RADIUS, side=Side.LEFT, width=120.0, flags=(), refused="",
        severity=severity, grade=0.0, shifted=0.0,
        activity=Activity.ACTIVE if severity else Activity.NONE,
        variant="", age=3.0, spacing_mm=0.2, features=features,
    )  # fmt: skip


measured = st.one_of(st.none(), st.floats(-0.5, 2.0, allow_nan=False))


@given(st.lists(measured, min_size=len(NAMES), max_size=len(NAMES)))
def test_the_vectorised_rule_is_the_graders_own(drawn: list[float | None]) -> None:
    values = dict(zip(NAMES, drawn, strict=True))
    assume(values["cupping"] is not None)  # without a shape there is no severity
    features = {n: FeatureValue(None, "x") if v is None else FeatureValue(v) for n, v in values.items()}
    rows = ramps()
    columns = feature_values([example(0, features, 0.0)], rows)
    anchors = (
        np.array([getattr(r, name) for r in rows]) for name in ("none_at", "hint_at", "full_at", "weight")
    )
    found = severities(columns, np.array([r.sign.value for r in rows]), *anchors)[0]
    assert found == pytest.approx(Evidence.of(features).severity() or 0.0, abs=1e-9)


def test_planted_ramps_are_found_again() -> None:
    # Disease d moves every feature from 0 to 1 evenly; severity by ramps from 0.4 to 0.9 of that way is
    # clip((d - 0.4) / 0.5) for every sign, hence for the ladder.
    rng = np.random.default_rng(3)
    stages = np.concatenate([np.zeros(60), rng.uniform(0.4, 1, 240)])
    found = []
    for child, stage in enumerate(stages):
        features = {name: FeatureValue(float(stage + rng.normal(0, 0.01))) for name in NAMES}
        found.append(example(child, features, float(np.clip((stage - 0.4) / 0.5, 0, 1))))
    cupping = next(ramp for ramp in fit_ramps(found) if ramp.feature == "cupping")
    assert cupping.none_at == pytest.approx(0.4, abs=0.06)
    assert cupping.full_at == pytest.approx(0.9, abs=0.06)


def test_a_feature_that_tells_nothing_is_refused_by_name() -> None:
    same = {name: FeatureValue(1.0) for name in NAMES}
    with pytest.raises(ValueError, match=NAMES[0]):
        fit_ramps([example(i, same, s) for i, s in enumerate((0.0, 0.0, 1.0, 1.0))])


def test_examples_come_back_from_their_table(tmp_path: Path) -> None:
    features = {name: FeatureValue(0.25) for name in NAMES} | {"gap": FeatureValue(None, "off_film")}
    one = example(7, features, 0.5)
    path = tmp_path / "wrist.csv"
    patch = np.full((KEPT_SIDE, KEPT_SIDE), 0.25, np.float16)
    assert write_examples(path, [(one, patch)]) == 1
    assert read_examples(path) == [one]
    assert (read_patches(path)[0] == patch).all()


def test_a_phantom_is_measured_as_the_pipeline_does(tmp_path: Path) -> None:
    from rickets_rx.grade.examples import measured as measure
    from rickets_rx.phantom import wrist

    film = wrist(4, age=4.0, spacing_mm=0.25)
    found = list(measure(film))
    truth = {bone.bone: bone for bone in film.joints[0].bones}
    assert {e.bone for e, _ in found} == set(truth)
    for e, patch in found:
        assert patch is not None and patch.shape == (KEPT_SIDE, KEPT_SIDE)
        assert e.severity == 0
        assert e.width == pytest.approx(truth[e.bone].width, rel=0.1)
        assert Flag.MARGIN_DISSOLVED not in e.flags
