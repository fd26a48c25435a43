"""What every head must do, whichever it is: ours, and one from outside the package."""

from __future__ import annotations

import pickle
import subprocess
import sys
from dataclasses import replace

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper
from safetensors.numpy import load as from_safetensors
from safetensors.numpy import save as to_safetensors
from sklearn.linear_model import Ridge

from headstart.errors import ExportError, ParameterError
from headstart.export.heads import LABEL, PROBABILITIES, add_head
from headstart.export.pieces import Pieces
from headstart.heads import heads, register, table
from headstart.heads.calibration import softmax
from headstart.heads.examples import Examples
from headstart.heads.features import Block
from headstart.heads.prototypes import fit_prototypes, unit_rows
from headstart.heads.ridge import fit_ridge
from headstart.heads.saved import reader_of
from headstart.heads.select import fit_head
from headstart.heads.table import head_names
from headstart.heads.task import HeadTask
from kernel_head import KERNEL, LEAST, distances

NAMES = (*head_names(), KERNEL.name)


@pytest.fixture(scope="module", autouse=True)
def plugged():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table, "_registered", {})
        register(KERNEL)
        yield


def clouds():
    rng = np.random.default_rng(0)
    y = rng.permutation(np.arange(84) % 4)
    rows = (rng.normal(size=(84, 20)) + 1.5 * rng.normal(size=(4, 20))[y] + 3).astype(np.float32)
    return rows, y, rng.integers(0, 30, 84)


@pytest.fixture(scope="module", params=NAMES)
def fitted(request, plugged):
    rows, y, groups = clouds()
    return fit_head({"embedding": rows}, y, groups, head=request.param), rows, y, groups, request.param


def test_probabilities_are_probabilities(fitted):
    head, rows, *_ = fitted
    proba = head.predict_proba({"embedding": rows})
    assert proba.dtype == np.float32
    assert proba.shape == (84, 4)
    assert (proba >= 0).all()
    np.testing.assert_allclose(proba.sum(axis=1), 1, atol=1e-5)


def test_logits_are_finite_and_their_softmax_is_what_it_predicts(fitted):
    head, rows, *_ = fitted
    logits = head.head.logits({"embedding": rows})
    assert logits.dtype == np.float64
    assert np.isfinite(logits).all()
    assert (head.head.n_classes, list(head.head.blocks)) == (4, ["embedding"])
    assert dict(head.head.widths) == {"embedding": 20}
    np.testing.assert_allclose(softmax(logits), head.predict_proba({"embedding": rows}), atol=1e-7)


def test_it_learns(fitted):
    head, rows, y, *_ = fitted
    assert (head.predict_proba({"embedding": rows}).argmax(axis=1) == y).mean() > 0.8


def test_held_out_probabilities_for_every_example(fitted):
    head, _, y, *_ = fitted
    assert head.loo_proba_.shape == (84, 4)
    np.testing.assert_allclose(head.loo_proba_.sum(axis=1), 1, atol=1e-5)
    assert (head.loo_proba_.argmax(axis=1) == y).mean() > 0.6
    np.testing.assert_array_equal(head.rows, np.arange(84))
    assert all(proba.shape == (84, 4) for proba in head.oof.values())


def test_fitting_twice_gives_the_same_bits(fitted):
    head, rows, y, groups, name = fitted
    again = fit_head({"embedding": rows}, y, groups, head=name)
    for key, array in head.arrays().items():
        np.testing.assert_array_equal(array, again.arrays()[key])


def test_classes_keep_their_order_when_they_are_renamed(fitted):
    head, rows, y, groups, name = fitted
    order = np.array([2, 0, 3, 1])
    moved = fit_head({"embedding": rows}, order[y], groups, head=name)
    proba = head.predict_proba({"embedding": rows})
    np.testing.assert_allclose(moved.predict_proba({"embedding": rows})[:, order], proba, atol=0.02)


def test_the_order_of_the_examples_does_not_matter(fitted):
    head, rows, y, groups, name = fitted
    by_folds = name != "auto" and heads()[name].held_out == "folds"  # dealt in the order of the examples
    order = np.random.default_rng(1).permutation(84)
    moved = fit_head({"embedding": rows[order]}, y[order], groups[order], head=name)
    np.testing.assert_allclose(
        moved.predict_proba({"embedding": rows}),
        head.predict_proba({"embedding": rows}),
        atol=0.05 if by_folds else 0.02,
    )


def test_saved_arrays_predict_the_same_bits_one_by_one(fitted):
    head, rows, *_ = fitted
    kept = from_safetensors(to_safetensors(head.arrays()))
    loaded = reader_of(head.meta())(kept, head.meta())
    whole = head.predict_proba({"embedding": rows})
    np.testing.assert_array_equal(loaded.predict_proba({"embedding": rows}), whole)
    exact = "form" not in head.meta()  # linear heads promise it to the last bit
    for row in (0, 41, 83):
        alone = loaded.predict_proba({"embedding": rows[row : row + 1]})[0]
        np.testing.assert_allclose(alone, whole[row], rtol=0, atol=0 if exact else 1e-6)


def test_it_goes_to_other_processes(fitted):
    head, rows, *_ = fitted
    sent = pickle.loads(pickle.dumps(head.head))
    np.testing.assert_array_equal(
        sent.predict_proba({"embedding": rows}), head.predict_proba({"embedding": rows})
    )


def test_its_graph_answers_the_same(fitted):
    head, rows, *_ = fitted
    graph = Pieces("head_")
    add_head(graph, head.head, {"embedding": "rows"}, "abc")
    outputs = [
        helper.make_tensor_value_info(PROBABILITIES, TensorProto.FLOAT, ["N", 4]),
        helper.make_tensor_value_info(LABEL, TensorProto.INT64, ["N"]),
    ]
    inputs = [helper.make_tensor_value_info("rows", TensorProto.FLOAT, ["N", 20])]
    made = helper.make_model(
        helper.make_graph(graph.nodes, "head", inputs, outputs, graph.weights),
        opset_imports=[helper.make_opsetid("", 18)],
        ir_version=9,
    )
    onnx.checker.check_model(made)
    proba, label = onnxruntime.InferenceSession(made.SerializeToString()).run(None, {"rows": rows})
    want = head.predict_proba({"embedding": rows})
    np.testing.assert_allclose(proba, want, atol=1e-5)
    np.testing.assert_array_equal(label, want.argmax(axis=1))


def test_exactly_one_candidate_is_chosen(fitted):
    head, *_, name = fitted
    assert [trial.chosen for trial in head.candidates].count(True) == 1
    assert name == "auto" or head.meta()["head"] == name


def without_ridge(rows, y, out, settings):
    block = Block.prepare("embedding", rows, 4)
    scaled = rows.astype(np.float64) / np.sqrt(block.size)
    model = Ridge(alpha=settings["lambda"]).fit(scaled[~out], 2 * np.eye(4)[y[~out]] - 1)
    return model.predict(scaled[out])


def without_prototypes(rows, y, out, settings):
    centre, means = fit_prototypes(rows[~out], y[~out], 4)
    return unit_rows(rows[out].astype(np.float64) - centre) @ means


def without_kernel(rows, y, out, settings):
    apart = distances(rows[out].astype(np.float64), rows[~out].astype(np.float64))
    return np.log(LEAST + np.exp(-settings["gamma"] * apart) @ np.eye(4)[y[~out]])


REFITS = {"ridge": without_ridge, "prototypes": without_prototypes, "kernel": without_kernel}


def test_held_out_scores_that_are_said_to_be_exact_are_those_of_refits():
    rows, y, groups = clouds()
    exact = [kind for kind in heads().values() if kind.held_out == "exact"]
    for kind in exact:
        head = fit_head({"embedding": rows}, y, groups, head=kind.name)
        assert head.how == "exact leave-one-group-out"
        scores = np.empty((84, 4))
        for group in np.unique(groups):
            out = groups == group
            scores[out] = REFITS[kind.name](rows, y, out, head.meta())
        np.testing.assert_allclose(softmax(head.meta()["temperature"] * scores), head.loo_proba_, atol=1e-5)


def rings(n=160):
    """Return one class inside the other: no plane parts them."""
    rng = np.random.default_rng(3)
    y = np.arange(n) % 2
    angle, radius = rng.uniform(0, 2 * np.pi, n), 1.0 + 1.5 * y + rng.normal(0, 0.15, n)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1).astype(np.float32), y


def test_a_head_from_outside_is_taken_where_it_is_best_and_only_there():
    rows, y = rings()
    head = fit_head({"embedding": rows}, y)
    assert head.meta()["head"] == "kernel"
    assert (head.loo_proba_.argmax(axis=1) == y).mean() > 0.95
    tried = {trial.head: trial for trial in head.candidates}
    assert list(tried) == ["ridge", "logistic", "kernel"]
    assert tried["logistic"].accuracy < 0.7
    assert all(len(trial.rows) == len(y) for trial in tried.values())
    clear, labels, groups = clouds()
    assert fit_head({"embedding": clear}, labels, groups).meta()["head"] != "kernel"


def test_a_head_without_a_graph_is_refused_by_name():
    head = fit_head({"embedding": rings()[0]}, rings()[1], head="kernel").head

    class Plain:
        meta, blocks, widths, n_classes = head.meta, head.blocks, head.widths, head.n_classes

    with pytest.raises(ExportError, match="'kernel' of this model cannot be put into a graph") as caught:
        add_head(Pieces("head_"), Plain(), {"embedding": "rows"}, "ab")
    assert "--head ridge" in caught.value.hint


def test_fine_tuning_is_told_that_it_needs_a_linear_head():
    rows, y = rings(40)
    with pytest.raises(ParameterError, match="head='kernel' is not a linear head"):
        assert fit_head({"embedding": rows}, y, head="kernel").linear


def test_a_task_of_its_own_is_all_that_a_head_needs():
    rows, y, groups = clouds()
    examples = Examples.check(y, groups)
    blocks = {"embedding": Block.prepare("embedding", rows, 4)}
    task = HeadTask(blocks, examples, fit_ridge(blocks, (("embedding", 1.0),), examples))
    for kind in heads().values():
        made = kind.fit(task)
        assert made is not None
        assert made.trial.head == kind.name
        assert made.trial.proba.shape == (84, 4)


def test_names_of_heads_stand_once():
    register(KERNEL)  # the same one again is no mistake
    with pytest.raises(ParameterError, match="another head called 'ridge'"):
        register(replace(KERNEL, name="ridge"))
    for name in ("auto", "two words", ""):
        with pytest.raises(ParameterError, match="whose name is one word other than 'auto'"):
            register(replace(KERNEL, name=name))
    with pytest.raises(ParameterError, match="found register"):
        register("kernel")
    with pytest.raises(TypeError):
        heads()["smell"] = KERNEL


def test_an_unknown_head_is_refused_with_those_that_are_known():
    rows, y, _ = clouds()
    with pytest.raises(
        ParameterError, match="one of auto, ridge, logistic, lda, prototypes, kernel, got 'x'"
    ):
        fit_head({"embedding": rows}, y, head="x")


def test_predicting_imports_neither_scipy_nor_scikit_learn():
    code = (
        "import sys, headstart.heads.linear, headstart.bundle.load; "
        "heavy = ('scipy', 'sklearn', 'torch', 'onnx', 'headstart.heads.ridge'); "
        "print([name for name in heavy if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
