"""Pictures of the bones that a method grades worst: ``python -m rickets_rx.grade.gallery``.

Made from tables of examples with their patches; each picture says what is true and what was said.
"""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from rickets_rx.grade.calibrate import Prediction, predictions
from rickets_rx.grade.examples import Array, Example, middle, read_examples, read_patches, with_shares
from rickets_rx.vocabulary import Method

Picture = npt.NDArray[np.uint8]
SIZE, CAPTION, COLUMNS = 170, 34, 6


def worst(found: Sequence[Example], method: Method, count: int) -> list[tuple[int, Prediction]]:
    """Rows of the table with the largest errors of severity, half called too mild and half too severe."""
    rows = {(e.child, e.joint, e.bone): i for i, e in enumerate(found)}
    graded = sorted(predictions(found, method), key=lambda p: p.severity - p.truth)
    chosen = [*graded[: count // 2], *graded[::-1][: count - count // 2]]
    return [(rows[p.example.child, p.example.joint, p.example.bone], p) for p in chosen]


def sheet(found: Sequence[Example], patches: Array, methods: Sequence[Method], count: int) -> Picture:
    """One block of pictures a method, ``count`` each, shape (rows, columns, 3)."""
    rows = []
    for method in methods:
        pictures = [_picture(patches[row], p, method) for row, p in worst(found, method, count)]
        pictures += [np.zeros_like(pictures[0])] * (-len(pictures) % COLUMNS)
        rows += [np.hstack(pictures[i : i + COLUMNS]) for i in range(0, len(pictures), COLUMNS)]
    return np.vstack(rows)


def _picture(patch: Array, said: Prediction, method: Method) -> Picture:
    grey = middle(patch)
    low, high = np.percentile(grey, (1, 99.5))
    shown = (np.clip((grey - low) / max(high - low, 1e-6), 0, 1) * 255).astype(np.uint8)
    shown = np.asarray(cv2.resize(shown, (SIZE, round(SIZE * 0.75)), interpolation=cv2.INTER_CUBIC), np.uint8)
    framed = np.asarray(cv2.copyMakeBorder(shown, CAPTION, 2, 2, 2, cv2.BORDER_CONSTANT, value=0), np.uint8)
    lines = (
        f"{method} {said.example.bone} {said.example.age:.1f} y",
        f"true {said.truth:.2f} said {said.severity:.2f} ({said.low:.2f}-{said.high:.2f})",
    )
    for i, line in enumerate(lines):
        cv2.putText(framed, line, (3, 13 + 14 * i), cv2.FONT_HERSHEY_SIMPLEX, 0.36, 255, 1, cv2.LINE_AA)
    return np.repeat(framed[..., None], 3, axis=2)


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line: a sheet of the worst bones of one table."""
    import argparse

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("table", type=Path)
    parser.add_argument("--methods", type=Method, nargs="+", default=list(Method))
    parser.add_argument("--count", type=int, default=12, help="pictures a method")
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args(arguments)
    found, patches = read_examples(chosen.table), read_patches(chosen.table)
    if set(chosen.methods) != {Method.CLASSICAL}:
        found = with_shares(found, patches)
    cv2.imwrite(str(chosen.out), sheet(found, patches, chosen.methods, chosen.count))


if __name__ == "__main__":
    main()
