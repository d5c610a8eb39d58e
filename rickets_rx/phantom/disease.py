"""What rickets and its healing do to one bone end, as independent knobs in physical units."""

from dataclasses import dataclass, replace

import numpy as np

from rickets_rx.vocabulary import Activity


@dataclass(frozen=True)
class Disease:
    """Knobs of one bone end. The default is a healthy bone.

    Parameters
    ----------
    zone_loss : float
        Share of the zone of provisional calcification's mineral that is gone, 0-1.
    zone_gaps : float
        Share of the margin over which the zone is missing altogether, 0-1.
    irregularity : float
        RMS roughness of the margin common to all depths, mm.
    fray_depth : float
        Spread (SD over the depth of the bone) of where mineral ends, mm: seen as feathering.
    fray_extent : float
        Share of the margin so affected, 0-1.
    cup : float
        Depth of the concavity below the chord, fractions of MW; adds to the child's own convexity's place.
    splay : float
        Widening of the metaphysis over its healthy width, fractions.
    spur : float
        Rim projecting distally at the corners, mm.
    lucency : float
        Share of mineral lost in the strip just behind the margin, 0-1.
    gap_extra : float
        Widening of the physis, mm.
    osteopenia, coarse, thin_cortex, epiphysis_fade : float
        How far density is lost, trabeculae are coarsened, cortices thinned and epiphyses fainter, 0-1.
    swelling : float
        Share by which soft tissue is thicker round the joint.
    dense_line : float
        Strength of a re-ossified line (1: as dense as a healthy zone, more: sclerotic).
    dense_line_offset : float
        How far distal of the old frayed edge that line stands, mm.
    fill : float
        Share of the gap between old edge and new line that mineral fills, 0-1.
    dense_end : float
        Extra density of the last 2-4 mm (normal in toddlers; after healing), 0-1.
    arrest_lines : int
        Growth-arrest lines behind the margin.
    variant : str
        "", "concave_ulna", "dense_ends", "spur", "growth_arrest" (normal), "torus", "lytic" (mimics).
    stage : str
        "none", "active", "healing" or "residual": the way the disease goes, for ``activity``.
    """

    zone_loss: float = 0.0
    zone_gaps: float = 0.0
    irregularity: float = 0.0
    fray_depth: float = 0.0
    fray_extent: float = 0.0
    cup: float = 0.0
    splay: float = 0.0
    spur: float = 0.0
    lucency: float = 0.0
    gap_extra: float = 0.0
    osteopenia: float = 0.0
    coarse: float = 0.0
    thin_cortex: float = 0.0
    epiphysis_fade: float = 0.0
    swelling: float = 0.0
    dense_line: float = 0.0
    dense_line_offset: float = 0.0
    fill: float = 0.0
    dense_end: float = 0.0
    arrest_lines: int = 0
    variant: str = ""
    stage: str = "none"

    @property
    def activity(self) -> Activity:
        """Which way the disease goes, by its own stage."""
        return Activity(self.stage)

    @classmethod
    def active(cls, severity: float, rng: np.random.Generator | None = None) -> "Disease":
        """Active rickets, milder or worse along the order in which its signs appear.

        Parameters
        ----------
        severity : float
            0 (healthy) to 1; where a sign begins follows the domain notes (zone first, then margin and
            gap, then fraying, then cupping and splaying). The steps are ours.
        rng : Generator, optional
            Lets each sign run ahead of the others or lag by up to about 20 %.
        """
        severity = float(np.clip(severity, 0, 1))
        if severity <= 0:
            return cls()

        def sign(begins: float, full: float) -> float:
            lag = 0.0 if rng is None else float(rng.normal(0, 0.06))
            return float(np.clip((severity + lag - begins) / (full - begins), 0, 1))

        scale = 1.0 if rng is None else float(np.exp(rng.normal(0, 0.15)))
        return cls(
            zone_loss=sign(0.0, 0.45),
            zone_gaps=sign(0.08, 0.55),
            irregularity=0.42 * scale * sign(0.20, 0.75),
            fray_depth=1.3 * scale * sign(0.40, 1.0),
            fray_extent=sign(0.42, 0.88),
            cup=0.21 * scale * sign(0.66, 1.08),
            splay=0.22 * scale * sign(0.35, 1.0),
            spur=1.0 * scale * sign(0.68, 1.1),
            lucency=0.45 * sign(0.03, 0.7),
            gap_extra=3.5 * scale * sign(0.16, 0.75),
            osteopenia=0.5 * sign(0.1, 1.0),
            coarse=sign(0.15, 1.0),
            thin_cortex=0.55 * sign(0.2, 1.0),
            epiphysis_fade=0.8 * sign(0.25, 1.0),
            swelling=0.15 * sign(0.4, 1.0),
            stage="active",
        )

    @classmethod
    def healing(
        cls, stage: float, severity: float = 0.9, rng: np.random.Generator | None = None
    ) -> "Disease":
        """Rickets of a ``severity`` that has healed by ``stage`` 0 (just active) to 1 (only shape is left).

        The order is that of the domain notes, section 4: the zone re-appears as a dense line distal of the
        old frayed edge, the gap to the shaft fills and fraying goes, cupping and splaying remodel last.
        """
        stage = float(np.clip(stage, 0, 1))
        worst = cls.active(severity, rng)
        if stage <= 0:
            return worst
        line = float(np.clip(stage / 0.25, 0, 1))
        fill = float(np.clip((stage - 0.1) / 0.45, 0, 1))
        shape = float(np.clip((stage - 0.5) / 0.9, 0, 1))
        left = 1 - fill
        return replace(
            worst,
            irregularity=worst.irregularity * left,
            fray_depth=worst.fray_depth * left,
            fray_extent=worst.fray_extent * left,
            cup=worst.cup * (1 - shape),
            splay=worst.splay * (1 - shape),
            spur=worst.spur * left,
            lucency=worst.lucency * left,
            gap_extra=worst.gap_extra * left,
            osteopenia=worst.osteopenia * (1 - 0.7 * stage),
            coarse=worst.coarse * (1 - 0.6 * stage),
            thin_cortex=worst.thin_cortex * (1 - 0.5 * stage),
            epiphysis_fade=worst.epiphysis_fade * left,
            swelling=worst.swelling * left,
            dense_line=1.4 * line,
            dense_line_offset=min(1.6, 0.5 * worst.gap_extra + 0.3) * line,
            fill=fill,
            dense_end=0.5 * fill,
            stage="residual" if stage >= 0.75 else "healing",
        )

    @classmethod
    def preset(cls, name: str) -> "Disease":
        """A named state.

        Raises
        ------
        ValueError
            When there is no such preset; names the ones there are.
        """
        try:
            return _PRESETS[name]
        except KeyError:
            raise ValueError(f"no preset {name!r}; there are {', '.join(_PRESETS)}") from None


_PRESETS: dict[str, Disease] = {
    "normal": Disease(),
    "active_mild": Disease.active(0.3),
    "active_moderate": Disease.active(0.6),
    "active_severe": Disease.active(0.95),
    "dissolved": replace(Disease.active(1.0), fray_depth=2.2, zone_loss=1.0, zone_gaps=1.0, lucency=0.7),
    "healing_early": Disease.healing(0.25),
    "healing_late": Disease.healing(0.6),
    "residual": Disease.healing(0.85),
    "concave_ulna": Disease(cup=0.11, variant="concave_ulna"),
    "dense_ends": Disease(dense_end=0.8, variant="dense_ends"),
    "spur": Disease(spur=1.2, variant="spur"),
    "growth_arrest": Disease(arrest_lines=3, variant="growth_arrest"),
    "torus": Disease(variant="torus"),
    "lytic": Disease(variant="lytic"),
}
PRESETS = tuple(_PRESETS)
MIMICS = ("torus", "lytic")
"""Variants that are neither rickets nor normal: found, and refused with ``fracture_or_lesion``."""
