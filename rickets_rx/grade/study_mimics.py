"""The part of the study on what is mistaken for rickets or for health: fractures and lesions of phantoms.

Films go through the whole pipeline, since the guard stands in it. What it says does not depend on the method.
"""

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from rickets_rx.grade.spreads import Spread, drawn
from rickets_rx.grade.study_lines import Line, share
from rickets_rx.phantom.disease import MIMICS
from rickets_rx.vocabulary import Bone, Joint, RefusalReason, Status

if TYPE_CHECKING:
    from rickets_rx.score import BoneScore
    from rickets_rx.segment.metaphysis import RefusedBone

BY_NAME, OTHERWISE, GRADED = "refused by name", "refused otherwise or not found", "graded"
AIM = 0.95
"""Share of mimics that should be refused by name, and one less what may be so falsely (ours)."""


def mimic_lines(first: int, count: int) -> list[Line]:
    """What becomes of mimics and their healthy neighbours, and of bones with rickets: ``count`` films each,
    seeds from ``first``.
    """
    ill = answers(range(first, first + count), Spread.MIMICS)
    rickets = answers(range(first + count, first + 2 * count), Spread.WHOLE)
    group = "mimics, wrist, whole pipeline"
    lines = []
    for name in MIMICS:
        said = ill[name]
        lines.append(share(group, f"{name}: {BY_NAME}", said[BY_NAME], said.total(), AIM))
        lines += [share(group, f"{name}: {what}", said[what], said.total()) for what in (OTHERWISE, GRADED)]
    for what, said in (("healthy neighbours", ill[""]), ("bones with rickets", rickets[""])):
        kept = said.total() - said[BY_NAME]
        lines.append(share(group, f"{what}: not {BY_NAME}", kept, said.total(), AIM))
    return lines


def answers(seeds: Iterable[int], spread: Spread) -> dict[str, Counter[str]]:
    """By mimic ("" for none): how often its bones were refused by name, otherwise, or graded."""
    from rickets_rx.phantom import sample
    from rickets_rx.score import score_radiograph

    found: dict[str, Counter[str]] = {name: Counter() for name in (*MIMICS, "")}
    for seed in seeds:
        film = sample(Joint.WRIST, seed, **drawn(spread, Joint.WRIST, seed)[0])
        # Of two wrists on one film it is not told which was found.
        if film.refuse is not None or len(film.joints) > 1:
            continue
        joints = score_radiograph(film.radiograph()).joints
        said = dict(_told(bone) for joint in joints[:1] for bone in joint.bones)
        for truth in film.joints[0].bones:
            mimic = truth.variant if truth.variant in MIMICS else ""
            if mimic or truth.status is Status.SCORED:
                found[mimic][said.get(truth.bone, OTHERWISE)] += 1
    return found


def _told(bone: "BoneScore | RefusedBone") -> tuple[Bone, str]:
    """Which bone, and what was said of it."""
    from rickets_rx.segment.metaphysis import RefusedBone

    if not isinstance(bone, RefusedBone):
        return bone.metaphysis.bone, GRADED
    return bone.bone, BY_NAME if bone.refusal.reason is RefusalReason.FRACTURE_OR_LESION else OTHERWISE
