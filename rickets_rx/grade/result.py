"""The grade of one bone with its interval, activity and explanation."""

from dataclasses import dataclass

from rickets_rx.vocabulary import Activity, Flag, Method

GRADES = (0.0, 0.5, 1.0, 1.5, 2.0)


@dataclass(frozen=True)
class BoneGrade:
    """Visible disease of one bone on one film.

    Parameters
    ----------
    grade : float
        Thacher's 0, 0.5, 1, 1.5 or 2.
    grade_low, grade_high : float
        90 % interval, half grades, rounded outward.
    severity, severity_low, severity_high : float
        0-1; grade is severity x 2 rounded to halves.
    activity : Activity
        ``healing`` never comes from a single film.
    flags : tuple of Flag
    method : Method
    findings : tuple of str
        What raised the grade, in Thacher's words with numbers, the strongest first.
    wide_because : tuple of str
        Why the interval is wide; empty for a narrow one.
    """

    grade: float
    grade_low: float
    grade_high: float
    severity: float
    severity_low: float
    severity_high: float
    activity: Activity
    flags: tuple[Flag, ...] = ()
    method: Method = Method.CLASSICAL
    findings: tuple[str, ...] = ()
    wide_because: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for value in (self.grade, self.grade_low, self.grade_high):
            if value not in GRADES:
                raise ValueError(f"{value} is not a Thacher grade of one wrist bone")
        if not self.grade_low <= self.grade <= self.grade_high:
            raise ValueError("the grade lies outside its own interval")
        if not 0 <= self.severity_low <= self.severity <= self.severity_high <= 1:
            raise ValueError("severity and its interval must be ordered within 0-1")
