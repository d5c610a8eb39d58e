"""Features through the found margin against phantom truth: ``python benchmarks/segment_features.py [N]``.

N (150) wrists never trained on at 0.15 mm per pixel, all severities. The same features are also measured with
the true margin and corners put in place of the found ones, so that what the margin costs can be told from
what the measuring costs. The range of a feature is that of the central 96 % of its true values.
"""

import sys
from collections import defaultdict
from dataclasses import replace

import numpy as np
from scipy.stats import spearmanr
from segment_common import FOUND, UNSEEN, corners_of, nearest, scored, table, to_report

from rickets_rx import phantom
from rickets_rx.features.registry import measure_all
from rickets_rx.phantom import PhantomBone
from rickets_rx.segment.frame import BoneFrame
from rickets_rx.segment.metaphysis import Metaphysis
from rickets_rx.segment.pipeline import segment

NAMES = (
    "cupping", "splaying_50", "splaying_75", "splaying_100", "gap", "fraying", "fraying_extent",
    "zone_contrast", "zone_continuity", "lucency",
)  # fmt: skip
Pairs = dict[str, list[tuple[float, float | None, float | None]]]


def with_truth(bone: Metaphysis, truth: PhantomBone) -> Metaphysis:
    """The found bone with the corners, margin and envelope that are true."""
    frame = BoneFrame(truth.corner1, truth.corner2, truth.distal)
    clean = np.ones(len(truth.margin), np.bool_)
    return replace(bone, frame=frame, margin=truth.margin, envelope=truth.envelope, clean=clean)


def measured(count: int) -> tuple[Pairs, dict[str, int]]:
    """Per feature: truth, through the found margin, through the true one; and counts of what was lost."""
    pairs: Pairs = defaultdict(list)
    counts: dict[str, int] = defaultdict(int)
    for i in range(count):
        film = phantom.sample("wrist", UNSEEN + 20_000 + i, spacing_mm=0.15)
        if film.refuse is not None:
            continue
        radiograph = film.radiograph()
        found = scored(segment(radiograph))
        for truth in to_report(film):
            best, error = nearest(found, truth.bone, corners_of(truth))
            counts["bones"] += 1
            if best is None or error > FOUND:
                counts["lost"] += 1
                continue
            ours, ideal = measure_all(radiograph, best), measure_all(radiograph, with_truth(best, truth))
            for name in NAMES:
                true = truth.features.get(name)
                if true is not None:
                    pairs[name].append((true, ours[name].value, ideal[name].value))
    return pairs, counts


def line(name: str, rows: list[tuple[float, float | None, float | None]]) -> tuple[object, ...]:
    truth = np.array([r[0] for r in rows])
    spread = float(np.subtract(*np.percentile(truth, (98, 2))))
    cells: list[object] = [name, len(rows)]
    for column in (1, 2):
        values = np.array([np.nan if r[column] is None else r[column] for r in rows], float)
        known = np.isfinite(values)
        rank = float(spearmanr(truth[known], values[known]).statistic)
        error = float(np.median(np.abs(truth[known] - values[known]))) / spread
        cells += [f"{rank:.3f}", f"{100 * error:.1f}", int((~known).sum())]
    return tuple(cells)


def main() -> None:
    pairs, counts = measured(int(sys.argv[1]) if len(sys.argv) > 1 else 150)
    head = (
        "feature", "n", "found: Spearman", "median error, % of range", "null",
        "true margin: Spearman", "median error, %", "null",
    )  # fmt: skip
    sys.stdout.write(table(head, [line(name, pairs[name]) for name in NAMES]))
    sys.stdout.write(f"\n{counts['lost']} of {counts['bones']} bones lost.\n")


if __name__ == "__main__":
    main()
