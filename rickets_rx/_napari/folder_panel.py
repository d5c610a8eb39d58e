"""The Files tab: who reads, which folder, how; scoring a folder of films without leaving the window."""

from pathlib import Path

from qtpy.QtCore import Signal
from qtpy.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QWidget,
)

from rickets_rx._napari.desk import Desk, in_words
from rickets_rx._napari.worker import Job, OpenJob, ScoreJob
from rickets_rx.errors import UsageError
from rickets_rx.review.open import RECORD
from rickets_rx.review.queue import Plan, read_reading_list


class FolderPanel(QWidget):
    """Opens a scored folder or a case folder for a reader, and scores films, both in a worker.

    Signals
    -------
    export_wanted
    """

    export_wanted = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.job: Job | None = None
        self.reader = QLineEdit()
        self.reader.setPlaceholderText("a name or pseudonym")
        self.folder = QLineEdit()
        self.folder.setPlaceholderText("results of score, or a case")
        self.list = QLineEdit()
        self.list.setPlaceholderText("reading list (optional)")
        self.between = QLineEdit()
        self.between.setPlaceholderText("as adjudicator: anna, ben (optional)")
        self.blinded = QCheckBox("hide child, dates, machine")
        self.seed, self.occasion = QSpinBox(), QSpinBox()
        self.seed.setRange(-1, 10**6)
        self.seed.setValue(-1)
        self.seed.setSpecialValueText("as listed")
        self.occasion.setRange(1, 9)
        self.open = QPushButton("Open")
        self.films = QLineEdit()
        self.films.setPlaceholderText("folder of films to score first")
        self.score, self.cancel = QPushButton("Score films"), QPushButton("Cancel")
        self.cancel.setEnabled(False)
        self.progress = QProgressBar()
        self.export = QPushButton("Export readings.csv and corrected scores")
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        form = QFormLayout(self)
        form.addRow("Reader", self.reader)
        form.addRow("Folder", _with_browse(self, self.folder, folder=True))
        form.addRow("List", _with_browse(self, self.list, folder=False))
        form.addRow("Between", self.between)
        form.addRow("Blinded", self.blinded)
        form.addRow("Shuffle by seed", self.seed)
        form.addRow("Occasion", self.occasion)
        form.addRow(self.open)
        form.addRow("Films", _with_browse(self, self.films, folder=True))
        form.addRow(self.score)
        line = QHBoxLayout()
        line.addWidget(self.progress, 1)
        line.addWidget(self.cancel)
        form.addRow(line)
        form.addRow(self.export)

    def _connect(self) -> None:
        self.open.clicked.connect(self.open_callback)
        self.score.clicked.connect(self.score_callback)
        self.cancel.clicked.connect(self.cancel_callback)
        self.export.clicked.connect(lambda: self.export_wanted.emit())

    @in_words
    def open_callback(self) -> None:
        """Sit down to the folder named, in a worker: a case folder is scored first."""
        if not self.reader.text().strip():
            raise UsageError("a reading needs a reader: give a name")
        seed = None if self.seed.value() < 0 else self.seed.value()
        tasks = read_reading_list(Path(self.list.text())) if self.list.text().strip() else ()
        plan = Plan(seed=seed, occasion=self.occasion.value(), tasks=tasks, between=self._between())
        folder = Path(self.folder.text())
        self._let_go(folder)
        job = OpenJob(folder, self.reader.text(), self.blinded.isChecked(), plan)
        self.begin(job, 0, "Opening...")

    def _between(self) -> tuple[str, ...]:
        """Readers to adjudicate between, as written with commas."""
        names = tuple(name.strip() for name in self.between.text().split(",") if name.strip())
        if len(names) == 1:
            raise UsageError("name two readers or more to adjudicate between, with commas")
        return names

    def _let_go(self, folder: Path) -> None:
        """Close a session of the same record, which one window alone may hold; nothing of it is lost."""
        session = self.desk.session
        if session is None or session.reader != self.reader.text().strip():
            return
        if session.folder.resolve() == (folder / RECORD).resolve():
            self.desk.close()

    @in_words
    def score_callback(self) -> None:
        """Score a folder of films beside it, in a worker; the window stays alive."""
        if not self.films.text().strip():
            raise UsageError("name a folder of films to score")
        films = Path(self.films.text().strip())
        job = ScoreJob(films, films.parent / f"{films.name}_scored")
        self.begin(job, job.total, f"Scoring {job.total} films...")

    def begin(self, job: Job, total: int, said: str) -> None:
        """Start a job; the buttons that would start another wait for its end.

        Raises
        ------
        UsageError
            While another job runs.
        """
        if self.job is not None and not self.job.finished:
            raise UsageError("wait for the work that is going on, or cancel it")
        job.advanced.connect(self._on_advanced)
        job.ended.connect(self._on_ended)
        # Without a known number the bar only moves to and fro.
        self.progress.setRange(0, total)
        self.progress.setValue(0)
        for button in (self.score, self.open, self.export):
            button.setEnabled(False)
        self.cancel.setEnabled(True)
        self.job = job
        self.desk.say(said)
        job.start()

    def cancel_callback(self) -> None:
        """Stop after the films that are being worked on; what is done is kept."""
        if self.job is not None:
            self.job.cancel()
            self.desk.say("Stopping; films that are done are kept.")

    def _on_advanced(self, done: int, total: int, said: str) -> None:
        self.progress.setRange(0, total)
        self.progress.setValue(done)
        if said:
            self.desk.say(said, error=isinstance(self.job, ScoreJob))

    def _on_ended(self, text: str, error: bool) -> None:
        job = self.job
        for button in (self.score, self.open, self.export):
            button.setEnabled(True)
        self.cancel.setEnabled(False)
        self.progress.setRange(0, max(1, self.progress.maximum()))
        if isinstance(job, ScoreJob) and not error:
            self.folder.setText(str(job.out))
        if text:
            self.desk.say(text, error=error)
        if isinstance(job, OpenJob) and job.opened is not None:
            self._sit_down(job)

    def _sit_down(self, job: OpenJob) -> None:
        assert job.opened is not None
        if job.cancelled:
            job.opened.session.close()
            self.desk.say("Cancelled; nothing was opened.")
            return
        self.desk.say("Open. The keys stand in the tab Keys.")
        self.desk.open(job.opened.session, job.opened.case_dir)


def _with_browse(parent: QWidget, line: QLineEdit, *, folder: bool) -> QHBoxLayout:
    """A line of text with a button that fills it from a dialog."""
    button = QPushButton("...")
    button.setMaximumWidth(32)

    def browse() -> None:
        if folder:
            chosen = QFileDialog.getExistingDirectory(parent, "Folder", line.text())
        else:
            chosen = QFileDialog.getOpenFileName(parent, "Reading list", line.text(), "Tables (*.csv)")[0]
        if chosen:
            line.setText(chosen)

    button.clicked.connect(browse)
    layout = QHBoxLayout()
    layout.addWidget(line)
    layout.addWidget(button)
    return layout
