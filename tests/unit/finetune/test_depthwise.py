"""The gradients of depthwise convolutions are those that torch computes in double precision."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from headstart.finetune.depthwise import quicken

KERNELS = [(1, 1), (3, 3), (5, 5), (7, 7), (3, 5), (5, 2), (2, 4)]


def gradients(net: nn.Module, value: torch.Tensor, *, low: bool = False) -> list[torch.Tensor]:
    """Return the output and the gradients of the input and of each parameter."""
    value = value.clone().requires_grad_()
    with torch.autocast("cpu", torch.bfloat16, enabled=low):
        out = net(value)
    (
        out.to(value.dtype) * torch.linspace(-1, 1, out.numel()).to(value.dtype).reshape(out.shape)
    ).sum().backward()
    return [out.detach().double(), value.grad.double(), *[p.grad.double() for p in net.parameters()]]


def agree(net: nn.Module, shape: tuple[int, ...], *, low: bool = False) -> None:
    value = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    due = gradients(copy.deepcopy(net).double(), value.double())
    quick = copy.deepcopy(net)
    quicken(quick)
    found = gradients(quick, value.contiguous(memory_format=torch.channels_last), low=low)
    for one, other in zip(found, due, strict=True):
        assert one.shape == other.shape
        assert float((one - other).norm()) <= (2e-2 if low else 1e-5) * float(other.norm())
    with torch.no_grad():
        assert torch.equal(quick(value), net(value))


@pytest.mark.parametrize("low", [False, True], ids=["float32", "bfloat16"])
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("stride", [1, 2, (1, 2)])
@pytest.mark.parametrize("kernel", KERNELS, ids=str)
def test_gradients_are_those_of_double_precision(kernel, stride, bias, low):
    torch.manual_seed(0)
    for pad in {(0, 0), (kernel[0] // 2, kernel[1] // 2), (kernel[0], kernel[1] - 1)}:
        agree(nn.Conv2d(32, 32, kernel, stride, pad, groups=32, bias=bias), (3, 32, 11, 9), low=low)


@pytest.mark.parametrize("kernel", [(9, 9), (1, 11)], ids=str)
@pytest.mark.parametrize("width", [1, 2, 3, 5])
def test_kernels_may_be_wider_than_the_picture(kernel, width):
    torch.manual_seed(0)
    pad = (kernel[0] // 2, kernel[1] // 2)
    agree(nn.Conv2d(16, 16, kernel, padding=pad, groups=16), (2, 16, 3, width))


@pytest.mark.parametrize("low", [False, True], ids=["float32", "bfloat16"])
@pytest.mark.parametrize(("kernel", "stride"), [(3, 2), (5, 2), (5, 1), (7, 3)])
def test_timms_own_padding_is_kept(kernel, stride, low):
    from timm.layers import Conv2dSame

    torch.manual_seed(0)
    agree(Conv2dSame(16, 16, kernel, stride, groups=16), (2, 16, 14, 9), low=low)


def test_other_convolutions_and_fixed_kernels_are_left_alone():
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(8, 8, 5, padding=2, groups=8),
        nn.Conv2d(8, 16, 5, padding=2, groups=8),
        nn.Conv2d(16, 16, 3, padding=2, groups=16, dilation=2),
        nn.Conv2d(16, 16, 3, padding="same", groups=16),
        nn.Conv2d(16, 16, 3, padding=1, groups=16, padding_mode="reflect"),
        nn.Conv2d(16, 4, 1),
    )
    before = [part.forward for part in net]
    quicken(net)
    assert [part.forward == old for part, old in zip(net, before, strict=True)] == [False] + [True] * 5
    net[0].weight.requires_grad_(False)
    value = torch.randn(2, 8, 9, 9, requires_grad=True)
    net(value).square().sum().backward()
    assert net[0].weight.grad is None
    assert value.grad is not None
    assert list(net.state_dict()) == [f"{n}.{kind}" for n in range(6) for kind in ("weight", "bias")]
