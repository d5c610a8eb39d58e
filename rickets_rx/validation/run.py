"""What `rickets-rx validate-own` does: parts with progress, then JSON and pages."""

import json
from pathlib import Path

from rickets_rx.errors import UsageError
from rickets_rx.validation.own import Asked, own_validation
from rickets_rx.validation.parts import Progress


def run_own(asked: Asked, publish_to: Path | None = None) -> list[str]:
    """Run, write ``validation.json``, ``validation.md`` and ``validation.html``, and publish where asked.

    Returns
    -------
    list of str
        What was written, for the user.

    Raises
    ------
    UsageError
        When a result that is not whole is to be published.
    """
    from rickets_rx.io.atomic import atomic_write
    from rickets_rx.io.results import write_json
    from rickets_rx.validation.cards import publish
    from rickets_rx.validation.html import html
    from rickets_rx.validation.page import markdown

    with _bar() as progress:
        made = own_validation(asked, progress)
    write_json(asked.out / "validation.json", made)
    # Pages are made from what the file holds, as anybody else would make them.
    content = json.loads((asked.out / "validation.json").read_text(encoding="utf-8"))
    for name, text in (("validation.md", markdown(content)), ("validation.html", html(content))):
        with atomic_write(asked.out / name) as stream:
            stream.write(text.encode())
    written = [str(asked.out / "validation.html")]
    left = [name for name, one in content["sets"].items() if one["films"] < one["films_asked"]]
    if publish_to is not None:
        if left:
            raise UsageError(f"not published: {', '.join(left)} are not done yet. Run the same command again")
        written += [str(path) for path in publish(content, publish_to)]
    return [f"Report: {written[0]}", *(f"written: {path}" for path in written[1:])]


class _bar:
    """A bar on a terminal, a line for each tenth of a part elsewhere; both on standard error."""

    def __enter__(self) -> Progress:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        self._console = Console(stderr=True, highlight=False, markup=False)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._bar = Bar(*columns, console=self._console, disable=not self._console.is_terminal)
        self._bar.start()
        self._tasks: dict[str, object] = {}
        return self._advance

    def __exit__(self, *error: object) -> None:
        self._bar.stop()

    def _advance(self, name: str, done: int, asked: int) -> None:
        if name not in self._tasks:
            self._tasks[name] = self._bar.add_task(name, total=asked)
        self._bar.update(self._tasks[name], completed=done)  # type: ignore[arg-type]
        if not self._console.is_terminal and (done == asked or done % max(1, asked // 10) == 0):
            self._console.print(f"{name}: {done} of {asked}")
