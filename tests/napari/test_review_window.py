"""The review in a real window, driven as a person would: keys, drags on the film, buttons."""

import numpy as np
import pytest

pytest.importorskip("napari", reason="napari is not installed: pip install 'rickets-rx[napari]'")
pytest.importorskip("pytestqt", reason="pytest-qt is not installed")

from qtpy.QtCore import QPoint, Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication

from rickets_rx._napari.compat import camera_of
from rickets_rx._napari.film_view import CORNERS, FILM, MARGIN_TOOL, NEW, OUTLINES, PAINT
from rickets_rx._napari.tools import Tool
from rickets_rx.review import mend
from rickets_rx.review.record import read_records
from rickets_rx.review.words import ReadStatus
from rickets_rx.vocabulary import Bone


def press(review, key, modifier=Qt.KeyboardModifier.NoModifier):
    """A key while the film has the focus."""
    native = review.desk.viewer.window._qt_viewer.canvas.native
    QApplication.setActiveWindow(review.desk.viewer.window._qt_window)  # no window manager under Xvfb
    native.setFocus()
    QTest.keyClick(native, key, modifier)


def on_screen(viewer, row, column):
    """Pixel of the canvas where a point of the film is drawn."""
    scale = viewer.layers[FILM].scale
    canvas = viewer.window._qt_viewer.canvas
    centre, zoom = camera_of(viewer).center, camera_of(viewer).zoom
    size = canvas.native.width(), canvas.native.height()
    x = size[0] / 2 + (column * scale[1] - centre[2]) * zoom
    y = size[1] / 2 + (row * scale[0] - centre[1]) * zoom
    return QPoint(round(x), round(y))


def drag(qtbot, viewer, start, end):
    """Press, move in steps, release, with the left button; points are (row, column) of the film."""
    native = viewer.window._qt_viewer.canvas.native
    first, last = on_screen(viewer, *start), on_screen(viewer, *end)
    QTest.mouseMove(native, first)
    qtbot.wait(20)
    QTest.mousePress(native, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, first)
    for share in (0.25, 0.5, 0.75, 1.0):
        step = QPoint(
            round(first.x() + share * (last.x() - first.x())),
            round(first.y() + share * (last.y() - first.y())),
        )
        move(native, step)
        qtbot.wait(10)
    QTest.mouseRelease(native, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, last)
    qtbot.wait(20)


def move(native, point):
    """A mouse move with the left button held; QTest.mouseMove sends none."""
    from qtpy.QtCore import QEvent, QPointF
    from qtpy.QtGui import QMouseEvent
    from qtpy.QtWidgets import QApplication

    where = QPointF(point)
    button, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    event = QMouseEvent(
        QEvent.Type.MouseMove, where, QPointF(native.mapToGlobal(point)), none, button,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(native, event)


def test_window_opens_on_the_first_film_with_its_outlines(sit_down):
    review = sit_down()
    names = [layer.name for layer in review.desk.viewer.layers]
    assert names == [FILM, OUTLINES]
    assert tuple(review.desk.viewer.layers[FILM].scale) == (0.1, 0.1)
    assert review.title.text() == "Film 1 of 3 · reader anna"
    assert review.queue.list.count() == 3 and "a/first.png" in review.queue.list.item(0).text()


def test_keys_grade_bone_after_bone_and_go_on(sit_down, qtbot):
    review = sit_down()
    session = review.desk.session
    press(review, Qt.Key.Key_6)
    press(review, Qt.Key.Key_5)
    radius, ulna = session.places()
    assert session.reading(radius).grade == 1.5 and session.reading(ulna).grade == 0.5
    press(review, Qt.Key.Key_N)
    assert session.index == 1 and review.title.text().startswith("Film 2")
    press(review, Qt.Key.Key_A)
    radius = session.places()[0]
    assert session.status(radius) is ReadStatus.ACCEPTED
    press(review, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert session.status(radius) is ReadStatus.UNREAD
    press(review, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert session.status(radius) is ReadStatus.ACCEPTED


def test_corner_dragged_on_the_film_is_where_it_was_let_go(sit_down, qtbot):
    review = sit_down()
    session, viewer = review.desk.session, review.desk.viewer
    radius = session.places()[0]
    press(review, Qt.Key.Key_C)
    before = mend.metaphysis_of(session, radius)
    (x, y), wanted = before.corner1, (before.corner1[0] - 12.0, before.corner1[1] + 5.0)
    drag(qtbot, viewer, (y, x), (wanted[1], wanted[0]))
    after = mend.metaphysis_of(session, radius)
    pixel = 1.0 / (camera_of(viewer).zoom * 0.1)
    assert after.corner1 == pytest.approx(wanted, abs=1.5 * pixel)
    assert after.corner2 == before.corner2
    shown = viewer.layers[CORNERS].data[0]
    assert shown[::-1] == pytest.approx(after.corner1, abs=1e-6)
    rows = [review.correct.table.item(i, 0).text() for i in range(review.correct.table.rowCount())]
    at = rows.index("cupping")
    old, new = (review.correct.table.item(at, column).text() for column in (1, 2))
    assert old != new, "old and new value stand side by side"
    review.undo.click()
    assert mend.metaphysis_of(session, radius).corner1 == before.corner1
    assert viewer.layers[CORNERS].data[0][::-1] == pytest.approx(before.corner1, abs=1e-6)


def test_pulled_margin_moves_there_and_keeps_its_far_end(sit_down, qtbot):
    review = sit_down()
    session, viewer = review.desk.session, review.desk.viewer
    radius = session.places()[0]
    press(review, Qt.Key.Key_M)
    handles = np.asarray(viewer.layers[MARGIN_TOOL].data)
    middle = handles[len(handles) // 2]
    before = mend.metaphysis_of(session, radius)
    drag(qtbot, viewer, tuple(middle), (middle[0] + 30, middle[1]))
    after = mend.metaphysis_of(session, radius)
    assert after.margin_mid[1] == pytest.approx(before.margin_mid[1] + 30, abs=3)
    far = after.frame.from_pixels(after.margin), before.frame.from_pixels(before.margin)
    for v in (-0.8, 0.8):
        u = [np.interp(v, line[:, 0], line[:, 1]) for line in far]
        assert u[0] == pytest.approx(u[1], abs=0.01)


def test_margin_drawn_as_a_path_is_taken_over(sit_down, qtbot):
    review = sit_down()
    session, viewer = review.desk.session, review.desk.viewer
    radius = session.places()[0]
    review.correct.take(Tool.DRAW)
    frame = mend.metaphysis_of(session, radius).frame
    x = np.linspace(-0.5, 0.5, 40)
    line = frame.to_pixels(2 * x, -0.2 * (1 - 4 * x**2))
    viewer.layers[MARGIN_TOOL].add_paths([line[:, ::-1]])
    assert session.film().row(radius)["cupping"] == pytest.approx(0.2, abs=0.015)


def stroke(qtbot, viewer, line):
    """Draw along (row, column) points of the film with the left button held."""
    native = viewer.window._qt_viewer.canvas.native
    where = [on_screen(viewer, *point) for point in line]
    QTest.mouseMove(native, where[0])
    qtbot.wait(20)
    QTest.mousePress(native, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, where[0])
    for point in where[1:]:
        move(native, point)
        qtbot.wait(5)
    QTest.mouseRelease(native, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, where[-1])
    qtbot.wait(20)


def test_margin_drawn_by_hand_with_the_button_held_is_taken_over(sit_down, qtbot):
    """A parabola of 0.2 MW drawn on the screen is a cupping of 0.2, to the pixels of the screen."""
    review = sit_down()
    session, viewer = review.desk.session, review.desk.viewer
    radius = session.places()[0]
    press(review, Qt.Key.Key_D)
    frame = mend.metaphysis_of(session, radius).frame
    x = np.linspace(-0.49, 0.49, 30)
    stroke(qtbot, viewer, frame.to_pixels(2 * x, -0.2 * (1 - 4 * x**2))[:, ::-1])
    assert session.film().row(radius)["cupping"] == pytest.approx(0.2, abs=0.02)
    assert len(viewer.layers[MARGIN_TOOL].data) == 0, "ready for the next line"


def test_a_part_of_the_margin_can_be_drawn_and_the_rest_stays(sit_down, qtbot):
    review = sit_down()
    session, viewer = review.desk.session, review.desk.viewer
    radius = session.places()[0]
    before = mend.metaphysis_of(session, radius)
    press(review, Qt.Key.Key_D)
    v = np.linspace(-0.2, 0.2, 20)
    stroke(qtbot, viewer, before.frame.to_pixels(v, np.full(20, -0.15))[:, ::-1])
    after = mend.metaphysis_of(session, radius)
    lines = [bone.frame.from_pixels(bone.margin) for bone in (before, after)]
    for v_at, wanted in ((0.0, -0.15), (-0.6, None), (0.6, None)):
        old, new = (float(np.interp(v_at, line[:, 0], line[:, 1])) for line in lines)
        assert new == pytest.approx(old if wanted is None else wanted, abs=0.012)


def test_a_click_with_the_pen_draws_nothing(sit_down, qtbot):
    review = sit_down()
    viewer = review.desk.viewer
    press(review, Qt.Key.Key_D)
    native = viewer.window._qt_viewer.canvas.native
    QTest.mouseClick(native, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(200, 200))
    assert review.desk.session.film().corrected == frozenset() and "Hold" in review.message.text()


def test_paint_becomes_the_outline(sit_down):
    review = sit_down()
    session, viewer = review.desk.session, review.desk.viewer
    radius = session.places()[0]
    review.correct.take(Tool.BRUSH)
    layer = viewer.layers[PAINT]
    frame = mend.metaphysis_of(session, radius).frame
    cut = int(frame.to_pixels(0.0, -0.1)[1])
    layer.data[:cut] = 0
    review.correct.use_paint.click()
    assert session.film().row(radius)["cupping"] == pytest.approx(0.1, abs=0.03)


def test_missed_bone_is_added_by_three_clicks(sit_down, qtbot):
    review = sit_down()
    session, viewer = review.desk.session, review.desk.viewer
    review.desk.show_item(2)
    ulna = next(at for at in session.places() if at.bone is Bone.ULNA)
    review.activate(list(session.places()).index(ulna))
    review.correct.take(Tool.ADD)
    viewer.reset_view()
    qtbot.wait(50)
    native = viewer.window._qt_viewer.canvas.native
    for row, column in ((190, 420), (190, 540), (260, 480)):
        QTest.mouseClick(
            native, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, on_screen(viewer, row, column)
        )
        qtbot.wait(400)  # two quick clicks would be a double click
    row = session.film(ulna.image_sha256).row(ulna)
    assert row["status"] == "scored" and row["width_px"] == pytest.approx(120, abs=4)
    assert NEW in viewer.layers and len(viewer.layers[NEW].data) == 0


def test_override_needs_a_reason_and_says_so_in_words(sit_down):
    review = sit_down()
    session = review.desk.session
    radius = session.places()[0]
    review.correct.grade.setCurrentText("2")
    review.correct.override.click()
    assert "needs its reason" in review.message.text()
    review.correct.reason.setText("frayed at full size")
    review.correct.override.click()
    assert session.film().row(radius)["grade"] == 2.0


def test_typing_a_reason_grades_nothing(sit_down, qtbot):
    review = sit_down()
    review.tabs.setCurrentWidget(review.correct)
    review.desk.viewer.window._qt_window.activateWindow()
    review.correct.reason.setFocus()
    QTest.keyClicks(review.correct.reason, "5 cupped A")
    assert review.correct.reason.text() == "5 cupped A"
    assert review.desk.session.reading(review.desk.session.places()[0]) is None


def test_not_gradable_asks_for_the_reason(sit_down):
    review = sit_down()
    radius = review.desk.session.places()[0]
    press(review, Qt.Key.Key_X)
    assert "choose the reason" in review.message.text()
    review.bones.reasons.setCurrentIndex(review.bones.reasons.findData("oblique"))
    press(review, Qt.Key.Key_X)
    assert review.desk.session.reading(radius).reason == "oblique"


def test_blinded_window_shows_nothing_that_tells(sit_down):
    review = sit_down(blinded=True)
    session, viewer = review.desk.session, review.desk.viewer
    assert [layer.name for layer in viewer.layers] == [FILM]
    assert viewer.layers[FILM].metadata == {}
    texts = [review.queue.list.item(i).text() for i in range(3)]
    assert all("png" not in text and "p1" not in text for text in texts)
    assert not review.bones.accept.isEnabled() and review.correct.table.rowCount() == 0
    press(review, Qt.Key.Key_0)
    assert OUTLINES not in viewer.layers
    press(review, Qt.Key.Key_0)
    assert OUTLINES in viewer.layers and "shown now" in review.message.text()
    assert session.machine_row(session.places()[0]) is not None


def test_closed_and_opened_again_everything_stands(sit_down):
    review = sit_down()
    radius = review.desk.session.places()[0]
    press(review, Qt.Key.Key_6)
    bone = mend.metaphysis_of(review.desk.session, radius)
    mend.drag_corners(review.desk.session, radius, (bone.corner1[0] - 8, bone.corner1[1]), bone.corner2)
    record = next(review.desk.session.folder.glob("*.jsonl"))
    with record.open("ab") as handle:
        handle.write(b'{"id":"half a li')  # as a crash leaves it
    again = sit_down()
    assert again.desk.session.reading(radius).grade == 1.5
    assert mend.metaphysis_of(again.desk.session, radius).frame.width == pytest.approx(208, abs=0.01)
    assert "this line is lost" in again.message.text()
    again.grade_callback(0.5)
    assert len(read_records(again.desk.session.folder).notes) == 1


def test_filter_lists_only_what_passes(sit_down):
    review = sit_down()
    review.queue.filter.setCurrentText("refused")
    assert review.queue.list.count() == 1 and "b/third.png" in review.queue.list.item(0).text()
    review.queue.list.setCurrentRow(0)
    assert review.desk.session.index == 2


def test_knee_is_recorded_as_a_product(sit_down):
    from rickets_rx.vocabulary import Side

    review = sit_down()
    key = ("femur", Side.LEFT)
    review.knee.record_callback(*key)
    assert "choose A" in review.message.text() and "not read" in review.knee.result[key].text()
    review.knee.a[key].setCurrentIndex(3)
    review.knee.b[key].setCurrentIndex(0)
    review.knee.record_callback(*key)
    assert "1.5" in review.knee.result[key].text()
    press(review, Qt.Key.Key_N)
    assert review.knee.a[key].currentIndex() == -1, "no choice of another film is left on the buttons"


def test_export_writes_both_tables(sit_down, qtbot):
    review = sit_down()
    press(review, Qt.Key.Key_1)
    review.folder.export.click()
    qtbot.waitUntil(review.folder.export.isEnabled, timeout=20000)
    home = review.desk.session.folder
    assert (home / "readings.csv").read_text().count("\n") == 2
    assert (home / "corrected" / "scores.csv").is_file() and "1 readings" in review.message.text()


def test_hide_and_show_outlines(sit_down):
    review = sit_down()
    press(review, Qt.Key.Key_H)
    assert OUTLINES not in review.desk.viewer.layers
    press(review, Qt.Key.Key_H)
    assert OUTLINES in review.desk.viewer.layers


def test_every_key_is_listed(sit_down):
    from rickets_rx._napari.review_widget import shortcut_list

    review = sit_down()
    listed = " / ".join(key for key, _ in shortcut_list()).split(" / ")
    assert sorted(listed) == sorted(shortcut.key().toString() for shortcut in review.shortcuts)


def test_nothing_is_cut_off_at_1280_by_800(sit_down, qtbot):
    from qtpy.QtWidgets import QAbstractButton, QLabel

    review = sit_down()
    window = review.desk.viewer.window._qt_window
    assert (window.width(), window.height()) == (1280, 800)
    for index in range(review.tabs.count()):
        review.tabs.setCurrentIndex(index)
        qtbot.wait(50)
        page = review.tabs.widget(index)
        words = [*page.findChildren(QAbstractButton), *page.findChildren(QLabel)]
        shown = [widget for widget in words if widget.isVisible() and widget.text()]
        assert len(shown) >= 5
        for widget in shown:
            if not (isinstance(widget, QLabel) and widget.wordWrap()):
                assert widget.width() >= widget.sizeHint().width() - 1, widget.text()
                corner = widget.mapTo(window, widget.rect().bottomRight())
                assert corner.x() <= 1280 and corner.y() <= 800, widget.text()


def test_the_mended_bone_becomes_active_so_that_its_values_are_shown(sit_down, qtbot):
    review = sit_down()
    session, viewer = review.desk.session, review.desk.viewer
    _, ulna = session.places()
    press(review, Qt.Key.Key_C)
    x, y = mend.metaphysis_of(session, ulna).corner2
    drag(qtbot, viewer, (y, x), (y + 4, x + 10))
    assert session.film().corrected == {(1, "ulna")}
    assert review.desk.view.active_place() == ulna and "Ulna" in review.correct.bone.text()


def test_keys_are_grades_whatever_layer_is_active(sit_down):
    review = sit_down()
    radius = review.desk.session.places()[0]
    for key in (Qt.Key.Key_C, Qt.Key.Key_M, Qt.Key.Key_D, Qt.Key.Key_G):
        press(review, key)
        layer = review.desk.viewer.layers.selection.active
        mode = str(layer.mode)
        press(review, Qt.Key.Key_2)
        assert review.desk.session.reading(radius).grade == 2.0 and str(layer.mode) == mode
        review.activate(0)
        press(review, Qt.Key.Key_1)
        review.activate(0)


def test_brush_erases_and_paints_in_turn(sit_down):
    review = sit_down()
    press(review, Qt.Key.Key_E)
    assert "Take up the brush" in review.message.text()
    press(review, Qt.Key.Key_G)
    press(review, Qt.Key.Key_E)
    assert str(review.desk.viewer.layers[PAINT].mode) == "erase"
    press(review, Qt.Key.Key_E)
    assert str(review.desk.viewer.layers[PAINT].mode) == "paint"


def test_deleted_corner_comes_back_and_moves_no_other_bone(sit_down, qtbot):
    review = sit_down()
    session, viewer = review.desk.session, review.desk.viewer
    press(review, Qt.Key.Key_C)
    layer = viewer.layers[CORNERS]
    layer.selected_data = {0}
    layer.remove_selected()
    qtbot.waitUntil(lambda: len(viewer.layers[CORNERS].data) == 4, timeout=3000)
    assert session.film().corrected == frozenset()


def test_deleted_film_layer_comes_back(sit_down, qtbot):
    review = sit_down()
    viewer = review.desk.viewer
    viewer.layers.remove(FILM)
    qtbot.waitUntil(lambda: FILM in viewer.layers, timeout=3000)
    viewer.layers[FILM].name = "mine"
    press(review, Qt.Key.Key_N)
    assert [layer.name for layer in viewer.layers] == [FILM, OUTLINES]


def test_missing_geometry_is_said_in_words(sit_down, scored, tmp_path):
    import shutil

    from rickets_rx.review.open import open_review
    from rickets_rx.review.session import Sitting

    copy = shutil.copytree(scored, tmp_path / "copy")
    for path in (copy / "regions").glob("*.json"):
        path.write_text("{")
    review = sit_down("ben")
    review.desk.open(open_review(copy, Sitting("anna")).session)
    assert "Score the film again" in review.message.text()
    review.grade_callback(1.0)
    assert review.desk.session.reading(review.desk.session.places()[0]).grade == 1.0


def test_a_mended_bone_is_drawn_into_the_layers_that_are_there(sit_down):
    """napari takes half a second to remove a layer and make it anew: a drag would wait for it each time."""
    review = sit_down()
    session, viewer = review.desk.session, review.desk.viewer
    radius = session.places()[0]
    press(review, Qt.Key.Key_C)
    before = list(viewer.layers)
    lines = [np.array(line) for line in viewer.layers[OUTLINES].data]
    bone = mend.metaphysis_of(session, radius)
    mend.drag_corners(session, radius, (bone.corner1[0] - 8, bone.corner1[1]), bone.corner2)
    review.desk.view.refresh()
    assert [now is then for now, then in zip(viewer.layers, before, strict=True)] == [True] * 3
    assert viewer.layers[CORNERS].data[0][1] == pytest.approx(bone.corner1[0] - 8)
    assert any(
        now.shape != old.shape or not np.allclose(now, old)
        for now, old in zip(viewer.layers[OUTLINES].data, lines, strict=True)
    )
    press(review, Qt.Key.Key_N)
    assert viewer.layers[FILM] is before[0] and viewer.layers[FILM].data.shape == (440, 640)


def test_paint_in_progress_outlives_a_grade(sit_down):
    review = sit_down()
    press(review, Qt.Key.Key_G)
    review.desk.viewer.layers[PAINT].data[:20] = 12
    review.desk.view.refresh()
    assert (np.asarray(review.desk.viewer.layers[PAINT].data)[:20] == 12).all()
