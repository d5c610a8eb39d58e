"""Starts napari with the docks of the review."""

import gc
from typing import TYPE_CHECKING

from rickets_rx._napari.compare_widget import CompareWidget
from rickets_rx._napari.desk import desk_of
from rickets_rx._napari.review_widget import ReviewWidget
from rickets_rx._napari.timeline_widget import TimelineWidget
from rickets_rx.review.mend import warm_up
from rickets_rx.review.open import Opened

#: Size from which every tab of the Review dock shows whole, and milliseconds until a window stands (ours).
SMALLEST = (1280, 800)
_SETTLED_MS = 400

if TYPE_CHECKING:
    from napari.viewer import Viewer


def dress(viewer: "Viewer", opened: Opened) -> ReviewWidget:
    """Add the three docks to a viewer and sit down to a session."""
    review = ReviewWidget(viewer)
    viewer.window.add_dock_widget(review, name="Review", area="right")
    compare = viewer.window.add_dock_widget(CompareWidget(viewer), name="Compare", area="right", tabify=True)
    timeline = viewer.window.add_dock_widget(TimelineWidget(viewer), name="Timeline", area="bottom")
    _make_room(viewer)
    desk_of(viewer).open(opened.session, opened.case_dir)
    session = opened.session
    # A timeline of films that name no child would only take the film's room.
    has_course = any(film.patient_id for film in session.source.films.values())
    compare.setVisible(False)
    timeline.setVisible(has_course and not session.blinded)
    if any(item.is_pair for item in opened.session.items):
        compare.setVisible(True)
    return review


def _make_room(viewer: "Viewer") -> None:
    """Put napari's own layer docks away: a reader needs the film. The View menu brings them back."""
    from qtpy.QtCore import Qt

    # The Review dock takes the whole height; the timeline lies under the film only.
    corner, area = Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea
    viewer.window._qt_window.setCorner(corner, area)
    window = getattr(viewer.window, "_qt_viewer", None)
    for name in ("dockLayerControls", "dockLayerList"):
        dock = getattr(window, name, None)
        if dock is not None:
            dock.setVisible(False)


def run(opened: Opened) -> None:
    """Open the window and stay until it is closed."""
    import napari
    from qtpy.QtCore import QTimer

    viewer = napari.Viewer(title="rickets_rx review: research use only")
    _at_least(viewer, *SMALLEST)
    review = dress(viewer, opened)
    warm_up()
    # The canvas has its size only once the window stands; the bones are fitted into that.
    QTimer.singleShot(_SETTLED_MS, review.desk.view.look_at_bones)
    # What stands now stays: else Python's collector looks it through at times, which halts a drag for 0.2 s.
    gc.collect()
    gc.freeze()
    napari.run()
    review.desk.close()


def _at_least(viewer: "Viewer", width: int, height: int) -> None:
    """Make a window larger that napari remembers as a small one, as far as the screen goes."""
    window = viewer.window._qt_window
    screen = window.screen()
    room = None if screen is None else screen.availableGeometry()
    wide = width if room is None else min(width, room.width())
    high = height if room is None else min(height, room.height())
    window.resize(max(window.width(), wide), max(window.height(), high))
