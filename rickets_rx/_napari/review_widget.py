"""The Review dock: wires panels and keys to the session of this viewer's desk."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtGui import QKeySequence
from qtpy.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QShortcut,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from rickets_rx import RESEARCH_USE_ONLY
from rickets_rx._napari.compat import fault_here
from rickets_rx._napari.correct_panel import CorrectPanel
from rickets_rx._napari.desk import Desk, desk_of, in_words
from rickets_rx._napari.folder_panel import FolderPanel
from rickets_rx._napari.keys_panel import KeysPanel
from rickets_rx._napari.knee_panel import KneePanel
from rickets_rx._napari.panels import GRADE_KEYS, BonePanel, QueuePanel
from rickets_rx._napari.tools import Tool
from rickets_rx._napari.worker import ExportJob
from rickets_rx.errors import UsageError
from rickets_rx.review.queue import Filter
from rickets_rx.review.session import Session

if TYPE_CHECKING:
    from napari.viewer import Viewer


class ReviewWidget(QWidget):
    """Queue, grades, corrections and files of one reader's sitting."""

    def __init__(self, napari_viewer: "Viewer") -> None:
        super().__init__()
        self.desk: Desk = desk_of(napari_viewer)
        self.title = QLabel("No folder is open.")
        self.title.setStyleSheet("font-weight: bold")
        self.queue, self.bones, self.correct = QueuePanel(), BonePanel(), CorrectPanel(self.desk)
        self.knee, self.folder = KneePanel(self.desk), FolderPanel(self.desk)
        self.undo, self.redo = QPushButton("Undo (Ctrl+Z)"), QPushButton("Redo (Ctrl+Y)")
        self.message = QLabel(RESEARCH_USE_ONLY)
        self.message.setWordWrap(True)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.tabs = QTabWidget()
        self._lay_out()
        self._connect()
        self.shortcuts = self._make_shortcuts()
        self._on_opened()
        if fault := fault_here():
            self._on_said(fault, True)

    def _lay_out(self) -> None:
        read = QWidget()
        reading = QVBoxLayout(read)
        reading.setContentsMargins(4, 4, 4, 4)
        reading.addWidget(self.queue, 1)
        reading.addWidget(self.bones)
        for name, page in (
            ("Read", read),
            ("Correct", self.correct),
            ("Knee", self.knee),
            ("Files", self.folder),
            ("Keys", KeysPanel(shortcut_list())),
        ):
            self.tabs.addTab(page, name)
        steps = QHBoxLayout()
        steps.addWidget(self.undo)
        steps.addWidget(self.redo)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.addWidget(self.title)
        layout.addWidget(self.tabs, 1)
        layout.addLayout(steps)
        layout.addWidget(self.message)
        self.setMinimumWidth(380)

    def _connect(self) -> None:
        desk = self.desk
        desk.opened.connect(self._on_opened)
        desk.shown.connect(self._on_shown)
        desk.changed.connect(self._on_changed)
        desk.said.connect(self._on_said)
        self.queue.chosen.connect(desk.show_item)
        self.queue.stepped.connect(lambda by: desk.step(by, self.queue.only()))
        self.bones.activated.connect(self.activate)
        self.bones.graded.connect(self.grade_callback)
        self.bones.refused.connect(self.not_gradable_callback)
        self.bones.accepted.connect(self.accept_callback)
        self.undo.clicked.connect(self.undo_callback)
        self.redo.clicked.connect(self.redo_callback)
        self.folder.export_wanted.connect(self.export_callback)

    def _make_shortcuts(self) -> list[QShortcut]:
        """Keys of the window, so that they work while the film has the focus."""
        actions: dict[str, Callable[[], None]] = {
            **{key: partial(self.grade_callback, grade) for grade, key in GRADE_KEYS.items()},
            "A": self.accept_callback,
            "X": lambda: self.not_gradable_callback(self.bones.reasons.currentData()),
            "B": self.next_bone_callback,
            "N": lambda: self.desk.step(+1, self.queue.only()),
            "P": lambda: self.desk.step(-1, self.queue.only()),
            "U": self.next_unread_callback,
            "C": lambda: self.correct.take(Tool.CORNERS),
            "M": lambda: self.correct.take(Tool.PULL),
            "D": lambda: self.correct.take(Tool.DRAW),
            "G": lambda: self.correct.take(Tool.BRUSH),
            "E": self.desk.view.swap_brush,
            "L": lambda: self.correct.take(Tool.LOOK),
            "H": self.hide_callback,
            "Z": self.zoom_callback,
            "F": self.desk.viewer.reset_view,
            "J": self.desk.view.look_at_bones,
            "Ctrl+Z": self.undo_callback,
            "Ctrl+Y": self.redo_callback,
        }
        made = []
        for key, action in actions.items():
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
            shortcut.activated.connect(self._unless_typing(action))
            made.append(shortcut)
        return made

    @staticmethod
    def _unless_typing(action: Callable[[], None]) -> Callable[[], None]:
        """A key pressed in a field of text is text."""
        from qtpy.QtWidgets import QAbstractSpinBox, QLineEdit, QPlainTextEdit, QTextEdit

        # Lines of text, numbers, and the console of napari.
        texts = (QLineEdit, QAbstractSpinBox, QPlainTextEdit, QTextEdit)

        def run() -> None:
            if not isinstance(QApplication.focusWidget(), texts):
                action()

        return run

    # --- what a reader does ---------------------------------------------------------------------------

    def activate(self, index: int) -> None:
        """Make another bone of the film the active one."""
        self.desk.active = index
        self.desk.view.refresh()
        self._refresh()

    def next_bone_callback(self) -> None:
        session = self.desk.session
        if session is not None and not session.item.is_pair:
            self.activate((self.desk.active + 1) % max(1, len(session.places())))

    @in_words
    def grade_callback(self, grade: float) -> None:
        place = self.desk.view.active_place()
        if self.desk.session is not None and place is not None:
            self.desk.session.grade(place, grade)
            self._go_on_after_reading()

    @in_words
    def not_gradable_callback(self, reason: str) -> None:
        place = self.desk.view.active_place()
        if self.desk.session is not None and place is not None:
            self.desk.session.not_gradable(place, reason)
            self._go_on_after_reading()

    @in_words
    def accept_callback(self) -> None:
        place = self.desk.view.active_place()
        if self.desk.session is not None and place is not None:
            self.desk.session.accept(place)
            self._go_on_after_reading()

    def _go_on_after_reading(self) -> None:
        """The next bone without a reading becomes active; the film stays until the reader leaves it."""
        session = self.desk.session
        if session is None:
            return
        left = [i for i, at in enumerate(session.places()) if session.reading(at) is None]
        was_hidden = session.blinded and not left
        if left:
            self.desk.active = left[0]
        self.desk.view.refresh()
        self._refresh()
        if was_hidden:
            self.desk.say("All bones are read; the machine's grades are shown now.")

    def next_unread_callback(self) -> None:
        self.desk.step(+1, Filter.UNREAD)

    @in_words
    def undo_callback(self) -> None:
        if self.desk.session is not None:
            event = self.desk.session.undo()
            self.desk.say("Nothing to undo in this sitting." if event is None else f"Undone: {event.kind}.")
            self.desk.view.refresh()

    @in_words
    def redo_callback(self) -> None:
        if self.desk.session is not None:
            event = self.desk.session.redo()
            self.desk.say("Nothing to redo." if event is None else f"Done again: {event.kind}.")
            self.desk.view.refresh()

    def hide_callback(self) -> None:
        """Show the film bare, or with its outlines."""
        self.desk.view.overlay = not self.desk.view.overlay
        self.desk.view.refresh()

    def zoom_callback(self) -> None:
        """Look closely at the active bone."""
        place = self.desk.view.active_place()
        if place is not None:
            self.desk.view.focus(place)

    @in_words
    def export_callback(self, folder: Path | None = None) -> None:
        """Write readings.csv of all readers and this reader's corrected scores beside the record."""
        session = self.desk.session
        if session is None:
            raise UsageError("open a folder first")
        self.folder.begin(ExportJob(session, Path(folder or session.folder)), 0, "Exporting...")

    # --- what the desk tells --------------------------------------------------------------------------

    def _on_opened(self) -> None:
        self.queue.set_session(self.desk.session)
        if self.desk.session is None:
            self.tabs.setCurrentWidget(self.folder)
        elif self.tabs.currentWidget() is self.folder:
            self.tabs.setCurrentIndex(0)
        self._refresh()

    def _on_shown(self) -> None:
        self._refresh()

    def _on_changed(self) -> None:
        self._refresh()

    def _on_said(self, text: str, error: bool) -> None:
        self.message.setText(text)
        self.message.setStyleSheet("color: #e69f00; font-weight: bold" if error else "")

    @in_words
    def _refresh(self) -> None:
        session = self.desk.session
        self.title.setText("No folder is open." if session is None else title_of(session))
        self.queue.refresh()
        self.bones.refresh(session, self.desk.active)
        self.correct.refresh()
        self.knee.refresh()


def title_of(session: Session) -> str:
    """Who reads what: one line above the tabs."""
    facts = session.facts()
    words = [facts.title, f"reader {session.reader}"]
    words += ["blinded"] if session.blinded else []
    words += [f"occasion {session.occasion}"] if session.occasion > 1 else []
    return " · ".join(words)


def shortcut_list() -> list[tuple[str, str]]:
    """(key, what it does) in the order of a reading."""
    grades = [(key, f"grade {grade:g}") for grade, key in GRADE_KEYS.items()]
    return [
        *grades,
        ("A", "accept the machine's grade"),
        ("X", "not gradable (choose a reason)"),
        ("B", "next bone"),
        ("N / P", "next / previous film"),
        ("U", "next unread film"),
        ("C", "drag corners"),
        ("M", "pull the margin"),
        ("D", "draw the margin"),
        ("G", "brush"),
        ("E", "brush erases, or paints again"),
        ("L", "look: drag the film"),
        ("H", "hide or show outlines"),
        ("Z / J / F", "see bone / joint / whole film"),
        ("Ctrl+Z / Ctrl+Y", "undo / redo"),
    ]
