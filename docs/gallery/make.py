"""Makes the pages of the gallery: ``python docs/gallery/make.py`` runs every example and writes its page.

An example is a Python file beside this one. ``# %%`` and words begin a part; the last line of a part, where
it is an expression, is shown with what it gives: a table, plain text, or a picture that was written.
"""

import ast
import json
import os
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
WIDTH = 118


def shown(value: Any) -> str:
    """What a part gave, as Markdown."""
    if isinstance(value, Path) and value.suffix == ".png":
        return f"![{value.stem}]({value.name})\n"
    if hasattr(value, "to_string"):
        text = value.to_string(index=False, na_rep="-", max_colwidth=70)
    elif isinstance(value, dict | list):
        text = json.dumps(value, indent=1, ensure_ascii=False)
    else:
        text = str(value)
    return f"```text\n{text}\n```\n"


def run_part(code: str, names: dict[str, Any]) -> Any:
    """Run a part; the value of its last line where that is an expression."""
    tree = ast.parse(code)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<example>", "exec"), names)
    if not isinstance(last, ast.Expr):
        return None
    return eval(compile(ast.Expression(last.value), "<example>", "eval"), names)


def page(example: Path) -> str:
    """The page of one example."""
    head, *parts = example.read_text(encoding="utf-8").split("\n# %% ")
    title = ast.get_docstring(ast.parse(head)) or example.stem
    first, _, words = title.partition("\n")
    lines = [f"# {first.rstrip('.')}\n", words.strip() + "\n"]
    names: dict[str, Any] = {"__name__": "example"}
    for part in parts:
        said, _, code = part.partition("\n")
        lines += [f"## {said.strip()}\n", f"```python\n{code.strip()}\n```\n"]
        value = run_part(code, names)
        if value is not None:
            lines.append(shown(value))
    lines.append(f"Made by `python docs/gallery/make.py` from [{example.name}]({example.name}).\n")
    return "\n".join(lines)


def main() -> None:
    """Run the examples in their folder, so that they write their pictures there."""
    os.chdir(HERE)
    import pandas as pd

    pd.set_option("display.width", WIDTH)
    for example in sorted(HERE.glob("*.py")):
        if example.name != Path(__file__).name:
            text = page(example)
            example.with_suffix(".md").write_text(text, encoding="utf-8")
            sys.stdout.write(f"{example.with_suffix('.md')}\n")


if __name__ == "__main__":
    main()
