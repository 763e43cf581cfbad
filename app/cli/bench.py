"""The verb `bench`: runs the suite and prints lines or a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from app.cli.output import Output

_SPEEDS: Final = (
    "fit", "fit_tuned", "engine", "window", "torch",
    "keras_12mp", "reader_12mp", "keras_0.2mp", "reader_0.2mp", "cache_0.2mp",
)  # fmt: skip
_GAPS: Final = ("gap_p50_ms", "gap_p99_ms", "gap_max_ms")
_WIDTH: Final = 150  # where standard output is no terminal


def bench(output: Output, case: str | None, rounds: int) -> None:
    """Measure how fast training is, beside scripts that do the same."""
    from benchmarks import suite  # only this verb needs it, and it may be absent

    cases = suite.chosen(case)
    results = []
    with Console(stderr=True).status("measuring …") as status:
        for number, each in enumerate(cases, start=1):
            status.update(f"measuring {each.id} ({number} of {len(cases)}) …")
            (result,) = suite.run([each], rounds)
            results.append(result)
            output.event("case", **result)
    ratios = suite.ratios(results)
    if not output.as_json:
        for has_pauses, group in groupby(results, key=lambda result: _GAPS[0] in result):
            _print_table(list(group), ratios, _GAPS if has_pauses else ())
    output.summary("", rounds=rounds, **ratios)


def _print_table(
    results: Sequence[Mapping[str, Any]],
    ratios: Mapping[str, Mapping[str, float]],
    gaps: Sequence[str],
) -> None:
    """Print cases that have figures of the same kind, with the ratios that they have."""
    speeds = [name for name in _SPEEDS if any(name in result for result in results)]
    shared = [name for name in ratios if any(result["case"] in ratios[name] for result in results)]
    pauses = " and pauses of the event loop in ms" if gaps else ""
    table = Table(title=f"Samples a second, ratios{',' if gaps else ''}{pauses}")
    table.add_column("case")
    for name in (*speeds, *shared, *(gap.removesuffix("_ms") for gap in gaps)):
        table.add_column(_words(name), justify="right")
    for result in results:
        numbers = [f"{result[name]:,.0f}" if name in result else "" for name in speeds]
        shares = [_ratio(ratios[name].get(result["case"])) for name in shared]
        table.add_row(result["case"], *numbers, *shares, *(f"{result[gap]:.1f}" for gap in gaps))
    console = Console()
    Console(width=None if console.is_terminal else _WIDTH).print(table)


def _words(name: str) -> str:
    return name.replace("_over_", " / ").replace("_", " ")


def _ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
