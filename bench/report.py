"""The bench's tables: each figure with the one it is compared with, and its target."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.measure import percentile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bench.ledger import Series, StoreRun
    from bench.load import Run

MEBIBYTE = 2**20

BARE_RATIO = 0.5
"""Target for the number of reservations per bare transaction."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """All runs of one bot, and the seconds its modules take to import."""

    name: str
    runs: Sequence[Run]
    imported: float

    @property
    def missing(self) -> int:
        """Commands that ended without a picture."""
        return sum(run.missing for run in self.runs)

    @property
    def pictures(self) -> int:
        """Pictures that a member saw."""
        return sum(len(run.overhead) for run in self.runs)


@dataclass(frozen=True, slots=True)
class Figure:
    """One row: how to compute it, how to print it, and Easel's target.

    Attributes:
        label: Its name, with the unit.
        of: Computes the figure of one bot; NaN if there is none.
        scale: Factor applied for printing.
        digits: Digits after the point.
        ratio: The most it may be, as a multiple of the reference bot's.
        limit: The most it may be, in the unit of `of`.
    """

    label: str
    of: Callable[[Outcome], float]
    scale: float = 1.0
    digits: int = 1
    ratio: float | None = None
    limit: float | None = None


def _pooled(name: str, share: float) -> Callable[[Outcome], float]:
    return lambda outcome: percentile([value for run in outcome.runs for value in getattr(run, name)], share)


def _mean(name: str) -> Callable[[Outcome], float]:
    return lambda outcome: sum(getattr(run, name) for run in outcome.runs) / len(outcome.runs)


def _worst_stall(outcome: Outcome) -> float:
    return max((run.stall for run in outcome.runs if run.stall is not None), default=math.nan)


FIGURES = (
    Figure("acknowledgement p50, ms", _pooled("acknowledged", 0.5), 1000),
    Figure("acknowledgement p99, ms", _pooled("acknowledged", 0.99), 1000, ratio=1.2),
    Figure("acknowledged → request at Azure p50, ms", _pooled("begun", 0.5), 1000, limit=0.015),
    Figure("acknowledged → request at Azure p99, ms", _pooled("begun", 0.99), 1000, limit=0.060),
    Figure("overhead after generation p50, ms", _pooled("overhead", 0.5), 1000, ratio=1.2),
    Figure("overhead after generation p99, ms", _pooled("overhead", 0.99), 1000),
    Figure("CPU per request, ms", _mean("cpu"), 1000, ratio=1.2),
    Figure("CPU of the sandbox per request, ms", _mean("far_end"), 1000),
    Figure(
        "peak memory, MiB", lambda outcome: max(run.memory for run in outcome.runs), 1 / MEBIBYTE, ratio=1.2
    ),
    Figure("longest event-loop stall, ms", _worst_stall, 1000, limit=0.050),
    Figure("start to READY, s", _mean("ready"), digits=2, limit=3.0),
    Figure("import, s", lambda outcome: outcome.imported, digits=2, limit=1.5),
)
"""The rows, with the project's speed targets."""


def bot_table(easel: Outcome, reference: Outcome) -> str:
    """Return the bots' results as a Markdown table."""
    head = (
        f"| | {easel.name} | {reference.name} | ratio | target | |",
        "|---|---:|---:|---:|---:|---|",
        f"| pictures | {_pictures(easel)} | {_pictures(reference)} | | all | {_verdict(not easel.missing)} |",
    )
    return "\n".join([*head, *_rows(easel, reference)])


def _pictures(outcome: Outcome) -> str:
    return f"{outcome.pictures}/{outcome.pictures + outcome.missing}"


def _rows(easel: Outcome, reference: Outcome) -> Iterator[str]:
    for figure in FIGURES:
        ours, theirs = figure.of(easel), figure.of(reference)
        ratio = ours / theirs if theirs else math.nan
        if figure.ratio is not None:
            target, met = f"≤ {figure.ratio}×", ratio <= figure.ratio
        elif figure.limit is not None:
            target, met = f"≤ {figure.limit * figure.scale:g}", ours <= figure.limit
        else:
            target, met = "", None
        cells = (figure.label, _number(ours, figure), _number(theirs, figure), _number(ratio), target)
        yield f"| {' | '.join(cells)} | {_verdict(met)} |"


def _number(value: float, figure: Figure | None = None) -> str:
    if math.isnan(value):
        return "–"
    return f"{value * figure.scale:.{figure.digits}f}" if figure else f"{value:.2f}"


def _verdict(met: bool | None) -> str:
    return {True: "met", False: "missed", None: ""}[met]


# --- the ledger ---------------------------------------------------------------------------------


def ledger_table(runs: Sequence[StoreRun]) -> str:
    """Return the ledger's results as a Markdown table with a column for each database."""
    head = (f"| ledger | {' | '.join(run.name for run in runs)} |", f"|---|{'---:|' * len(runs)}")
    rows = (f"| {label} | {' | '.join(of(run) for run in runs)} |" for label, of in LEDGER_FIGURES)
    return "\n".join([*head, *rows])


def _rate(name: str) -> Callable[[StoreRun], str]:
    return lambda run: f"{_series(run, name).per_second:,.0f}"


def _p99(name: str) -> Callable[[StoreRun], str]:
    return lambda run: f"{percentile(_series(run, name).latencies, 0.99) * 1000:.1f}"


def _to_bare(run: StoreRun) -> str:
    ratio = run.reserve.per_second / run.shared.per_second
    return f"{ratio:.2f} (≥ {BARE_RATIO:g}: {_verdict(ratio >= BARE_RATIO)})"


def _paced(share: float, limit: Callable[[StoreRun], float]) -> Callable[[StoreRun], str]:
    def cell(run: StoreRun) -> str:
        took, most = percentile(run.paced.latencies, share), limit(run)
        return f"{took * 1000:.1f} (≤ {most * 1000:g}: {_verdict(took <= most)})"

    return cell


def _series(run: StoreRun, name: str) -> Series:
    series: Series = getattr(run, name)
    return series


LEDGER_FIGURES: tuple[tuple[str, Callable[[StoreRun], str]], ...] = (
    ("reservations a second, 50 callers", _rate("reserve")),
    ("the same, p99, ms", _p99("reserve")),
    ("bare `UPDATE … RETURNING` a second, one row for all", _rate("shared")),
    ("the same, p99, ms", _p99("shared")),
    ("reservations for one of those", _to_bare),
    ("bare `UPDATE … RETURNING` a second, a row for each caller", _rate("apart")),
    ("reservations for one of those", lambda run: f"{run.reserve.per_second / run.apart.per_second:.2f}"),
    ("settlements a second, 50 callers", _rate("settle")),
    ("check and reservation at 20 a second, p50, ms", _paced(0.5, lambda run: run.paced_p50)),
    ("the same, p99, ms", _paced(0.99, lambda run: run.paced_p99)),
)
"""The rows of the ledger's table."""
