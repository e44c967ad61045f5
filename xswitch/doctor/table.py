"""The checks as a table for the README: `python -m xswitch.doctor.table` is what stands between its marks."""

from __future__ import annotations

import sys

from xswitch.doctor.checks import CHECKS


def table() -> str:
    """Return a Markdown table of all checks, a line each."""
    rows = [f"| {check.code} | {check.severity} | {check.title} | {check.explanation} |" for check in CHECKS]
    return "\n".join(["| code | severity | finds | why |", "|---|---|---|---|", *rows, ""])


if __name__ == "__main__":
    sys.stdout.write(table())
