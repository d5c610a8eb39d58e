"""Commands of the menu Layers > Annotate."""

from napari.viewer import Viewer

from rickets_rx._napari.desk import desk_of
from rickets_rx._napari.review_widget import ReviewWidget


def review_dock(viewer: Viewer) -> ReviewWidget:
    """The Review dock of a viewer, opened where it is not there."""
    for dock in viewer.window.dock_widgets.values():
        if isinstance(dock, ReviewWidget):
            return dock
    widget = ReviewWidget(viewer)
    viewer.window.add_dock_widget(widget, name="Review", area="right")
    return widget


def open_scored_folder(viewer: Viewer) -> None:
    """Ask for a folder and make it ready in the Files tab of Review."""
    from qtpy.QtWidgets import QFileDialog

    widget = review_dock(viewer)
    widget.tabs.setCurrentWidget(widget.folder)
    chosen = QFileDialog.getExistingDirectory(widget, "Folder that score wrote, or a case folder")
    if chosen:
        widget.folder.folder.setText(chosen)
        desk_of(viewer).say("Give your name as reader, then press Open.")


def export_review(viewer: Viewer) -> None:
    """Write readings.csv and the corrected scores of the open session."""
    review_dock(viewer).export_callback()
