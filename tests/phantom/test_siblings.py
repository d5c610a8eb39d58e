"""The sample films: made as the case report's words ask, and byte for byte by the command that is named."""

import csv
from hashlib import sha256

import cv2
import numpy as np
import pytest

from rickets_rx.phantom.siblings import SCALE, SIBLINGS, SampleFilm, sample_film
from rickets_rx.resources import resource
from rickets_rx.vocabulary import Activity, Status


@pytest.mark.parametrize("sample", SIBLINGS, ids=lambda s: s.file)
def test_the_sisters_films_are_active_before_and_healing_after(sample: SampleFilm) -> None:
    """Figs. 1a and 3a show rickets; 1b, 1c and 3b its healing, with something left to see."""
    film = sample_film(sample)
    bones = [b for joint in film.joints for b in joint.bones if b.status is Status.SCORED]
    before = sample.file in ("case1_fig1a.png", "case2_fig3a.png")
    assert {b.activity for b in bones} == {Activity.ACTIVE if before else Activity.HEALING}
    assert max(b.grade for b in bones) >= (1.5 if before else 0.5)


@pytest.mark.parametrize(
    ("folder", "sample"),
    [("hvdrr_siblings/films", SIBLINGS[4]), ("phantoms", SCALE[0])],
    ids=("sister", "scale"),
)
def test_the_files_are_what_the_command_makes(folder: str, sample: SampleFilm) -> None:
    """Not byte by byte: the last bits of a film depend on the processor and the versions of libraries."""
    shipped = cv2.imread(str(resource("sample_images") / folder / sample.file), cv2.IMREAD_UNCHANGED)
    made = np.round(sample_film(sample).pixels * 65535)
    assert shipped.dtype == np.uint16 and shipped.shape == made.shape
    assert np.mean(np.abs(made - shipped) > 0.01 * 65535) < 0.001


def test_truth_belongs_to_the_films_beside_it() -> None:
    folder = resource("sample_images") / "phantoms"
    with (folder / "truth.csv").open(newline="") as handle:
        rows = list(csv.DictReader(handle))
    hashes = {row["file"]: row["image_sha256"] for row in rows}
    assert hashes == {path.name: sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.png")}
    wrists = {row["file"]: float(row["grade"]) for row in rows if row["bone"] == "radius"}
    assert [wrists[f"wrist_{name}.png"] for name in ("normal", "mild", "moderate", "severe")] == [
        0,
        0.5,
        1,
        2,
    ]
