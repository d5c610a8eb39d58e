"""Fractures and lesions: refused by name where the network is sure, and counted as the study says."""

import numpy as np
import pytest

from rickets_rx import score
from rickets_rx.errors import Refusal
from rickets_rx.grade import cnn
from rickets_rx.grade.guards import MIMIC
from rickets_rx.grade.spreads import Spread, drawn
from rickets_rx.grade.study_mimics import BY_NAME, GRADED, OTHERWISE, answers, mimic_lines
from rickets_rx.phantom import sample, wrist
from rickets_rx.radiograph import Radiograph
from rickets_rx.segment.metaphysis import JointInstance, RefusedBone
from rickets_rx.vocabulary import Bone, Joint, RefusalReason

SEEDS = range(690_000, 690_006)


@pytest.mark.parametrize(("share", "reason"), [(1.0, RefusalReason.FRACTURE_OR_LESION), (MIMIC - 0.01, None)])
def test_a_bone_is_refused_by_name_only_where_the_network_is_sure(
    monkeypatch: pytest.MonkeyPatch, share: float, reason: RefusalReason | None
) -> None:
    monkeypatch.setattr(cnn, "mimic_share", lambda radiograph, frame: share)
    bones = score.score_radiograph(wrist(4, age=5.0, size_px=420).radiograph()).joints[0].bones
    assert {bone.refusal.reason if isinstance(bone, RefusedBone) else None for bone in bones} == {reason}


def test_what_becomes_of_mimics_is_counted_by_their_truth(monkeypatch: pytest.MonkeyPatch) -> None:
    # A grader that refuses every radius by name and every ulna for another reason.
    def said(radiograph: Radiograph) -> score.FilmScore:
        named = Refusal(RefusalReason.FRACTURE_OR_LESION, "")
        bones = RefusedBone(Bone.RADIUS, named), RefusedBone(Bone.ULNA, Refusal(RefusalReason.CUT_OFF, ""))
        return score.FilmScore((score.JointScore(JointInstance(Joint.WRIST, 1, bones), bones),))

    monkeypatch.setattr(score, "score_radiograph", said)
    told = [drawn(Spread.MIMICS, Joint.WRIST, seed)[0] for seed in SEEDS]
    films = [sample(Joint.WRIST, seed, **one) for seed, one in zip(SEEDS, told, strict=True)]
    ill = [one["disease"] for one, film in zip(told, films, strict=True) if len(film.joints) == 1]
    assert len(ill) >= 3 and all(len(one) == 1 for one in ill)
    found = answers(SEEDS, Spread.MIMICS)
    for name in ("torus", "lytic"):
        bones = [bone for one in ill for bone, disease in one.items() if disease.variant == name]
        assert found[name][BY_NAME] == bones.count(Bone.RADIUS)
        assert found[name][OTHERWISE] == bones.count(Bone.ULNA)
    assert sum(counts.total() for counts in found.values()) == 2 * len(ill)
    assert not any(counts[GRADED] for counts in found.values())


def test_lines_tell_the_shares_of_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(score, "score_radiograph", lambda radiograph: score.FilmScore(()))
    lines = {line.what: line for line in mimic_lines(SEEDS.start, 3)}
    assert lines["torus: graded"].found.startswith("0/") or lines["torus: graded"].found == "none to count"
    assert lines["bones with rickets: not refused by name"].reached is True


def test_a_patch_of_noise_has_an_answer_between_no_and_yes() -> None:
    noise = np.random.default_rng(0).normal(0, 1, (300, 200)).astype(np.float32)
    film = Radiograph(noise, "0" * 64, "noise.png")
    assert 0 <= cnn.mimic_share(film, cnn.BoneFrame((60.0, 80.0), (140.0, 80.0), (0.0, -1.0))) <= 1
