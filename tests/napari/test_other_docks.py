"""Compare, Timeline, reader, sample data, worker and manifest."""

import shutil
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("napari", reason="napari is not installed: pip install 'rickets-rx[napari]'")
pytest.importorskip("pytestqt", reason="pytest-qt is not installed")

from review.drawn_folder import hashes

from rickets_rx._napari.compare_widget import LEFT, RIGHT, CompareWidget
from rickets_rx._napari.timeline_widget import TimelineWidget
from rickets_rx.agreement.reading_list import pair_list
from rickets_rx.review.pairs import change_read


def dock(review, kind):
    return next(w for w in review.desk.viewer.window.dock_widgets.values() if isinstance(w, kind))


def test_pair_is_shown_side_by_side_and_read(sit_down):
    review = sit_down()
    review.desk.show_item(1)
    compare = dock(review, CompareWidget)
    assert compare.earlier.count() == 1 and "day 0" in compare.earlier.currentText()
    compare.value_callback(1)
    assert "side by side first" in review.message.text()
    compare.show_pair.click()
    layers = review.desk.viewer.layers
    assert [layer.name for layer in layers] == [LEFT, RIGHT]
    assert layers[LEFT].data.shape == layers[RIGHT].data.shape
    assert layers[RIGHT].translate[1] > layers[LEFT].data.shape[1]
    compare._buttons[-2].click()
    films = hashes(review.desk.session.source)
    assert compare.item.left == films["a/first.png"], "the earlier film is on the left"
    assert change_read(review.desk.session, compare.item, "wrist") == -2 and "-2" in compare.said.text()
    compare.back.click()
    assert "film" in layers and LEFT not in layers


def test_pairs_of_a_list_come_up_by_themselves_with_their_sides(sit_down, scored):
    from rickets_rx.review.source import read_source

    films = hashes(read_source(scored))
    pair = (films["a/first.png"], films["a/second.png"])
    for seed in range(6):
        tasks = pair_list([pair], ["anna"], order_known=False, repeats=0, seed=seed)
        if tasks[0].left == films["a/second.png"]:
            break
    review = sit_down(blinded=True, tasks=tasks)
    compare = dock(review, CompareWidget)
    assert [layer.name for layer in review.desk.viewer.layers] == [LEFT, RIGHT]
    assert not compare.order_known.isEnabled() and not compare.order_known.isChecked()
    compare._buttons[2].click()
    assert change_read(review.desk.session, review.desk.session.item, "wrist") == -2


def test_timeline_marks_the_shown_film_and_opens_the_clicked_one(sit_down):
    from matplotlib.backend_bases import MouseEvent

    review = sit_down()
    timeline = dock(review, TimelineWidget)
    timeline.canvas.draw()
    points = {line.get_gid(): line for axis in timeline.figure.axes for line in axis.lines if line.get_gid()}
    assert set(points) == {"a/first.png", "a/second.png"}, "the child's films and no other's"
    axis = points["a/second.png"].axes
    x, y = axis.transData.transform(
        (points["a/second.png"].get_xdata()[0], points["a/second.png"].get_ydata()[0])
    )
    timeline.canvas.callbacks.process(
        "button_press_event", MouseEvent("button_press_event", timeline.canvas, x, y, button=1)
    )
    assert review.desk.session.facts().file == "a/second.png"
    dashed = [line for line in axis.figure.axes[0].lines if line.get_linestyle() == "--"]
    assert [line.get_xdata()[0] for line in dashed] == [90]


def test_timeline_tells_a_blinded_reader_nothing(sit_down):
    timeline = dock(sit_down(blinded=True), TimelineWidget)
    assert timeline.figure.axes == [] and "blinded" in timeline.caption.text()


def write_dicom(path):
    """A computed radiograph of 40 x 32 pixels, 0.2 mm at the detector."""
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, generate_uid

    film = Dataset()
    film.file_meta = FileMetaDataset()
    film.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    film.SOPClassUID = film.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.1"
    film.SOPInstanceUID = film.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    film.Modality, film.PhotometricInterpretation, film.SamplesPerPixel = "CR", "MONOCHROME2", 1
    film.Rows, film.Columns, film.PixelRepresentation = 40, 32, 0
    film.BitsAllocated, film.BitsStored, film.HighBit = 16, 12, 11
    film.ImagerPixelSpacing = [0.2, 0.2]
    film.PixelData = np.arange(40 * 32, dtype=np.uint16).tobytes()
    film["PixelData"].VR = "OW"
    film.save_as(path, enforce_file_format=True)


def test_dicom_film_is_read_with_its_scale_in_mm(make_napari_viewer, tmp_path):
    write_dicom(tmp_path / "film.dcm")
    viewer = make_napari_viewer()
    (layer,) = viewer.open(tmp_path / "film.dcm", plugin="rickets-rx")
    assert tuple(layer.scale) == (0.2, 0.2) and str(layer.units[0]) in ("mm", "millimeter")
    assert layer.metadata["spacing_source"] == "projection"


@pytest.mark.parametrize(("name", "count"), [("wrists", 4), ("elbows", 4), ("siblings", 5)])
def test_sample_data_are_the_films_that_travel_with_the_package(make_napari_viewer, name, count):
    viewer = make_napari_viewer()
    layers = viewer.open_sample("rickets-rx", name)
    assert len(layers) == count and all(layer.data.ndim == 2 for layer in layers)


def test_reader_passes_over_what_is_no_image(tmp_path):
    from rickets_rx._napari.reader import get_reader

    (tmp_path / "a.png").write_text("no picture")
    assert get_reader(str(tmp_path / "a.png")) is None
    assert get_reader([]) is None
    cv2.imwrite(str(tmp_path / "b.png"), np.zeros((40, 40), np.uint8))
    read = get_reader(str(tmp_path / "b.png"))
    with pytest.raises(OSError, match="there is no picture"):
        read(str(tmp_path / "b.png"))


def test_manifest_is_valid_and_every_name_in_it_can_be_imported():
    from npe2 import PluginManifest

    manifest = PluginManifest.from_distribution("rickets-rx")
    manifest.validate_imports()
    assert {w.display_name for w in manifest.contributions.widgets} == {"Review", "Compare", "Timeline"}


@pytest.mark.parametrize(
    ("api", "version", "python", "bad"),
    [
        ("PySide6", "6.12.0", (3, 11), True),
        ("pyside6", "6.11.1", (3, 11), True),
        ("PySide6", "6.10.3", (3, 11), False),
        ("PySide6", "6.12.0", (3, 12), False),
        ("PyQt6", "6.11.0", (3, 11), False),
    ],
)
def test_a_binding_that_breaks_off_is_named(api, version, python, bad):
    from rickets_rx._napari.compat import binding_fault

    assert ("PyQt6" in binding_fault(api, version, python)) == bad


def test_widgets_open_from_the_plugins_menu(make_napari_viewer):
    viewer = make_napari_viewer()
    for name in ("Review", "Compare", "Timeline"):
        _, widget = viewer.window.add_plugin_dock_widget("rickets-rx", name)
        assert widget.desk.session is None


def slow_files(folder: Path, count: int) -> Path:
    folder.mkdir()
    noise = np.random.default_rng(1)
    for i in range(count):
        cv2.imwrite(str(folder / f"{i}.png"), noise.integers(0, 255, (64, 64), np.uint8))
    return folder


def test_scoring_runs_beside_the_window_and_can_be_cancelled(
    make_napari_viewer, qtbot, tmp_path, monkeypatch
):
    from rickets_rx._napari.review_widget import ReviewWidget

    monkeypatch.setenv("RICKETS_RX_KEY_FILE", str(tmp_path / "key"))
    review = ReviewWidget(make_napari_viewer())
    panel = review.folder
    panel.films.setText(str(slow_files(tmp_path / "films", 40)))
    began = time.monotonic()
    panel.score.click()
    assert time.monotonic() - began < 2.0, "the window is free again at once"
    assert not panel.score.isEnabled() and panel.cancel.isEnabled()
    qtbot.waitUntil(lambda: panel.progress.value() >= 1, timeout=60000)
    panel.cancel.click()
    qtbot.waitUntil(panel.score.isEnabled, timeout=60000)
    assert "Stopped: cancelled" in review.message.text()
    assert 1 <= panel.progress.value() < 40
    assert (tmp_path / "films_scored" / "scores.csv").is_file()


def test_wrong_folder_is_said_in_words(make_napari_viewer, qtbot, tmp_path):
    from rickets_rx._napari.review_widget import ReviewWidget

    review = ReviewWidget(make_napari_viewer())
    review.folder.reader.setText("anna")
    review.folder.folder.setText(str(tmp_path / "nothing"))
    review.folder.open.click()
    qtbot.waitUntil(lambda: "is not a folder" in review.message.text(), timeout=10000)
    review.folder.folder.setText(str(tmp_path))
    qtbot.waitUntil(review.folder.open.isEnabled)
    review.folder.open.click()
    qtbot.waitUntil(lambda: "run `rickets-rx score` first" in review.message.text(), timeout=10000)


def write_case(folder: Path, scored: Path) -> Path:
    """A case folder of the drawn films: child p1 with two days and a phosphate, p2 with one film."""
    shutil.copytree(scored / "films", folder / "films")
    (folder / "patients.csv").write_text("patient_id\np1\np2\n")
    films = [("p1", "one", "films/a/first.png", 0), ("p1", "two", "films/a/second.png", 90)]
    films += [("p2", "three", "films/b/third.png", 10)]
    lines = [f"{patient},{film},{file},{day},wrist" for patient, film, file, day in films]
    (folder / "radiographs.csv").write_text("\n".join(["patient_id,film_id,file,day,joint", *lines, ""]))
    (folder / "labs.csv").write_text(
        "patient_id,visit,day,analyte,value,unit,range_low,range_high\n"
        "p1,v1,0,ALP,900,U/L,100,300\np1,v2,90,ALP,400,U/L,100,300\n"
    )
    return folder


def test_case_folder_opens_beside_the_window_and_can_be_cancelled(
    make_napari_viewer, qtbot, tmp_path, scored, monkeypatch
):
    from rickets_rx._napari.review_widget import ReviewWidget

    monkeypatch.setenv("RICKETS_RX_KEY_FILE", str(tmp_path / "key"))
    review = ReviewWidget(make_napari_viewer())
    assert review.tabs.currentWidget() is review.folder, "a reader sees where to begin"
    panel = review.folder
    panel.reader.setText("anna")
    panel.folder.setText(str(write_case(tmp_path / "case", scored)))
    began = time.monotonic()
    panel.open.click()
    assert time.monotonic() - began < 2.0 and not panel.open.isEnabled()
    panel.cancel.click()
    qtbot.waitUntil(panel.open.isEnabled, timeout=90000)
    assert review.desk.session is None and "stopped" in review.message.text()
    panel.open.click()
    qtbot.waitUntil(lambda: review.desk.session is not None, timeout=90000)
    assert len(review.desk.session.items) == 3 and review.tabs.currentIndex() == 0
    panel.open.click()
    qtbot.waitUntil(panel.open.isEnabled, timeout=30000)
    assert review.desk.session is not None, "the same reader may open the same folder again in this window"
    review.desk.close()


def test_opening_reads_the_grading_network_beside_the_window(qtbot, tmp_path, scored):
    """Else the first corner that is dragged waits for it."""
    from rickets_rx._napari.worker import OpenJob
    from rickets_rx.review.queue import Plan
    from rickets_rx.segment.network import session

    session.cache_clear()
    job = OpenJob(shutil.copytree(scored, tmp_path / "copy"), "zoe", False, Plan())
    with qtbot.waitSignal(job.ended, timeout=30000):
        job.start()
    job.opened.session.close()
    read = session.cache_info().misses
    session("grade")
    assert session.cache_info().misses == read == 1


def test_timeline_draws_values_of_a_case_from_a_worker_and_corrected_grades(
    sit_down, qtbot, tmp_path, scored
):
    review = sit_down()
    timeline = dock(review, TimelineWidget)
    review.desk.case_dir = write_case(tmp_path / "case", scored)
    timeline._draw()
    assert len(timeline.figure.axes) == 1 and timeline.job is not None, "grades at once, values follow"
    qtbot.waitUntil(lambda: timeline.job is None, timeout=60000)
    names = [axis.get_ylabel() for axis in timeline.figure.axes]
    assert names == ["grade", "x limit"]
    session = review.desk.session
    radius = session.places()[0]
    before = session.film().row(radius)["grade"]
    session.override(radius, 2.0, "seen so")

    def drawn():
        axis = timeline.figure.axes[0]
        return [line.get_ydata()[0] for line in axis.lines if line.get_gid() == "one"]

    qtbot.waitUntil(lambda: 2.0 in drawn(), timeout=3000)
    pale = [
        line
        for line in timeline.figure.axes[0].lines
        if line.get_fillstyle() == "none" and len(line.get_ydata())
    ]
    assert [line.get_ydata()[0] for line in pale] == [before], "the machine's grade stays to be seen"
