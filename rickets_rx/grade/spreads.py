"""How the phantoms of fits and studies are drawn: which disease on which children, taken how.

Written down before any figure was looked at (docs/grades.md, Test sets).
"""

from dataclasses import replace
from enum import StrEnum
from typing import Any

import numpy as np

from rickets_rx.vocabulary import BONES_OF_JOINT, Bone, Joint

# Standard deviations and means of the beam's tilt and of pronation, degrees: as the phantoms' own stream has
# them, and twice as wide.
USUAL, ASKEW = ((4.0, 5.0), (0.0, 10.0)), ((4.0, 10.0), (0.0, 20.0))
# Longer side of films cut close, pixels: radii of about 45 to 120 px, and of 35 to 60.
CLOSE_PX, SMALL_PX = (220, 560), (180, 280)
PRESETS = ("normal", "active_mild", "active_moderate", "active_severe", "dissolved")


class Spread(StrEnum):
    """How severity and circumstances are spread over children.

    ``WHOLE``: active disease, the knob of severity uniform on 0-1, every bone for itself, films cut close to
    the joint (which saves half of the time and changes no bone end). ``NATURE``: the stream of
    `phantom.sample` as it is, half of the children healthy or with normal variants, some healing, both bones
    alike. ``VARIANTS``: normal variants alone. ``MIMICS``: one bone with a torus fracture or a lytic lesion,
    the other healthy. The others are shifted; the disease is that of ``WHOLE``
    except for ``PRESET_STATES``: ``SMALL`` children under 3 on small films, ``NOISY`` a tenth of the photons
    and more scatter and blur, ``TURNED`` twice the tilt and pronation, ``PRESET_STATES`` named states, all
    signs in step.
    """

    WHOLE = "whole"
    NATURE = "nature"
    VARIANTS = "variants"
    MIMICS = "mimics"
    SMALL = "small"
    NOISY = "noisy"
    TURNED = "turned"
    PRESET_STATES = "preset_states"


SHIFTED = (Spread.SMALL, Spread.NOISY, Spread.TURNED, Spread.PRESET_STATES)


def drawn(spread: Spread, joint: Joint, seed: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """What `phantom.sample` is told, and tilt, turn and exposure as they were drawn.

    Returns
    -------
    fixed : dict
        Arguments of `phantom.sample`.
    known : dict
        ``tilt``, ``turn`` (degrees) and ``exposure`` (natural logarithm of photons per mm2).
    """
    from rickets_rx.phantom.draws import draw_exposure

    rng = np.random.default_rng((seed, 77))
    exposure = draw_exposure(rng)
    if spread is Spread.NOISY:
        exposure = replace(
            exposure,
            photons=exposure.photons / 10,
            scatter=min(0.6, 1.8 * exposure.scatter),
            detector_blur=1.5 * exposure.detector_blur,
        )
    fixed: dict[str, Any] = {"exposure": exposure} | _diseased(spread, BONES_OF_JOINT[joint], rng)
    if spread is not Spread.NATURE:
        fixed |= {"size_px": CLOSE_PX}
        if joint is Joint.WRIST:
            fixed["layout"] = _close(rng)
    if spread is Spread.SMALL:
        fixed |= {"ages": (0.2, 3.0), "size_px": SMALL_PX}
    known: dict[str, Any] = {"tilt": 0.0, "turn": 0.0, "exposure": float(np.log(exposure.photons))}
    if joint is Joint.WRIST:
        fixed["posture"], known["tilt"], known["turn"] = _posture(spread, rng)
    return fixed, known


def _close(rng: np.random.Generator) -> Any:
    """A wrist cut close, upright within some degrees."""
    from rickets_rx.phantom import Layout

    return Layout(
        behind=float(rng.uniform(1.2, 1.8)),
        beyond=float(rng.uniform(1.0, 1.6)),
        beside=float(rng.uniform(0.1, 0.5)),
        angle=float(rng.normal(0, 12)),
        marker="",
    )


def _posture(spread: Spread, rng: np.random.Generator) -> tuple[Any, float, float]:
    from rickets_rx.phantom import Posture
    from rickets_rx.phantom.margins import View3D

    tilt, turn = (float(rng.normal(*draw)) for draw in (ASKEW if spread is Spread.TURNED else USUAL))
    deviation, fan = float(rng.normal(0, 9)), float(rng.uniform(0.9, 2.1))
    return Posture(deviation=deviation, spread=fan, view=View3D(tilt, turn)), tilt, turn


def _diseased(spread: Spread, bones: tuple[Bone, ...], rng: np.random.Generator) -> dict[str, Any]:
    from rickets_rx.phantom import Disease
    from rickets_rx.phantom.disease import MIMICS
    from rickets_rx.phantom.draws import VARIANTS

    if spread is Spread.NATURE:
        return {}
    if spread is Spread.VARIANTS:
        name = VARIANTS[int(rng.integers(len(VARIANTS)))]
        ill = bones[1:2] if name == "concave_ulna" else bones
        return {"disease": dict.fromkeys(ill, Disease.preset(name))}
    if spread is Spread.MIMICS:
        name = MIMICS[int(rng.integers(len(MIMICS)))]
        return {"disease": {bones[int(rng.integers(2))]: Disease.preset(name)}}
    if spread is Spread.PRESET_STATES:
        return {"disease": {bone: Disease.preset(PRESETS[int(rng.integers(len(PRESETS)))]) for bone in bones}}
    disease: dict[Bone, Disease] = {bone: Disease.active(float(rng.uniform()), rng) for bone in bones}
    return {"disease": disease}
