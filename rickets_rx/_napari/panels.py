"""Panels of the review dock: they show the session and emit signals, and know no viewer."""

from collections.abc import Sequence

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QAbstractItemView,
    QButtonGroup,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from rickets_rx.grade.result import GRADES
from rickets_rx.report.words import REASON_WORDS
from rickets_rx.review.effective import features_side_by_side
from rickets_rx.review.queue import BLIND_FILTERS, Filter
from rickets_rx.review.session import Session
from rickets_rx.review.source import Place, Row
from rickets_rx.review.words import GRADE_WORDS, ReadStatus
from rickets_rx.vocabulary import RefusalReason, Status

#: Keys of the grades: a half grade lies five above.
GRADE_KEYS = {0.0: "0", 0.5: "5", 1.0: "1", 1.5: "6", 2.0: "2"}
_MARKS = {
    ReadStatus.UNREAD: "○",
    ReadStatus.ACCEPTED: "●",
    ReadStatus.CORRECTED: "◆",
    ReadStatus.NOT_GRADABLE: "✕",
    ReadStatus.READ: "●",
}


def bone_name(place: Place) -> str:
    """``Radius``, or ``Radius, 2nd joint`` where a film has several."""
    name = str(place.bone).replace("_", " ").capitalize()
    return name if place.instance == 1 else f"{name}, joint {place.instance}"


class QueuePanel(QWidget):
    """The queue: filter, films with their marks, previous and next.

    Signals
    -------
    chosen : place in the queue
    stepped : -1 or +1
    """

    chosen = Signal(int)
    stepped = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.filter = QComboBox()
        self.filter.setToolTip("Which films of the queue are listed")
        self.list = QListWidget()
        self.list.setMinimumHeight(64)
        self.previous = QPushButton("◀ Previous (P)")
        self.next = QPushButton("Next (N) ▶")
        line = QHBoxLayout()
        for widget in (self.previous, self.filter, self.next):
            line.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.list)
        layout.addLayout(line)
        self.filter.currentTextChanged.connect(lambda _: self._filter_callback())
        self.list.currentRowChanged.connect(self._row_callback)
        self.previous.clicked.connect(lambda: self.stepped.emit(-1))
        self.next.clicked.connect(lambda: self.stepped.emit(+1))
        self._session: Session | None = None
        self._listed: list[int] = []

    def only(self) -> Filter:
        """The filter that is set."""
        return Filter(self.filter.currentText()) if self.filter.count() else Filter.ALL

    def set_session(self, session: Session | None) -> None:
        """Show another session's queue."""
        self._session = session
        self.filter.blockSignals(True)
        self.filter.clear()
        if session is not None:
            self.filter.addItems([str(f) for f in (BLIND_FILTERS if session.blinded else tuple(Filter))])
        self.filter.blockSignals(False)
        self.refresh()

    def refresh(self) -> None:
        """List the films that pass the filter, with their marks."""
        session = self._session
        self.list.blockSignals(True)
        self.list.clear()
        self._listed = [] if session is None else session.listed(self.only())
        for index in self._listed:
            assert session is not None
            self.list.addItem(QListWidgetItem(_queue_line(session, index)))
            if index == session.index:
                self.list.setCurrentRow(self.list.count() - 1)
        self.list.blockSignals(False)

    def _filter_callback(self) -> None:
        self.refresh()

    def _row_callback(self, row: int) -> None:
        if 0 <= row < len(self._listed):
            self.chosen.emit(self._listed[row])


def _queue_line(session: Session, index: int) -> str:
    facts, status = session.facts(index), session.item_status(session.items[index])
    told = [facts.title]
    if facts.file is not None:
        told = [facts.file, *([facts.patient_id] if facts.patient_id else [])]
        told += [f"day {facts.day}"] if facts.day is not None else []
    return f"{_MARKS[status]}  {' · '.join(str(word) for word in told)}"


class BonePanel(QWidget):
    """Grade buttons of the active bone, what was read and what the machine says of every bone.

    Signals
    -------
    graded : grade
    refused : reason
    accepted
    activated : which bone of the film
    """

    graded = Signal(float)
    refused = Signal(str)
    accepted = Signal()
    activated = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.bones = QButtonGroup(self)
        self.bones.setExclusive(True)
        self.bones.idClicked.connect(self.activated.emit)
        self._bone_grid = QGridLayout()
        self._bone_grid.setHorizontalSpacing(8)
        self.grades: dict[float, QPushButton] = {}
        grade_line = QHBoxLayout()
        for grade in GRADES:
            button = QPushButton(f"{grade:g}\n({GRADE_KEYS[grade]})")
            button.setToolTip(f"Grade {grade:g}: {GRADE_WORDS[grade]}. Key {GRADE_KEYS[grade]}")
            button.setCheckable(True)
            button.setMinimumHeight(38)
            button.clicked.connect(lambda _=False, g=grade: self.graded.emit(g))
            self.grades[grade] = button
            grade_line.addWidget(button)
        self.accept = QPushButton("Accept the machine's (A)")
        self.accept.clicked.connect(self.accepted.emit)
        self.reasons = QComboBox()
        self.reasons.addItem("choose the reason", "")
        for reason in RefusalReason:
            self.reasons.addItem(REASON_WORDS.get(reason, str(reason)), str(reason))
        self.not_gradable = QPushButton("Not gradable (X)")
        self.not_gradable.clicked.connect(lambda: self.refused.emit(self.reasons.currentData()))
        refusal_line = QHBoxLayout()
        refusal_line.addWidget(self.not_gradable)
        refusal_line.addWidget(self.reasons, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(self._bone_grid)
        layout.addLayout(grade_line)
        layout.addWidget(self.accept)
        layout.addLayout(refusal_line)

    def refresh(self, session: Session | None, active: int) -> None:
        """Show the bones of the session's film."""
        places = () if session is None or session.item.is_pair else session.places()
        _empty(self._bone_grid)
        for button in self.bones.buttons():
            self.bones.removeButton(button)
        for row, place in enumerate(places):
            assert session is not None
            self._add_bone(session, place, row, row == active)
        reading = session.reading(places[active]) if session is not None and places else None
        for grade, button in self.grades.items():
            button.setChecked(reading is not None and reading.grade == grade)
        visible = session is not None and bool(places) and session.machine_row(places[active]) is not None
        self.accept.setEnabled(visible)
        for button in (*self.grades.values(), self.not_gradable):
            button.setEnabled(bool(places))

    def _add_bone(self, session: Session, place: Place, row: int, active: bool) -> None:
        button = QPushButton(bone_name(place))
        button.setCheckable(True)
        button.setChecked(active)
        self.bones.addButton(button, row)
        self._bone_grid.addWidget(button, row, 0)
        self._bone_grid.addWidget(QLabel(_read_words(session, place)), row, 1)
        self._bone_grid.addWidget(QLabel(machine_words(session, place)), row, 2)
        self._bone_grid.setColumnStretch(2, 1)


def _read_words(session: Session, place: Place) -> str:
    reading, status = session.reading(place), session.status(place)
    if reading is None:
        return "○ unread"
    value = f"<b>{reading.grade:g}</b>" if reading.grade is not None else ""
    return f"{_MARKS[status]} {value} {status}"


def machine_words(session: Session, place: Place) -> str:
    """What the machine says of a bone, in a few words."""
    if not session.machine_visible(place.image_sha256):
        return "machine: hidden"
    row = session.machine_row(place)
    if row is None:
        return "machine: not found"
    if row["status"] != Status.SCORED:
        return f"machine: {REASON_WORDS.get(row['reason'], row['reason'])}"
    return f"machine: {row['grade']:g} ({row['grade_low']:g} to {row['grade_high']:g})"


class MeasuresTable(QTableWidget):
    """Grade and features of one bone: the machine's value beside the mended one."""

    def __init__(self) -> None:
        super().__init__(0, 3)
        self.setHorizontalHeaderLabels(["measure", "machine", "now"])
        rows, columns = self.verticalHeader(), self.horizontalHeader()
        # A table always has its headers; the bindings' stubs allow None.
        assert rows is not None and columns is not None
        rows.setVisible(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        rows.setDefaultSectionSize(20)
        columns.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)

    def refresh(self, rows: tuple[Row | None, Row | None]) -> None:
        """Show (old, new); changed values are bold."""
        lines = features_side_by_side(*rows)
        self.setRowCount(len(lines))
        for at, (name, old, new) in enumerate(lines):
            cells: Sequence[str] = (name.replace("_", " "), _value(old), _value(new))
            for column, text in enumerate(cells):
                item = QTableWidgetItem(text)
                if column:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                if column == 2 and cells[1] != cells[2]:
                    font = item.font()
                    font.setBold(True)
                    item.setFont(font)
                self.setItem(at, column, item)


def _value(value: float | None) -> str:
    """A missing measure is said, never 0."""
    return "not measured" if value is None else f"{value:.3g}"


def _empty(grid: QGridLayout) -> None:
    while grid.count():
        item = grid.takeAt(0)
        widget = item.widget() if item is not None else None
        if widget is not None:
            widget.hide()
            widget.deleteLater()
