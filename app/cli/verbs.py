"""The verbs and their arguments; the work is in `making`, `training` and `asking` beside this file."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from app import failures
from app.cli import asking, describing, making, training
from app.cli import bench as bench_suite
from app.cli.output import Output, unfailing_streams
from app.environment import ROOT
from app.system.signals import ended_by_signals
from engine.errors import Cancelled, JobFailed

_CLI = typer.Typer(
    name="netsmith", add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False,
    help="Build, train and use neural networks without a window. Without a verb the window opens.",
)  # fmt: skip
_INTERRUPTED = 130  # what Typer makes of Ctrl+C

Json = Annotated[
    bool,
    typer.Option("--json", help="One JSON object a line on standard output, the last a summary."),
]
Folder = Annotated[Path, typer.Argument(help="A project folder.", show_default=False)]
Model = Annotated[
    Path,
    typer.Argument(
        help="A project folder, a model file (.keras, .h5, .onnx) or a SavedModel of yours.",
        show_default=False,
    ),
]


@_CLI.command()
def new(
    folder: Folder,
    template: Annotated[
        str | None,
        typer.Option(
            help="Name of a ready network: cnn, mlp, lstm ...; the one that suits the data otherwise.",
            show_default=False,
        ),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            help="Name of a data set: digits, iris, fashion_mnist ...; of a source: what it is recognised as.",
            show_default=False,
        ),
    ] = None,
    source: Annotated[
        Path | None, typer.Option(help="A file or folder of data: pictures, arrays, a download.")
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option(help="A model file whose network and weights the project takes over."),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="PATH=VALUE",
            help="A setting of the data, as in data.options.samples=99.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Make a project from a data set and a template or a model file."""
    making.new(Output(as_json=json), folder, template, data, source, set_ or [], model)


@_CLI.command()
def data(
    path: Annotated[Path, typer.Argument(help="A file or folder of data.", show_default=False)],
    reader: Annotated[
        str | None,
        typer.Option(
            help="How it is read: file, pictures ...; recognised otherwise.", show_default=False
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Tell what a file or folder of data holds, as it would be read; makes no project."""
    describing.data(Output(as_json=json), path, reader)


@_CLI.command()
def train(
    folder: Folder,
    epochs: Annotated[int | None, typer.Option(help="Epochs instead of the project's.")] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="PATH=VALUE",
            help="A setting for this run only, as in training.batch_size=64.",
        ),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Go on with the last run, as it was set, where it stopped."),
    ] = False,
    keep_weights: Annotated[
        bool,
        typer.Option(
            "--keep-weights",
            help="Begin with what the last run learned, in every layer that still fits.",
        ),
    ] = False,
    weights: Annotated[
        Path | None,
        typer.Option(
            help="Begin with the weights of this file (.keras, .h5), in every layer of the same name."
        ),
    ] = None,
    observe: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KIND:LAYER",
            help="Print samples of a layer while it trains and keep them with the run, as in activations:conv2d.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Train a project's network; the last weights are kept in the project."""
    settings = ([f"training.epochs={epochs}"] if epochs is not None else []) + (set_ or [])
    training.train(
        Output(as_json=json), folder, settings,
        resume=resume, keep_weights=keep_weights, weights=weights, observe=observe or [],
    )  # fmt: skip


@_CLI.command()
def evaluate(
    folder: Folder,
    run: Annotated[str | None, typer.Option(help="Id of a run; the last one otherwise.")] = None,
    json: Json = False,
) -> None:
    """Measure a trained network on the test part."""
    asking.evaluate(Output(as_json=json), folder, run)


@_CLI.command()
def classify(
    model: Model,
    files: Annotated[list[Path], typer.Argument(help="Pictures.", show_default=False)],
    top: Annotated[int, typer.Option(min=1, help="How many answers a file.")] = 5,
    json: Json = False,
) -> None:
    """Classify pictures."""
    asking.classify(Output(as_json=json), model, files, top)


@_CLI.command()
def predict(
    model: Model,
    inputs: Annotated[
        Path, typer.Argument(metavar="IN.npz", help="Arrays x0, x1 ...", show_default=False)
    ],
    out: Annotated[
        Path, typer.Option(help="Where to write y0, y1 ... (.npz).", show_default=False)
    ],
    json: Json = False,
) -> None:
    """Send arrays through a network."""
    asking.predict(Output(as_json=json), model, inputs, out)


@_CLI.command()
def generate(
    folder: Folder,
    out: Annotated[
        Path,
        typer.Option(
            help="A .npz file; for pictures also a .png sheet or a new folder.", show_default=False
        ),
    ],
    samples: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="Another number gives other samples.")] = 0,
    run: Annotated[str | None, typer.Option(help="Id of a run; the last one otherwise.")] = None,
    json: Json = False,
) -> None:
    """Let a trained generator make samples."""
    asking.generate(Output(as_json=json), folder, run, samples, seed, out)


@_CLI.command()
def export(
    folder: Folder,
    out: Annotated[Path, typer.Option(help="Where to write.", show_default=False)],
    format_: Annotated[
        str, typer.Option("--format", help="keras, saved_model or weights.")
    ] = "keras",
    overwrite: Annotated[bool, typer.Option(help="Replace what is there.")] = False,
    json: Json = False,
) -> None:
    """Write the trained model, reload it in a fresh process and compare."""
    asking.export(Output(as_json=json), folder, format_, out, overwrite=overwrite)


@_CLI.command()
def inspect(
    model: Annotated[
        Path,
        typer.Argument(
            help="A model file (.keras, .h5, .onnx) or a SavedModel of yours.", show_default=False
        ),
    ],
    json: Json = False,
) -> None:
    """List the layers of a model made anywhere; nothing in the file is executed."""
    asking.inspect(Output(as_json=json), model)


@_CLI.command(hidden=not (ROOT / "benchmarks").is_dir())
def bench(
    case: Annotated[
        str | None, typer.Option(help="One reference case; all otherwise.", show_default=False)
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, max=99, help="Medians are over so many.")] = 3,
    json: Json = False,
) -> None:
    """Measure training beside the same network in model.fit, plain and tuned, and in the window."""
    bench_suite.bench(Output(as_json=json), case, rounds)


@_CLI.command(hidden=not (ROOT / "tests").is_dir())
def check() -> None:
    """Run the tests, lint, types and import contracts of Netsmith itself."""
    raise typer.Exit(subprocess.call([sys.executable, str(ROOT / "tests" / "check.py")], cwd=ROOT))


def run_verb(arguments: list[str]) -> int:
    """Run one verb; return its exit status: 0 done, 2 bad input, 1 the job failed."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # A name that the terminal cannot show is no failure.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    with failures.logged(), ended_by_signals():
        try:
            with unfailing_streams():
                status = _exit_status(arguments)
        except JobFailed as error:
            Output.complain(failures.sentence(error))
            return 1
    return status


def _exit_status(arguments: list[str]) -> int:
    try:
        status = _CLI(args=arguments, standalone_mode=False)
    except (Cancelled, KeyboardInterrupt, typer.Abort):
        status = _INTERRUPTED
    except typer.TyperException as error:
        Output.complain(f"{_words_of(error)}: see --help")
        return 2
    except Exception as error:  # noqa: BLE001 - the top of the process: every failure becomes words
        Output.complain(failures.sentence(error))
        return failures.exit_status(error)
    if status == _INTERRUPTED:
        Output.complain("stopped")
        return 1
    return status if isinstance(status, int) else 0


def _words_of(error: typer.TyperException) -> str:
    """Return what is wrong with the arguments, without the full stop."""
    words = error.format_message() if hasattr(error, "format_message") else str(error)
    return " ".join(str(words).split()).rstrip(".")
