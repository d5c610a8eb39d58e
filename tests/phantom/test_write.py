"""What a phantom leaves on disk."""

import csv
import hashlib
import json

import cv2
import numpy as np
import pydicom
import pytest
from PIL import Image

from rickets_rx import phantom
from rickets_rx.phantom.dicom import write_dicom
from rickets_rx.phantom.measure import FEATURES
from rickets_rx.vocabulary import Bone


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    out = tmp_path_factory.mktemp("phantoms")
    phantom.write_phantoms(
        "wrist", 3, 40, out, ages=(1, 5), severity=(0.6, 1.0), size_px=(300, 400), dicom=True
    )
    return out


def rows(out):
    with (out / "truth.csv").open() as handle:
        return list(csv.DictReader(handle))


def test_every_bone_has_a_row_whose_hash_is_that_of_its_file(written):
    table = rows(written)
    assert [r["bone"] for r in table[:2]] == ["radius", "ulna"]
    for row in table:
        assert hashlib.sha256((written / row["file"]).read_bytes()).hexdigest() == row["image_sha256"]


def test_missing_is_empty_with_a_reason_and_never_zero(written):
    for row in rows(written):
        reasons = dict(pair.split("=") for pair in row["null_reasons"].split(";"))
        assert {name for name in FEATURES if row[name] == ""} == set(reasons)


def test_millimetres_are_fractions_times_width_times_spacing(written):
    row = rows(written)[0]
    by_hand = float(row["cupping"]) * float(row["width_px"]) * float(row["spacing_mm"])
    assert float(row["cupping_mm"]) == pytest.approx(by_hand, abs=0.01)


def test_png_is_16_bit_and_calls_itself_synthetic(written):
    file = next((written / "images").glob("*.png"))
    assert "synthetic" in Image.open(file).text["synthetic"]
    assert cv2.imread(str(file), cv2.IMREAD_UNCHANGED).dtype == np.uint16


def test_masks_and_regions_go_by_the_hash(written):
    row = rows(written)[0]
    mask = cv2.imread(str(written / "regions" / f"{row['image_sha256']}.png"), cv2.IMREAD_UNCHANGED)
    assert {11, 12, 21, 22} <= set(np.unique(mask).tolist())
    region = json.loads((written / "regions" / f"{row['image_sha256']}.json").read_text())
    corner = region["instances"][0]["bones"][0]["corner1"]
    assert corner == pytest.approx([float(row["corner1_x"]), float(row["corner1_y"])], abs=0.01)


def test_same_arguments_same_files(written, tmp_path):
    phantom.write_phantoms("wrist", 1, 40, tmp_path, ages=(1, 5), severity=(0.6, 1.0), size_px=(300, 400))
    name = "images/wrist_000040.png"
    assert (tmp_path / name).read_bytes() == (written / name).read_bytes()


def test_dicom_reads_back_with_its_marks_and_spacing(written, tmp_path):
    ds = pydicom.dcmread(next((written / "images").glob("*.dcm")))
    assert "SYNTHETIC" in str(ds.PatientName) and "SYNTHETIC" in ds.ImageType
    film = phantom.elbow(2, size_px=300)
    write_dicom(film, tmp_path / "one.dcm", monochrome1=True)
    ds = pydicom.dcmread(tmp_path / "one.dcm")
    assert (ds.PhotometricInterpretation, ds.BodyPartExamined) == ("MONOCHROME1", "ELBOW")
    assert np.abs((4095 - ds.pixel_array) / 4095 - film.pixels).max() < 1 / 4095
    assert float(ds.ImagerPixelSpacing[0]) == pytest.approx(film.spacing_mm, abs=1e-4)


def test_stamp_is_burned_in_off_the_labelled_bones():
    kinds = {Bone.RADIUS: phantom.Disease.preset("active_severe")}
    fixed = {"age": 1.5, "size_px": 700, "layout": phantom.Layout(behind=1.5, beyond=None)}
    plain = phantom.synthetic_film("wrist", kinds, 7, stamp=False, **fixed)
    stamped = phantom.synthetic_film("wrist", kinds, 7, **fixed)
    changed = plain.pixels != stamped.pixels
    assert changed.sum() > 500
    assert not (changed & (plain.labels > 0)).any()


def test_preset_reaches_every_bone(tmp_path):
    phantom.write_phantoms("elbow", 1, 3, tmp_path, preset="residual", size_px=(300, 300))
    assert {r["activity"] for r in rows(tmp_path)} == {"residual"}
