"""Formulas: what is read, what is refused and how, and that nothing in one is ever executed or dear."""

import pytest

from engine.formula import FormulaError, canonical, inputs_of, parse, used_inputs

GOOD = {
    "x*sigmoid(1.7*x)": "x * sigmoid(1.7 * x)",
    "a+2": "x + 2",
    "x + b": "a + b",
    "concatenate([a,b],axis=-1)": "concatenate([a, b], axis=-1)",
    "clip(x, -1 / 4, 2 ** 3)": "clip(x, x_min=-0.25, x_max=8)",
    "mean(x, 1)": "mean(x, axis=1)",
    "mean(x, axis=(1,), keepdims=False)": "mean(x, axis=(1,))",
    "softmax(matmul(a, transpose(b, (0, 2, 1))) / 8.0)": "softmax(a @ transpose(b, axes=(0, 2, 1)) / 8.0)",
    "where(x > 0, x, 0.1 * x)": "where(x > 0, x, 0.1 * x)",
    "add(a, b) * subtract(a, c)": "(a + b) * (a - c)",
    "keras.ops.relu(x) + ops.swish(x)": "relu(x) + silu(x)",
    "-2 ** x": "-2 ** x",
    "(-2) ** x": "(-2) ** x",
    "a - (b - c)": "a - (b - c)",
    "(a - b) - c": "a - b - c",
    "(a ** b) ** c": "(a ** b) ** c",
    "-(-x)": "--x",
    "- -1 * x": "-(-1) * x",
    "(a < b) * (a >= c)": "(a < b) * (a >= c)",
    "x / 64 ** 0.5": "x / 64 ** 0.5",
    "x[:,0]": "x[:, 0]",
    "x[..., None, 1:-1:2]": "x[..., None, 1:-1:2]",
    'pad(x, ((0, 0), (1, 1)), mode="reflect")': 'pad(x, pad_width=((0, 0), (1, 1)), mode="reflect")',
    " exp(x) ": "exp(x)",
}
# formula -> (column, words of the sentence)
BAD = {
    "": (0, "empty"),
    "1 + 2": (0, "uses no input"),
    "x +": (3, "no expression of Python"),
    "x + * 2": (5, "no expression of Python"),
    "x = 2": (3, "no expression of Python"),
    "foo(x)": (1, "nearest is floor"),
    "1 + sigmoyd(x)": (5, "nearest are sigmoid"),
    "qqqqqq(x)": (1, "take another"),
    "x + y": (5, '"y" is no input'),
    "x + 'a'": (5, "a text or a list"),
    "x if x else x": (1, '"ifexp" of Python'),
    "mean(x)": (1, "mean needs axis"),
    "softmax(x, axis=0)": (1, "never mixes"),
    "softmax(x, axis=x)": (1, "axis of softmax must be"),
    "mean(x, axis=1, axis=2)": (1, "twice"),
    "mean(x, 1, axis=2)": (1, "twice"),
    "mean(x, rows=2)": (1, 'no argument "rows"'),
    "relu(x, 1)": (1, "and no more"),
    "relu()": (1, "relu needs x"),
    "relu([x])": (1, "computes with inputs and numbers"),
    "add(x)": (1, "takes 2 arrays"),
    "concatenate(x, axis=1)": (1, "takes a list"),
    "concatenate([x, 1], axis=1)": (1, "joins inputs"),
    "sqrt(2.0) * x": (1, "numbers alone"),
    "1 / 0 * x": (1, "no plain result"),
    "9 ** 9 ** 9 * x": (1, "no plain result"),
    "1e400 * x": (1, "is no number"),
    "99999999999 * x": (1, "is no number"),
    "1j * x": (1, "is no number"),
    "x[0]": (1, "first place of an index"),
    "x[:, x]": (1, "whole numbers"),
    "x[:, ::0]": (1, "step of 0"),
    "x[..., ...]": (1, "two ..."),
    "3[:, 0] * x": (1, "a number has no parts"),
    "a == b": (1, "equal(a, b)"),
    "a < b < c": (1, "two at a time"),
    "not x": (1, "logical_not"),
    "~x": (1, "- has a place"),
    "a & b": (1, "bits"),
    "a and b": (1, '"boolop" of Python'),
    "transpose(x, (1, 0))": (1, "0 first"),
    "reshape(x, (2, 4))": (1, "-1 for the samples"),
    "tile(x, (2, 1))": (1, "1 for the samples"),
    "pad(x, 1)": (1, "(0, 0) for the samples"),
}
HOSTILE = (
    "__import__('os').system('touch /tmp/no')",
    "(lambda: x)()",
    "x.__class__.__mro__",
    "().__class__",
    "[x for x in x]",
    "f'{x}'",
    "(x := 1)",
    "eval('x')",
    "os.system(x)",
    "keras.utils.get_file(x)",
    "relu(*x)",
    "relu(**x)",
    "x" * 2001,
    "x" + " + x" * 499,
    "-" * 1990 + "x",
    "(" * 900 + "x" + ")" * 900,
    "[" * 1990,
    "9" * 1900 + " * x",
    " ** ".join("9" * 60) + " * x",
    "tile(x, (1, 1000000000))",
    "x\x00",
    "\ud800 + x",
    'x + "\\d"',
)


@pytest.mark.parametrize("formula", GOOD)
def test_a_formula_has_one_way_of_writing_which_means_the_same(formula):
    written = canonical(formula)
    assert written == GOOD[formula]
    assert canonical(written) == written
    assert parse(written) == parse(formula)


@pytest.mark.parametrize("formula", BAD)
def test_a_wrong_formula_is_refused_in_one_sentence_with_its_place(formula):
    with pytest.raises(FormulaError) as refused:
        parse(formula)
    column, words = BAD[formula]
    assert refused.value.column == column
    assert words in str(refused.value)
    assert len(str(refused.value)) < 160


@pytest.mark.parametrize("formula", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_formula_is_refused(formula):
    with pytest.raises(FormulaError):
        parse(formula)


def test_the_slip_of_a_finger_is_told_with_what_was_meant():
    with pytest.raises(FormulaError) as refused:
        parse("1 + sigmoyd(x)")
    assert refused.value.instead == ("sigmoyd", "sigmoid")


def test_inputs_are_counted_by_the_last_letter():
    assert inputs_of("x + 1") == 1
    assert inputs_of("c * a") == 3
    assert inputs_of("c *") == inputs_of(None) == 1
    assert used_inputs(parse("c * a")) == (2, 0)
