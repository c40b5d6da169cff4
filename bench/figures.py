"""A measured figure: our value over a reference's, with every single measurement kept."""

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Literal

from rich import box
from rich.console import Console
from rich.table import Table

#: Where nobody looks at a terminal (a log), a narrower one would cut the names off.
_TABLE_WIDTH = 100

Measurement = Callable[[], Awaitable[float]]


@dataclass(frozen=True, slots=True)
class Target:
    """What an issue asks of a figure; reported, never asserted."""

    of: Literal["ratio", "value"]
    sense: Literal["at least", "at most"]
    bound: float

    def met(self, figure: "Figure") -> bool:
        measured = figure.ratio if self.of == "ratio" else figure.value
        return measured >= self.bound if self.sense == "at least" else measured <= self.bound

    def __str__(self) -> str:
        sign = "≥" if self.sense == "at least" else "≤"
        return f"{self.of} {sign} {self.bound:g}"


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` and `reference` are medians in `unit`; `ratio` is value / reference."""

    name: str
    unit: str
    runs: Sequence[float]
    reference_runs: Sequence[float]
    target: Target | None = None

    @property
    def value(self) -> float:
        return median(self.runs)

    @property
    def reference(self) -> float:
        return median(self.reference_runs)

    @property
    def ratio(self) -> float:
        return self.value / self.reference

    def as_json(self) -> dict[str, object]:
        return {
            "name": self.name,
            "ratio": round(self.ratio, 3),
            "value": round(self.value, 3),
            "unit": self.unit,
            "reference": round(self.reference, 3),
            "runs": [round(run, 3) for run in self.runs],
            "reference_runs": [round(run, 3) for run in self.reference_runs],
            "target": str(self.target) if self.target else None,
            "met": self.target.met(self) if self.target else None,
        }


async def alternately(
    rounds: int, ours: Measurement, reference: Measurement
) -> tuple[list[float], list[float]]:
    """Measure A B A B …, so that a machine that slows down slows both."""
    runs: list[float] = []
    reference_runs: list[float] = []
    for _ in range(rounds):
        runs.append(await ours())
        reference_runs.append(await reference())
    return runs, reference_runs


def table_of(figures: Sequence[Figure]) -> Table:
    """What a reader wants to see of all figures."""
    table = Table(box=box.SIMPLE_HEAD)
    for heading in ("figure", "ratio", "value", "reference", "unit", "target"):
        numeric = heading in {"ratio", "value", "reference"}
        table.add_column(heading, justify="right" if numeric else "left", no_wrap=True)
    for figure in figures:
        target = figure.target
        met = "" if target is None else ("[green]met:" if target.met(figure) else "[red]not met:")
        table.add_row(
            figure.name,
            f"{figure.ratio:.2f}",
            _short(figure.value),
            _short(figure.reference),
            figure.unit,
            f"{met} {target or ''}".strip(),
        )
    return table


def _short(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.2f}"


def publish(figures: Sequence[Figure], path: Path) -> None:
    """Print the table and write the same as JSON."""
    console = Console()
    console.width = max(console.width, _TABLE_WIDTH)
    console.print(table_of(figures))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([figure.as_json() for figure in figures], indent=2) + "\n")
