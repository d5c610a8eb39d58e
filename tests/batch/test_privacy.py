"""What stands in a DICOM header reaches no byte that a run writes, unless it was asked to."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pydicom
import pytest
import standin
from pydicom.datadict import DicomDictionary, keyword_for_tag
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ComputedRadiographyImageStorage, ExplicitVRLittleEndian
from typer.testing import CliRunner

from rickets_rx.batch import requests_of, score_films
from rickets_rx.batch.identity import IdentityRule, header_identity, key_file, load_key
from rickets_rx.batch.progress import ending
from rickets_rx.cli import app
from rickets_rx.errors import UsageError
from rickets_rx.follow_up import follow_up
from rickets_rx.io.read import file_sha256

MARK = "ZQX"
DATE, TIME, UID = "19870314", "031415.926", "1.2.777777."

NUMBER = "94857361"

#: What must stay as it is for the file to be a radiograph at all, or is read as the number that it is.
_WORKING = {
    *("Modality", "PhotometricInterpretation", "SpecificCharacterSet", "SOPClassUID", "NumberOfFrames"),
    *("PixelAspectRatio", "RescaleSlope", "RescaleIntercept", "WindowCenter", "WindowWidth"),
    *("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing", "DistanceSourceToDetector"),
    *("DistanceSourceToPatient", "EstimatedRadiographicMagnificationFactor"),
}

_PLANTED = {
    **dict.fromkeys(("LO", "LT", "PN", "SH", "ST", "UC", "UT", "UR", "AE", "CS"), MARK),
    "DA": DATE,
    "TM": TIME,
    "DT": DATE + "031415",
    "UI": UID,
    "AS": "007Y",
    **dict.fromkeys(("IS", "DS"), NUMBER),
}


def planted() -> Dataset:
    """A computed radiograph with a marked value in every text element of the dictionary and in a sequence."""
    dataset = Dataset()
    for tag, (vr, multiplicity, _, _, _) in DicomDictionary.items():
        if vr in _PLANTED and tag >> 16 not in (0x0000, 0x0002, 0x0004):
            value = _PLANTED[vr]
            numbered = f"{value}{tag:08X}" if value == MARK else f"{UID}{tag}" if value == UID else value
            times = int(multiplicity.split("-")[0])
            dataset.add_new(tag, vr, numbered if times == 1 else [numbered] * times)
    for keyword in _WORKING:
        dataset.pop(keyword, None)
    item = Dataset()
    item.PatientName, item.AccessionNumber = f"{MARK}^NESTED", f"{MARK}ACC"
    dataset.RequestAttributesSequence = Sequence([item])
    dataset.private_block(0x0099, f"{MARK} PRIVATE", create=True).add_new(1, "LO", f"{MARK} private")
    _make_readable(dataset)
    return dataset


def _make_readable(dataset: Dataset) -> None:
    pixels = np.random.default_rng(5).integers(0, 4000, (80, 100), dtype=np.uint16)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = ComputedRadiographyImageStorage
    dataset.SOPClassUID = ComputedRadiographyImageStorage
    dataset.SOPInstanceUID = dataset.get("SOPInstanceUID") or "1.2.3.4"
    dataset.Modality, dataset.PhotometricInterpretation = "CR", "MONOCHROME2"
    dataset.PatientID = f"{MARK}-4711"
    dataset.BurnedInAnnotation = "NO"
    dataset.SamplesPerPixel, dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 1, 16, 12, 11
    dataset.PixelRepresentation, (dataset.Rows, dataset.Columns) = 0, pixels.shape
    dataset.PixelSpacing = [0.15, 0.15]
    dataset.PixelData = pixels.tobytes()


def save(dataset: Dataset, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pydicom.dcmwrite(path, dataset, enforce_file_format=True)
    return path


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A good film and films that fail in every way that could make an error quote the header."""
    folder = tmp_path_factory.mktemp("films")
    for name, change in SPOILED.items():
        dataset = planted()
        with pydicom.config.disable_value_validation():
            change(dataset)
            save(dataset, folder / f"{name}.dcm")
    whole = (folder / "good.dcm").read_bytes()
    (folder / "cut_in_header.dcm").write_bytes(whole[: len(whole) // 3])
    (folder / "cut_in_pixels.dcm").write_bytes(whole[:-900])
    return folder


def _set(keyword: str, value: object):  # type: ignore[no-untyped-def]
    return lambda dataset: setattr(dataset, keyword, value)


SPOILED = {
    "good": lambda dataset: None,
    "modality": _set("Modality", f"{MARK}MOD"),
    "photometric": _set("PhotometricInterpretation", f"{MARK}PHOTO"),
    "frames": _set("NumberOfFrames", 3),
    "no_pixels": lambda dataset: dataset.__delattr__("PixelData"),
    "burned_in": _set("BurnedInAnnotation", "YES"),
    "charset": _set("SpecificCharacterSet", f"{MARK}CHARSET"),
    "oblong": _set("PixelSpacing", [0.1, 0.2]),
}


def written(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of every file below a folder."""
    for path in folder.rglob("*"):
        yield str(path.relative_to(folder)), path.read_bytes() if path.is_file() else b""


def assert_unmarked(name: str, data: bytes) -> None:
    text = name.encode() + b"\n" + data
    found = re.findall(
        rb"(?i).{0,40}(?:ZQX|777777|19870314|1987-03-14|14\.03\.1987|031415|94857361).{0,40}", text
    )
    assert not found, f"{name}: {found[:3]}"


def test_the_planted_film_really_carries_the_marks(films: Path) -> None:
    dataset = pydicom.dcmread(films / "good.dcm")
    marked = [e.tag for e in dataset.iterall() if re.search(f"{MARK}|{DATE}|777777|{NUMBER}", str(e.value))]
    assert len(marked) > 2000
    assert {"PatientName", "PatientID", "PatientBirthDate", "AccessionNumber", "InstitutionName"} <= {
        keyword_for_tag(tag) for tag in marked
    }


@pytest.mark.usefixtures("in_process")
def test_no_byte_of_the_results_carries_a_mark(
    films: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out, events = tmp_path / "out", []
    result = score_films(
        requests_of([films]),
        out,
        scorer=standin.plain,
        overlays=True,
        on_film=lambda event: events.append(event),
    )
    assert 5 <= result.counts["films_failed"] < result.counts["films_asked"]
    for name, data in written(out):
        assert_unmarked(name, data)
    said = [f"{event.reason} {event.warning}" for event in events]
    assert_unmarked("messages", "\n".join([*said, *ending(result), *capfd.readouterr()]).encode())


def test_the_command_says_and_writes_no_mark(films: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = CliRunner().invoke(app, ["score", str(films), "--out", str(out), "--overlays"])
    assert done.exit_code == 1
    assert_unmarked("output", done.output.encode() + done.stderr.encode())
    for name, data in written(out):
        assert_unmarked(name, data)


@pytest.mark.usefixtures("in_process")
def test_a_case_of_marked_films_gives_a_report_without_a_mark(
    films: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    case, out = tmp_path / "case", tmp_path / "out"
    case.mkdir()
    names = ("good", "burned_in", "modality", "cut_in_pixels")
    for name in names:
        shutil.copy(films / f"{name}.dcm", case)
    (case / "patients.csv").write_text("patient_id,age_days_at_day0\nmine,900\n")
    rows = "".join(f"mine,{name},{name}.dcm,{day},wrist,left\n" for day, name in enumerate(names))
    (case / "radiographs.csv").write_text("patient_id,film_id,file,day,joint,side\n" + rows)
    done = follow_up(case, out, draws=100)
    page = done.report.read_text(encoding="utf-8")
    assert {row["file"] for row in done.failures} == {"modality.dcm", "cut_in_pixels.dcm"}
    for name, data in written(out):
        # Pictures in the page are pixels in base64, where any three letters turn up.
        assert_unmarked(name, re.sub(rb"base64,[\w+/=]+", b"", data))
    assert_unmarked("messages", "\n".join([str(done.failures), *capfd.readouterr()]).encode())
    # The one film that may be shown is; the one with text burned in is told in words.
    assert re.findall(r'class="shot"><img src="data:[^>]* alt="(\w+),', page) == ["good"]
    assert not (out / "films" / "overlays" / f"{file_sha256(case / 'burned_in.dcm')}.png").exists()


@pytest.mark.usefixtures("in_process")
def test_a_patient_becomes_a_keyed_hash_whose_key_lies_elsewhere(films: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = score_films(requests_of([films / "good.dcm"]), out, scorer=standin.plain)
    patient = result.images[0]["patient_id"]
    assert re.fullmatch("p[0-9a-f]{16}", patient)
    assert result.images[0]["day"] == 0
    key = bytes.fromhex(key_file().read_text())
    assert len(key) == 32
    assert key_file().stat().st_mode & 0o077 == 0
    assert not any(key in data or key.hex().encode() in data for _, data in written(out))
    other = IdentityRule(bytes(32)).patient("", f"{MARK}-4711")
    assert other != patient


@pytest.mark.usefixtures("in_process")
def test_identifiers_are_kept_when_asked_for(films: Path, tmp_path: Path) -> None:
    requests = requests_of([films / "good.dcm"])
    out = tmp_path / "out"
    kept = score_films(requests, out, scorer=standin.plain, keep_identifiers=True)
    assert kept.images[0]["patient_id"] == f"{MARK}-4711"
    score_films(requests, out, scorer=standin.plain)
    for name, data in written(out):  # nothing is left of the earlier run, not even in freed pages
        assert_unmarked(name, data)


@pytest.mark.usefixtures("in_process")
def test_a_film_with_burned_in_text_is_drawn_only_when_identifiers_may_stay(
    films: Path, tmp_path: Path
) -> None:
    requests = requests_of([films / "burned_in.dcm"])
    out = tmp_path / "out"
    score_films(requests, out, scorer=standin.plain, overlays=True)
    assert not (out / "overlays").exists()
    score_films(requests, out, scorer=standin.plain, overlays=True, keep_identifiers=True)
    assert len(list((out / "overlays").glob("*.png"))) == 1
    score_films(requests, out, scorer=standin.plain, overlays=True)
    assert not list((out / "overlays").glob("*.png"))


@pytest.mark.usefixtures("in_process")
def test_a_drawing_of_burned_in_text_goes_also_where_the_manifest_names_the_patient(
    films: Path, tmp_path: Path
) -> None:
    manifest, out = films / "manifest.csv", tmp_path / "out"
    manifest.write_text("file,patient_id,day\nburned_in.dcm,P,3\n")
    requests = requests_of([manifest])
    manifest.unlink()
    score_films(requests, out, scorer=standin.plain, overlays=True, keep_identifiers=True)
    assert len(list((out / "overlays").glob("*.png"))) == 1
    score_films(requests, out, scorer=standin.plain)
    assert not list((out / "overlays").glob("*.png"))


@pytest.mark.usefixtures("in_process")
def test_burned_in_text_is_warned_of(films: Path, tmp_path: Path) -> None:
    warnings: list[str | None] = []
    requests = requests_of([films / "burned_in.dcm"])
    for _ in range(2):  # also when the film is kept from the first run
        score_films(
            requests, tmp_path / "out", scorer=standin.plain, on_film=lambda e: warnings.append(e.warning)
        )
    assert warnings[0] is not None
    assert "burned into the picture" in warnings[0]
    assert warnings[1] == warnings[0]


def dated(path: Path, patient: str, day: str, keyword: str = "AcquisitionDate") -> Path:
    dataset = Dataset()
    _make_readable(dataset)
    dataset.PatientID = patient
    setattr(dataset, keyword, day)
    return save(dataset, path)


@pytest.mark.usefixtures("in_process")
def test_days_count_from_the_first_film_of_each_patient(tmp_path: Path) -> None:
    films = tmp_path / "films"
    dated(films / "a.dcm", "A", "20240301")
    dated(films / "b.dcm", "A", "20240228", "StudyDate")  # 2024 has a 29 February
    dated(films / "c.dcm", "B", "19991231")
    result = score_films(requests_of([films]), tmp_path / "out", scorer=standin.plain)
    assert [row["day"] for row in result.images] == [2, 0, 0]
    assert result.images[0]["patient_id"] == result.images[1]["patient_id"] != result.images[2]["patient_id"]


def test_a_shift_hides_the_calendar_and_keeps_differences(tmp_path: Path) -> None:
    one, two = dated(tmp_path / "1.dcm", "A", "20240301"), dated(tmp_path / "2.dcm", "A", "20240311")
    days = {
        key: [header_identity(path, IdentityRule(key), None)[1] for path in (one, two)]
        for key in (b"x", b"y")
    }
    assert all(later - earlier == 10 for earlier, later in days.values())  # type: ignore[operator]
    assert days[b"x"] != days[b"y"]


def test_the_users_own_pseudonym_wins(tmp_path: Path) -> None:
    path = dated(tmp_path / "1.dcm", "A", "20240301")
    assert header_identity(path, IdentityRule(b"k"), "mine")[0] == "mine"


def test_a_header_without_patient_gives_neither_name_nor_day(tmp_path: Path) -> None:
    path = dated(tmp_path / "1.dcm", "", "20240301")
    assert header_identity(path, IdentityRule(b"k"), None) == (None, None)


def test_the_key_must_lie_outside_the_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RICKETS_RX_KEY_FILE", str(tmp_path / "out" / "key"))
    with pytest.raises(UsageError, match="must lie outside"):
        load_key(tmp_path / "out")


def test_a_damaged_key_is_not_replaced(tmp_path: Path, key_elsewhere: Path) -> None:
    key_elsewhere.parent.mkdir()
    key_elsewhere.write_text("abc")
    with pytest.raises(UsageError, match="holds no key"):
        load_key(tmp_path / "out")
    assert key_elsewhere.read_text() == "abc"


def test_the_key_is_made_once(tmp_path: Path) -> None:
    assert load_key(tmp_path / "out") == load_key(tmp_path / "out")


def test_the_key_does_not_show_in_a_message() -> None:
    assert "secret" not in repr(IdentityRule(b"secret key"))
