"""A block in one step gives the numbers and gradients of its layers one after the other."""

from __future__ import annotations

import copy
import itertools

import pytest
import torch
from torch import nn

from headstart.finetune.blocks import Way, inverted_residual, pooled_pointwise

LOW = pytest.mark.parametrize("low", [False, True], ids=["float32", "bfloat16"])
PADS = {"same": (1, 1, 1, 1), "odd pixel at the end": (0, 1, 0, 1), "none": (0, 0, 0, 0)}


class Block(nn.Module):
    """The layers of a block; weights are large enough for both ends of ReLU6 to be met."""

    def __init__(self, entering: int, leaving: int, way: Way, *, widens: bool, kernel: int = 3) -> None:
        super().__init__()
        wide = 32 if widens else entering
        self.widen = nn.Conv2d(entering, wide, 1) if widens else None
        self.each = nn.Conv2d(wide, wide, kernel, way.stride, groups=wide)
        self.narrow = nn.Conv2d(wide, leaving, 1)
        self.way = way
        with torch.no_grad():
            for parameter in self.parameters():
                parameter.mul_(3)

    def forward(self, value: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | None]:
        wide = value if self.widen is None else self.widen(value).clamp(0, 6)
        top, bottom, left, right = self.way.pad
        inner = nn.functional.pad(wide, (left, right, top, bottom))
        left_ = self.narrow(self.each(inner).clamp(0, 6))
        told = None
        if self.way.tap == "mean":
            told = wide.mean((2, 3))
        elif self.way.tap:
            told = (wide.var((2, 3), correction=0) + 1e-12).sqrt()
        return left_ + value if self.way.skip else left_, told

    def in_one(self, value: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | None]:
        return inverted_residual(value, self.widen, self.each, self.narrow, self.way)


def gradients(run, parameters, value: torch.Tensor, *, low: bool = False) -> list[torch.Tensor]:
    """Return what comes out, and the gradients of the input and of each parameter that has one."""
    value = value.clone(memory_format=torch.preserve_format).requires_grad_()
    with torch.autocast("cpu", torch.bfloat16, enabled=low):
        outs = [out for out in run(value) if out is not None]
    kind = value.dtype
    sum(
        (out.to(kind) * torch.linspace(-1, 1, out.numel(), dtype=kind).reshape(out.shape)).sum()
        for out in outs
    ).backward()
    made = [*outs, value.grad, *[one.grad for one in parameters if one.requires_grad]]
    for one in parameters:
        assert one.grad is None or one.grad.dtype == one.dtype
    return [one.detach().double() for one in made]


def agree(block: Block, value: torch.Tensor, *, low: bool = False) -> None:
    value = value.contiguous(memory_format=torch.channels_last)
    exact, layers = copy.deepcopy(block).double(), copy.deepcopy(block)
    due = gradients(exact, list(exact.parameters()), value.double())
    found = gradients(block.in_one, list(block.parameters()), value, low=low)
    beside = gradients(layers, list(layers.parameters()), value, low=low)
    close(found, due, beside, low=low)


def close(found, due, beside, *, low: bool) -> None:
    """Check that what was found is about as near to the truth as torch's own layers are."""
    for number, (one, other, usual) in enumerate(zip(found, due, beside, strict=True)):
        assert one.shape == other.shape
        rounding = 2**-8 if low else 1e-6
        allowed = rounding * float(other.norm()) + 1.5 * float((usual - other).norm())
        assert float((one - other).norm()) <= allowed, number


def drawn(*shape: int) -> torch.Tensor:
    return 2 * torch.randn(shape, generator=torch.Generator().manual_seed(1))


@LOW
@pytest.mark.parametrize("pad", PADS.values(), ids=list(PADS))
@pytest.mark.parametrize("stride", [(1, 1), (2, 2), (2, 1)], ids=str)
def test_every_way_to_move(stride, pad, low):
    torch.manual_seed(0)
    for widens, tap in itertools.product((True, False), ("", "mean", "deviation")):
        way = Way(stride, pad, skip=False, tap=tap)
        agree(Block(16, 24, way, widens=widens), drawn(3, 16, 10, 8), low=low)


@LOW
@pytest.mark.parametrize("kernel", [3, 5])
def test_what_entered_is_added(kernel, low):
    torch.manual_seed(0)
    half = kernel // 2
    for widens, tap in itertools.product((True, False), ("", "deviation")):
        way = Way((1, 1), (half,) * 4, skip=True, tap=tap)
        agree(Block(16, 16, way, widens=widens, kernel=kernel), drawn(2, 16, 7, 7), low=low)


def test_only_the_gradients_that_are_asked_for():
    torch.manual_seed(0)
    way = Way((1, 1), (1, 1, 1, 1), skip=True, tap="mean")
    for fixed in itertools.product((True, False), repeat=3):
        block = Block(16, 16, way, widens=True)
        for part, stays in zip((block.widen, block.each, block.narrow), fixed, strict=True):
            part.requires_grad_(not stays)
        agree(block, drawn(2, 16, 6, 6))
        assert [p.grad is None for p in block.parameters()] == [stays for stays in fixed for _ in range(2)]


def test_a_tap_alone_has_gradients_too():
    torch.manual_seed(0)
    block = Block(8, 8, Way((1, 1), (1, 1, 1, 1), skip=True, tap="deviation"), widens=True)
    value = drawn(2, 8, 5, 5).requires_grad_()
    block.in_one(value)[1].square().sum().backward()
    found = [value.grad.clone(), block.widen.weight.grad.clone()]
    assert block.narrow.weight.grad is None
    value.grad, block.widen.weight.grad = None, None
    block(value)[1].square().sum().backward()
    torch.testing.assert_close(found, [value.grad, block.widen.weight.grad], rtol=1e-4, atol=1e-4)


@LOW
@pytest.mark.parametrize("spread", [0.0, 0.01, 0.1])
@pytest.mark.parametrize("size", [1, 7])
def test_places_that_are_almost_alike(size, spread, low):
    torch.manual_seed(0)
    block = Block(16, 16, Way((1, 1), (1, 1, 1, 1), skip=True, tap="deviation"), widens=True)
    with torch.no_grad():
        block.widen.weight.mul_(spread)
        # whole numbers: their mean is exact, and a deviation of nothing points nowhere
        block.widen.bias.copy_(torch.randint(1, 6, block.widen.bias.shape))
    agree(block, drawn(4, 16, size, size), low=low)


def test_biases_alone_may_be_tuned():
    torch.manual_seed(0)
    block = Block(16, 16, Way((2, 2), (0, 1, 0, 1), skip=False), widens=True)
    for part in (block.widen, block.each, block.narrow):
        part.weight.requires_grad_(False)
    agree(block, drawn(2, 16, 8, 8))
    assert block.each.bias.grad is not None


def test_double_precision_and_no_examples():
    block = Block(8, 8, Way((1, 1), (1, 1, 1, 1), skip=True), widens=True).double()
    value = drawn(2, 8, 4, 4).double().requires_grad_()
    assert torch.autograd.gradcheck(lambda entering: block.in_one(entering)[0], (value,))
    with torch.no_grad():
        assert block.in_one(value[:0])[0].shape == (0, 8, 4, 4)


@LOW
def test_the_mean_of_a_rectified_product(low):
    torch.manual_seed(0)
    part = nn.Conv2d(16, 40, 1)
    with torch.no_grad():
        part.weight.mul_(6)
    exact, layers = copy.deepcopy(part).double(), copy.deepcopy(part)
    value = drawn(3, 16, 5, 4)

    def one_by_one(net):
        return lambda entering: [net(entering).clamp(0, 6).mean((2, 3))]

    due = gradients(one_by_one(exact), list(exact.parameters()), value.double())
    beside = gradients(one_by_one(layers), list(layers.parameters()), value, low=low)
    found = gradients(lambda v: [pooled_pointwise(v, part)], list(part.parameters()), value, low=low)
    close(found, due, beside, low=low)


@pytest.mark.filterwarnings("ignore:TF32 acceleration")
def test_without_onednn_the_numbers_are_the_same():
    torch.manual_seed(0)
    block = Block(16, 16, Way((1, 1), (1, 1, 1, 1), skip=True), widens=True)
    value = drawn(2, 16, 6, 6)
    with torch.no_grad():
        quick, _ = block.in_one(value)
        with torch.backends.mkldnn.flags(enabled=False):
            plain, _ = block.in_one(value)
    torch.testing.assert_close(quick, plain, rtol=1e-5, atol=1e-5)


def test_where_nothing_is_learned_nothing_is_kept():
    block = Block(16, 16, Way((1, 1), (1, 1, 1, 1), skip=True, tap="mean"), widens=True)
    with torch.no_grad():
        out, told = block.in_one(drawn(2, 16, 6, 6))
    assert out.grad_fn is None
    assert told.grad_fn is None
