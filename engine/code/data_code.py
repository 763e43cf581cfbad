"""The part of a script that loads the samples and splits them as the project does."""

from __future__ import annotations

from typing import Final

from engine.code.writing import written
from engine.data.choice import find
from engine.data.info import DataInfo
from engine.spec.data import DataSpec, SplitSpec

PARTS: Final = ("train", "val", "test")  # as in x_train, y_train...
_BUNDLED: Final = "bundled"

_SHARE_OUT: Final = '''\
def share_out(size, left):
    """Share ``size`` samples out over classes in proportion to what is left of each."""
    limits = left - 1 if (left - 1).sum() >= size else left
    exact = size * left / left.sum()
    takes = np.minimum(np.floor(exact).astype("int64"), limits)
    while (missing := size - int(takes.sum())) > 0:
        wanted = np.where(takes < limits, exact - takes, -np.inf)
        takes[np.argsort(-wanted, kind="stable")[:missing]] += 1
        takes = np.minimum(takes, limits)
    return takes


def cut(y, sizes, seed):
    """Return the rows of the parts, ``sizes`` and the rest, each with every class's share."""
    random = np.random.default_rng(seed)
    order = random.permutation(len(y))
    groups = [order[y[order] == value] for value in np.unique(y)]
    parts = []
    for size in sizes:
        takes = share_out(size, np.array([len(group) for group in groups]))
        parts.append(np.concatenate([g[:take] for g, take in zip(groups, takes)]))
        groups = [g[take:] for g, take in zip(groups, takes)]
    parts.append(np.concatenate(groups))
    return [random.permutation(part) for part in parts]
'''
_CUT: Final = '''\
def cut(y, sizes, seed):
    """Return the rows of the parts, ``sizes`` and the rest, at random."""
    order = np.random.default_rng(seed).permutation(len(y))
    return np.split(order, np.cumsum(sizes))
'''


def needs_archive(spec: DataSpec) -> bool:
    """Tell whether the script reads its samples from an archive written by Netsmith."""
    return find(spec.reader).origin != _BUNDLED


def imports(spec: DataSpec) -> tuple[str, ...]:
    """Return the import lines that the part needs besides NumPy."""
    if needs_archive(spec):
        return ()
    return (f"from sklearn.datasets import load_{find(spec.reader).id}",)


def functions(spec: DataSpec, info: DataInfo) -> str:
    """Return the functions that the part calls."""
    if needs_archive(spec):
        return ""
    return _SHARE_OUT if _is_stratified(spec.split, info) else _CUT


def data_code(spec: DataSpec, info: DataInfo, archive: str) -> str:
    """Return the code that loads x_train, y_train and the other parts that have samples.

    Parameters
    ----------
    archive
        Name of the archive, for data sets that no library provides.
    """
    parts = present_parts(spec, info)
    if not needs_archive(spec):
        return _bundled(spec, info)
    lines = [f'    x_{p}, y_{p} = parts["x_{p}"], parts["y_{p}"]\n' for p in parts]
    return (
        f"# Netsmith writes the file beside this script; its place may be given on the command line.\n"
        f"DATA = sys.argv[1] if len(sys.argv) > 1 else {written(archive)}\n"
        f"with np.load(DATA) as parts:\n{''.join(lines)}"
    )


def present_parts(spec: DataSpec, info: DataInfo) -> tuple[str, ...]:
    """Return the parts with samples: always "train", and "val" and "test" if they are not empty."""
    tests = info.own_test or spec.split.test > 0.0
    there = (True, spec.split.validation > 0.0, tests)
    return tuple(part for part, is_there in zip(PARTS, there, strict=True) if is_there)


def _bundled(spec: DataSpec, info: DataInfo) -> str:
    source = find(spec.reader).id
    whole = "scaled=False" if source == "diabetes" else ""
    shape = ", ".join(str(size) for size in info.input_shape)
    answer = '"int32")' if info.task == "classification" else '"float32").reshape(-1, 1)'
    reshaped = f".reshape(-1, {shape})" if len(info.input_shape) > 1 else ""
    lines = [
        f"samples = load_{source}({whole})",
        f'x = samples.data.astype("float32"){reshaped}',
        f"y = samples.target.astype({answer}",
    ]
    split = spec.split
    shares = {"val": split.validation, "test": split.test}
    kept = {part: share for part, share in shares.items() if share > 0.0}
    sizes = ", ".join(f"max(1, round({share!r} * len(y)))" for share in kept.values())
    rows = "".join(f"{part}, " for part in kept)
    lines.append(f"sizes = [{sizes}]\n{rows}train = cut(y, sizes, seed={split.seed})")
    lines += [f"x_{part}, y_{part} = x[{part}], y[{part}]" for part in ("train", *kept)]
    return "\n".join(lines) + "\n"


def _is_stratified(split: SplitSpec, info: DataInfo) -> bool:
    return split.stratified and info.task == "classification"
