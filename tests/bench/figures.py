"""One measured figure, and how it is printed."""

import json
import operator
from collections.abc import Sequence
from dataclasses import dataclass

_COMPARE = {"<=": operator.le, ">=": operator.ge}


@dataclass(frozen=True)
class Figure:
    """`bound` is what the project promises ("<= 60"); `limit` is what the bare database or library did."""

    name: str
    value: float
    unit: str
    bound: str | None = None
    limit: float | None = None

    @property
    def ratio(self) -> float | None:
        return self.value / self.limit if self.limit else None

    @property
    def ok(self) -> bool:
        if self.bound is None:
            return True
        sign, number = self.bound.split()
        return bool(_COMPARE[sign](self.value, float(number)))

    def as_json(self) -> str:
        fields = {
            "name": self.name,
            "value": _short(self.value),
            "unit": self.unit,
            "bound": self.bound,
            "limit": None if self.limit is None else _short(self.limit),
            "ratio": None if self.ratio is None else round(self.ratio, 3),
            "ok": self.ok,
        }
        return json.dumps(fields, ensure_ascii=False)


def table(figures: Sequence[Figure]) -> str:
    head = ("", "value", "unit", "bound", "limit", "ratio", "")
    rows = [
        (
            figure.name,
            f"{_short(figure.value):g}",
            figure.unit,
            figure.bound or "-",
            "-" if figure.limit is None else f"{_short(figure.limit):g}",
            "-" if figure.ratio is None else f"{figure.ratio:.2f}",
            "" if figure.bound is None else "ok" if figure.ok else "MISSED",
        )
        for figure in figures
    ]
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    aligned = [
        "  ".join(
            cell.ljust(width) if column in (0, 2) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in [head, *rows]
    ]
    return "\n".join(aligned)


def percentile(values: Sequence[float], part: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def _short(value: float) -> float:
    return round(value, 2) if abs(value) < 100 else round(value, 1)
