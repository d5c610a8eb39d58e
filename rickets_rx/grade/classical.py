"""The classical grader: features to evidence, evidence to severity with its bounds before calibration."""

from pathlib import Path

from rickets_rx.features.registry import Features
from rickets_rx.grade.evidence import TABLE
from rickets_rx.grade.graded import LEAST_DISSOLVED
from rickets_rx.grade.interval import Reading
from rickets_rx.grade.signs import Evidence
from rickets_rx.vocabulary import Flag

# Share of what missing features could have said that opens the interval upwards (ours).
CARRIED = 0.5
# Each missing feature widens the calibrated reach by this share (ours; contract: missing widens).
MISSING_WIDENS = 0.1
# Severity of a dissolved margin, of which nothing is left to measure: Thacher's 2 seen at its worst (ours).
DISSOLVED = 0.9


def read_features(features: Features, seen: tuple[Flag, ...], table: Path = TABLE) -> Reading | None:
    """Severity and its bounds before calibration; None where not even the shape was measured."""
    evidence = Evidence.of(features, table)
    value = evidence.severity()
    dissolved = Flag.MARGIN_DISSOLVED in seen
    if dissolved:
        value = max(value if value is not None else 0.0, DISSOLVED)
    if value is None:
        return None
    least, most = evidence.bounds()
    low = max(min(value, least), LEAST_DISSOLVED if dissolved else 0.0)
    high = value + CARRIED * max(0.0, most - value)
    return Reading(value, low, high, 1.0 + MISSING_WIDENS * len(evidence.missing))
