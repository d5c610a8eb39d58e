"""What a run says of itself in run.json: what made its numbers, what it counted, how long it took."""

import json
import platform
from statistics import median
from typing import Any

from rickets_rx import RESEARCH_USE_ONLY
from rickets_rx.batch.keys import provenance
from rickets_rx.batch.outcome import Work
from rickets_rx.batch.store import Store
from rickets_rx.vocabulary import Status


def configuration(work: Work) -> dict[str, Any]:
    """Options that change rows, as they enter the key of a film."""
    scorer = work.scorer
    return {"scorer": f"{scorer.__module__}.{scorer.__qualname__}"}


def made_by(work: Work, pool: dict[str, Any], lost: list[dict[str, str]]) -> dict[str, Any]:
    """What made these numbers: version, configuration, model hashes, machine."""
    limits = {"seconds_per_film": work.limits.seconds, "memory_mb": work.limits.memory_mb}
    return {
        "software": "rickets_rx",
        "use": RESEARCH_USE_ONLY,
        **provenance(),
        "configuration": configuration(work) | pool | {"overlays": work.overlays} | limits,
        "identifiers": "kept" if work.identity.keep else "keyed hash" if work.identity.key else "none read",
        "workers_lost": lost,
        "machine": {
            "system": platform.system(),
            "processor": platform.machine(),
            "python": platform.python_version(),
        },
    }


def counts(store: Store, asked: int) -> dict[str, Any]:
    """Films asked for, done, failed and refused as a whole; bones scored and refused. From the store."""
    names = ("films_done", "films_failed", "films_refused", "bones_scored", "bones_refused")
    found = {"films_asked": asked} | dict.fromkeys(names, 0)
    for film in store.done("images, scores, failure"):
        found["films_done"] += 1
        found["films_failed"] += film["failure"] is not None
        joints = [row["status"] for row in json.loads(film["images"])]
        found["films_refused"] += bool(joints) and Status.SCORED not in joints and film["failure"] is None
        for row in json.loads(film["scores"]):
            found["bones_scored" if row["status"] == Status.SCORED else "bones_refused"] += 1
    return found


def median_seconds(store: Store) -> float | None:
    """Median seconds of the films whose bytes could be read, None without any."""
    seconds = [film["seconds"] for film in store.done("seconds", where="sha256 IS NOT NULL")]
    return round(median(seconds), 4) if seconds else None
