"""The Knee tab: A and B of femur and tibia, left and right, by hand."""

from qtpy.QtWidgets import QComboBox, QGridLayout, QLabel, QPushButton, QWidget

from rickets_rx._napari.desk import Desk, in_words
from rickets_rx.errors import UsageError
from rickets_rx.io.readings import KNEE_BONES
from rickets_rx.review.knee import knee_reading, read_knee
from rickets_rx.review.words import KNEE_A_WORDS, KNEE_B_WORDS
from rickets_rx.vocabulary import Side


class KneePanel(QWidget):
    """One row for each bone and side: A, B, their product, and a button that records it."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.a: dict[tuple[str, Side], QComboBox] = {}
        self.b: dict[tuple[str, Side], QComboBox] = {}
        self.result: dict[tuple[str, Side], QLabel] = {}
        self._film: str | None = None
        layout = QGridLayout(self)
        intro = QLabel("Knees are read by hand only (Thacher 2000). Grade of a bone = A × B.")
        intro.setWordWrap(True)
        layout.addWidget(intro, 0, 0, 1, 3)
        row = 1
        for bone in KNEE_BONES:
            for side in Side:
                row = self._add_row(layout, row, (bone, side))
        layout.setRowStretch(row, 1)

    def _add_row(self, layout: QGridLayout, row: int, key: tuple[str, Side]) -> int:
        bone, side = key
        a, b, result = QComboBox(), QComboBox(), QLabel("not read")
        for value, words in KNEE_A_WORDS.items():
            a.addItem(f"A {value}: {words}", value)
        for part, words in KNEE_B_WORDS.items():
            b.addItem(f"B {part:g}: {words}", part)
        # Nothing is chosen beforehand: a slip on Record would be a reading of a normal knee.
        for box, name in ((a, "A"), (b, "B")):
            box.setPlaceholderText(f"choose {name}")
            box.setCurrentIndex(-1)
        record = QPushButton("Record")
        record.clicked.connect(lambda _=False: self.record_callback(bone, side))
        self.a[key], self.b[key], self.result[key] = a, b, result
        layout.addWidget(QLabel(f"<b>{bone.capitalize()}, {side}</b>"), row, 0)
        layout.addWidget(result, row, 1)
        layout.addWidget(record, row, 2)
        layout.addWidget(a, row + 1, 0, 1, 3)
        layout.addWidget(b, row + 2, 0, 1, 3)
        return row + 3

    @in_words
    def record_callback(self, bone: str, side: Side) -> None:
        session = self.desk.session
        if session is None:
            self.desk.say("Open a folder first.", error=True)
            return
        key = (bone, side)
        a, b = self.a[key].currentData(), self.b[key].currentData()
        if a is None or (a and b is None):
            raise UsageError(f"choose {'A' if a is None else 'B'} of the {bone} first")
        grade = read_knee(session, session.item.image_sha256, bone, side, int(a), b)
        self.desk.say(f"{bone.capitalize()}, {side}: A {a}{f' × B {b:g}' if a else ''} = {grade:g}")

    def refresh(self) -> None:
        """Show what was read on the shown film."""
        session = self.desk.session
        film = None if session is None else session.item.image_sha256
        if film != self._film:
            # What was chosen for another film is no choice for this one.
            for box in (*self.a.values(), *self.b.values()):
                box.setCurrentIndex(-1)
        self._film = film
        for (bone, side), label in self.result.items():
            said = None if session is None or film is None else knee_reading(session, film, bone, side)
            label.setText("not read" if said is None else f"grade <b>{said.grade:g}</b>")
