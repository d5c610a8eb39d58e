"""Phantoms that no part of the program was made with, and films that must be refused."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from rickets_rx.validation.films import TrueBone, scored_film
from rickets_rx.validation.parts import Part, Row, Task
from rickets_rx.vocabulary import Bone, Joint, Status

#: Seeds of this study. Training stays below 400 million, the studies of the segmentation have 460 million on,
#: the trial of courses 10 million times its own seed.
FIRST_SEED = {
    "wrists": 480_000_000,
    "wrists_whole_scale": 481_000_000,
    "elbows": 482_000_000,
    "to_be_refused": 483_000_000,
}


def phantom_parts(films: int, key: Mapping[str, Any]) -> list[Part]:
    """Wrists as the training stream draws them, wrists over the whole scale, elbows, and negatives.

    Parameters
    ----------
    films : int
        Wrists of the stream; half as many of the whole scale and as many elbows, a twentieth of each kind of
        negative.
    """
    from rickets_rx.phantom.negatives import KINDS

    counts = {"wrists": films, "wrists_whole_scale": films // 2, "elbows": films // 2}
    parts = [
        Part(name, [[name, FIRST_SEED[name] + i] for i in range(count)], phantom_task, key)
        for name, count in counts.items()
    ]
    start, each = FIRST_SEED["to_be_refused"], max(1, films // 20)
    negatives: list[Task] = [[kind, start + i] for kind in KINDS for i in range(each)]
    return [*parts, Part("to_be_refused", negatives, negative_task, key)]


def phantom_task(task: Task) -> Row:
    """Draw, score and compare one phantom; every second one without a spacing, as most films are."""
    from rickets_rx.phantom import PhantomFilm, sample

    name, seed = str(task[0]), int(task[1])
    fixed: dict[str, Any] = {"disease": whole_scale(seed)} if name == "wrists_whole_scale" else {}
    film: PhantomFilm = sample(Joint.ELBOW if name == "elbows" else Joint.WRIST, seed, **fixed)
    spacing = seed % 2 == 0
    facts = {"age_years": round(film.age_years, 2), "spacing_source": "user" if spacing else "none"}
    truth = [
        TrueBone(
            bone.bone, joint.joint, (bone.corner1, bone.corner2), bone.severity, bone.grade,
            facts | {"shifted": bone.grade_shifted, "variant": bone.variant, "instance": index},
        )
        for index, joint in enumerate(film.joints, start=1)
        for bone in joint.bones
        if bone.status is Status.SCORED
    ]  # fmt: skip
    found = scored_film(film.radiograph(spacing=spacing), truth)
    return found | {"film": f"{name} {seed}", "child": f"{name} {seed}"}


def whole_scale(seed: int) -> dict[Bone, Any]:
    """Active disease of both wrist bones, each of its own severity, uniform over 0-1."""
    from rickets_rx.phantom import Disease

    rng = np.random.default_rng((seed, 53))
    return {bone: Disease.active(float(rng.uniform()), rng) for bone in (Bone.RADIUS, Bone.ULNA)}


def negative_task(task: Task) -> Row:
    """Score one film that must be refused."""
    from rickets_rx.phantom.negatives import KINDS, negative

    kind, seed = str(task[0]), int(task[1])
    found = scored_film(negative(kind, seed).radiograph(), [])
    return {
        "film": f"{kind} {seed}", "child": f"{kind} {seed}", "kind": kind, "wanted": str(KINDS[kind]),
        "reason": found["refused"], "scored": found["scored"],
    }  # fmt: skip
