"""What predicts numbers: scales, levels, intervals, arrays, the same answers in a graph, and refusals."""

from __future__ import annotations

import numpy as np
import pytest

from headstart._onnxruntime import onnxruntime
from headstart.errors import CorruptBundleError, NotEnoughDataError, ParameterError
from headstart.export.pieces import Pieces
from headstart.heads.numbers.fitting import fit_numbers
from headstart.heads.numbers.head import NumbersHead
from headstart.heads.numbers.levels import Levels
from headstart.heads.numbers.ordering import fit_levels, proportional_odds
from headstart.heads.numbers.scales import Scale
from headstart.heads.numbers.spellings import rank_scale
from headstart.heads.sparse import Sparse


def made(n=200, width=6, seed=0, noise=0.3):
    """Rows, and three numbers: a straight one, one that grows by factors, one with enormous values."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n, width)).astype(np.float32)
    line = rows @ rng.normal(size=width) + noise * rng.normal(size=n)
    heavy = np.sign(line) * np.expm1(3 * np.abs(line) ** 0.5)
    return rows, np.stack([1000 + 7 * line, np.exp(2 * line), heavy - 5], axis=1)


def test_each_number_gets_the_scale_that_suits_it():
    rows, y = made(400)
    fitted = fit_numbers({"a": rows}, y)
    assert [one["scale"] for one in fitted.head.meta["outputs"]] == ["identity", "log", "rank"]
    usual = np.abs(y - np.median(y, axis=0)).mean(axis=0)
    assert (np.abs(fitted.values - y).mean(axis=0) < 0.5 * usual).all()


def test_the_number_as_it_is_is_kept_where_no_scale_is_clearly_better():
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(150, 4)).astype(np.float32)
    y = 50 + rows @ rng.normal(size=4) + rng.normal(size=150)
    assert fit_numbers({"a": rows}, y).head.meta["outputs"][0]["scale"] == "identity"


@pytest.mark.parametrize(
    "numbers", [np.linspace(-3, 9, 40), np.exp(np.random.default_rng(0).normal(size=500))]
)
def test_the_rank_scale_goes_both_ways_and_beyond_its_ends(numbers):
    scale = rank_scale(numbers)
    assert len(scale.numbers) <= 65
    asked = np.concatenate([numbers, [numbers.min() - 100, numbers.max() + 100]])
    places = scale.apply(asked)
    np.testing.assert_allclose(scale.invert(places), asked, rtol=1e-9, atol=1e-9)
    assert (np.diff(scale.invert(np.linspace(-20, 20, 400))) > 0).all()
    assert abs(float(np.median(scale.apply(numbers)))) < 0.1


def test_logarithms_never_overflow():
    assert np.isfinite(Scale("log").invert(np.array([1e9]))).all()


def stars(n=400, seed=0):
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n, 5)).astype(np.float32)
    score = rows @ np.array([1.0, -1, 0.5, 0, 0]) + 0.4 * rng.normal(size=n)
    # Most people give 5 stars: the nearest level to a straight line is wrong.
    return rows, 1.0 + (score[:, None] > np.array([-2.5, -2.0, -1.5, -1.0])).sum(axis=1)


def test_ordered_levels_stay_levels_and_their_cuts_are_learnt_where_that_helps():
    rows, y = stars()
    fitted = fit_numbers({"a": rows}, y, levels=[1, 2, 3, 4, 5])
    assert set(np.unique(fitted.values)) <= {1.0, 2, 3, 4, 5}
    assert set(np.unique(fitted.predict({"a": rows}))) <= {1.0, 2, 3, 4, 5}
    levels = fitted.head.links[0].levels
    assert not np.allclose(levels.cuts, [1.5, 2.5, 3.5, 4.5])
    plain = fit_numbers({"a": rows}, y).values[:, 0]
    rounded = np.clip(np.round(plain), 1, 5)
    assert np.abs(fitted.values[:, 0] - y).mean() < np.abs(rounded - y).mean()
    [chances] = fitted.head.level_probabilities({"a": rows})
    np.testing.assert_allclose(chances.sum(axis=1), 1)
    share = np.bincount(y.astype(int), minlength=6)[1:] / len(y)
    np.testing.assert_allclose(chances.mean(axis=0), share, atol=0.03)


def test_the_nearest_level_is_taken_where_cuts_that_are_learnt_are_no_better():
    rng = np.random.default_rng(0)
    y = rng.integers(1, 6, 300).astype(float)
    score = y + 0.3 * rng.normal(size=300)
    levels, decided = fit_levels(np.arange(1.0, 6), score, y, np.arange(300), np.ones(300), 0)
    np.testing.assert_array_equal(levels.cuts, [1.5, 2.5, 3.5, 4.5])
    np.testing.assert_array_equal(decided, np.clip(np.round(score), 1, 5))


def test_proportional_odds_are_those_that_the_levels_were_drawn_with():
    rng = np.random.default_rng(0)
    score = rng.normal(size=20_000) * 2 + 1
    drawn = score + rng.logistic(size=20_000) / 1.7
    centres = np.array([-2.0, 0.0, 0.5, 3.0])
    y = (drawn[:, None] > centres).sum(axis=1).astype(float)
    found, slope = proportional_odds(np.arange(5.0), score, y, np.ones(len(y)))
    np.testing.assert_allclose(found, centres, atol=0.06)
    assert slope == pytest.approx(1.7, abs=0.06)


def test_an_interval_of_levels_has_both_ends_on_levels_and_holds_the_answer():
    levels = Levels(np.array([1.0, 2, 3]), np.array([1.5, 2.5]), np.array([1.5, 2.5]), 4.0)
    low, high = levels.within(np.array([1.2, 1.6, -9]), np.array([1.4, 3.7, 9]), np.array([1.0, 2, 2]))
    assert low.tolist() == [1, 2, 1]
    assert high.tolist() == [1, 3, 3]


def test_intervals_are_wider_where_answers_are_harder():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(600, 3)).astype(np.float32)
    y = rows[:, 0] * 5 + np.exp(1.2 * rows[:, 1]) * rng.normal(size=600)
    fitted = fit_numbers({"a": rows}, y)
    ends = fitted.head.intervals({"a": rows}, 0.9)[:, 0]
    width = ends[:, 1] - ends[:, 0]
    easy, hard = rows[:, 1] < -0.5, rows[:, 1] > 0.5
    assert width[hard].mean() > 2 * width[easy].mean()
    held = fitted.held_out_intervals(0.9)[:, 0]
    inside = (held[:, 0] <= y) & (y <= held[:, 1])
    assert inside.mean() == pytest.approx(0.9, abs=0.02)
    assert inside[hard].mean() > 0.82


def test_what_cannot_be_promised_is_refused():
    rows, y = made(12)
    head = fit_numbers({"a": rows}, y).head
    assert head.intervals({"a": rows}, 0.9).shape == (12, 3, 2)
    with pytest.raises(
        ParameterError, match=r"0\.95 takes 19 independent held-out examples; this model has 12"
    ):
        head.intervals({"a": rows}, 0.95)
    with pytest.raises(ParameterError, match=r"between 0 and 1, got 1\.5") as refused:
        head.intervals({"a": rows}, 1.5)
    assert "0.9 promises 9 right intervals of 10." in str(refused.value.hint)
    y[4:, 1] = np.nan
    few = fit_numbers({"a": rows}, y).head
    with pytest.raises(ParameterError, match="this model has 4"):
        few.intervals({"a": rows}, 0.9)


def counts(n=80, buckets=50, seed=0):
    rng = np.random.default_rng(seed)
    table = rng.poisson(0.3, size=(n, buckets)).astype(np.float32)
    indptr = np.concatenate([[0], np.cumsum((table > 0).sum(axis=1))]).astype(np.int64)
    rows, columns = np.nonzero(table)
    return Sparse(table[rows, columns], columns.astype(np.int32), indptr, table.shape), table


def everything():
    rows, y = made(80)
    words, table = counts()
    y[:, 0] += 4 * table[:, :5].sum(axis=1)
    level = np.clip(np.round(y[:, 0] / 10) - 99, 0, 3)
    y = np.column_stack([y, level])
    y[::7, 1] = np.nan
    return {"a": rows, "words": words}, y


def test_a_head_is_read_again_from_its_arrays():
    blocks, y = everything()
    fitted = fit_numbers(blocks, y, levels=[None, None, None, [0, 1, 2, 3]])
    assert set(fitted.head.blocks) == {"a", "words"}
    again = NumbersHead.from_arrays(fitted.arrays(), fitted.meta())
    np.testing.assert_array_equal(again.values(blocks), fitted.predict(blocks))
    np.testing.assert_array_equal(again.intervals(blocks, 0.8), fitted.head.intervals(blocks, 0.8))
    assert again.meta == fitted.meta()
    assert again.widths == {"a": 6}
    for key in ("link/fixed", "link/3/cuts", "bias"):
        broken = {name: value for name, value in fitted.arrays().items() if name != key}
        with pytest.raises(CorruptBundleError):
            NumbersHead.from_arrays(broken, fitted.meta())
    shorter = {**fitted.arrays(), "link/fixed": fitted.arrays()["link/fixed"][:2]}
    with pytest.raises(CorruptBundleError, match="do not fit"):
        NumbersHead.from_arrays(shorter, fitted.meta())


def test_one_row_gets_the_answer_that_it_gets_among_many():
    rows, y = made()
    head = fit_numbers({"a": rows}, y).head
    together = head.values({"a": rows})
    alone = np.concatenate([head.values({"a": rows[i : i + 1]}) for i in range(0, 200, 9)])
    np.testing.assert_array_equal(alone, together[::9])


def test_the_graph_gives_the_same_numbers_and_intervals():
    import onnx
    from onnx import TensorProto, helper

    rows, y = made(150)
    level = np.clip(np.round(y[:, 0] / 10) - 98, 0, 4)
    head = fit_numbers(
        {"a": rows}, np.column_stack([y, level]), levels=[None, None, None, [0, 1, 2, 3, 4]]
    ).head
    assert {link.scale.kind for link in head.links} == {"identity", "log", "rank"}
    g = Pieces()
    said = head.to_graph(g, {"a": "rows"})
    low, high = head.ends_to_graph(g, head.linear.to_graph(g, {"a": "rows"}), 0.9)
    g.nodes += [
        helper.make_node("Identity", [value], [name])
        for value, name in ((said, "said"), (low, "low"), (high, "high"))
    ]
    graph = helper.make_graph(
        g.nodes,
        "numbers",
        [helper.make_tensor_value_info("rows", TensorProto.FLOAT, ["n", 6])],
        [
            helper.make_tensor_value_info(name, TensorProto.DOUBLE, ["n", 4])
            for name in ("said", "low", "high")
        ],
        g.weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.checker.check_model(model)
    session = onnxruntime().InferenceSession(model.SerializeToString())
    fresh = np.random.default_rng(9).normal(size=(300, 6)).astype(np.float32) * 2
    numbers, lows, highs = session.run(["said", "low", "high"], {"rows": fresh})
    np.testing.assert_allclose(numbers, head.values({"a": fresh}), rtol=1e-9, atol=1e-9)
    ends = head.intervals({"a": fresh}, 0.9)
    np.testing.assert_allclose(lows[:, :3], ends[:, :3, 0], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(highs[:, :3], ends[:, :3, 1], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("y", "error", "text"),
    [
        (np.array(["1", "2", "3"]), ParameterError, "y must hold numbers"),
        (np.zeros((3, 0)), ParameterError, "its shape is"),
        (np.array([1.0, np.inf, 2]), ParameterError, "row 1, column 0 is infinite"),
        (np.array([2.0, 2, 2]), NotEnoughDataError, "the number is 2 for every example"),
        (np.array([2.0, 3, np.nan]), NotEnoughDataError, "at least 3 independent examples.*known for 2"),
    ],
)
def test_numbers_that_cannot_be_fitted_are_refused(y, error, text):
    with pytest.raises(error, match=text):
        fit_numbers({"a": np.eye(3, dtype=np.float32)}, y)


def test_weights_levels_and_features_that_do_not_fit_are_refused():
    rows, y = made(20)
    with pytest.raises(ParameterError, match=r"weights must be 20 finite numbers above 0.*smallest is -1"):
        fit_numbers({"a": rows}, y, weights=-np.ones(20))
    with pytest.raises(ParameterError, match="one entry for each of 3 numbers, got 2"):
        fit_numbers({"a": rows}, y, levels=[None, None])
    with pytest.raises(ParameterError, match="levels 1, 2 only; found 3"):
        fit_numbers({"a": rows[:4]}, np.array([1.0, 2, 3, 1]), levels=[1, 2])
    with pytest.raises(ParameterError, match="must have 20 rows, as many as labels, got 19"):
        fit_numbers({"a": rows[1:]}, y)
    with pytest.raises(ParameterError, match="the features \\['a'\\]; 'a' is missing"):
        fit_numbers({"a": rows}, y).predict({"b": rows})


def test_a_mixture_is_taken_where_both_blocks_say_something():
    rng = np.random.default_rng(0)
    one, other = (rng.normal(size=(200, 4)).astype(np.float32) for _ in range(2))
    y = one[:, 0] + other[:, 0] + 0.1 * rng.normal(size=200)
    fitted = fit_numbers({"one": one, "other": other, "flat": np.ones((200, 3), np.float32)}, y)
    assert set(fitted.head.blocks) == {"one", "other"}
    assert [trial.features for trial in fitted.trials[:2]] == ["one", "other"]
    assert min(trial.loss for trial in fitted.trials) < 0.5 * fitted.trials[0].loss


def test_the_same_examples_give_the_same_head():
    rows, y = made(90)
    first, second = (fit_numbers({"a": rows, "b": rows[:, :2]}, y).arrays() for _ in range(2))
    assert first.keys() == second.keys()
    for key, value in first.items():
        np.testing.assert_array_equal(value, second[key])
