"""Quick gradients for convolutions that filter each channel by itself, on a processor.

The library that torch computes convolutions with (oneDNN) has two gaps here. Kernels wider than three have no
vector code for the gradient of the weights: 5x5 over 672 channels of 14x14, 32 examples, takes 12 to 16 ms in
single precision and 30 ms in bfloat16, 3x3 takes 1. And the gradient of the input of a strided one has none
in bfloat16: 92 ms instead of 1. Both are sums that kernels with vector code compute as well: a wide
kernel is taken three columns at a time, the input's gradient is a convolution with the kernel turned round,
of a gradient with zeros where the stride left places out. (AMD EPYC with avx512_bf16, torch 2.14.)
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

WIDEST = 3
"""Columns of a kernel up to which oneDNN has vector code for the gradient of the weights."""


def _is_depthwise(part: nn.Module) -> bool:
    """Return whether a module filters each channel by itself."""
    return isinstance(part, nn.Conv2d) and part.groups == part.in_channels > 1


def quicken(module: nn.Module) -> None:
    """Let the depthwise convolutions of a network take their gradients from here.

    What they compute stays the same, and so do their names and weights. Convolutions that are dilated, that
    give several outputs per channel or that pad in a way of their own are left as they are.
    """
    for part in module.modules():
        if _is_depthwise(part) and _is_known(part):
            part.forward = partial(_forward, part, part.forward)


def _is_known(part: Any) -> bool:
    plain = type(part) is nn.Conv2d and not isinstance(part.padding, str) and part.padding_mode == "zeros"
    same = type(part).__name__ == "Conv2dSame"  # timm's: pads as TensorFlow does
    return (plain or same) and part.out_channels == part.in_channels and set(part.dilation) == {1}


def _forward(part: Any, usual: Any, value: Tensor) -> Tensor:
    """Do as `part` does; where no gradient will be asked for, or on another device, do it by `usual`."""
    if not torch.is_grad_enabled() or value.device.type != "cpu" or torch.jit.is_tracing():
        outputs: Tensor = usual(value)
        return outputs
    padding = part.padding
    if type(part) is not nn.Conv2d:
        from timm.layers import pad_same

        value, padding = pad_same(value, part.kernel_size, part.stride), (0, 0)
    kind = kind_of(value)
    weight, bias = part.weight.to(kind), None if part.bias is None else part.bias.to(kind)
    with torch.autocast("cpu", enabled=False):
        result: Tensor = _Depthwise.apply(value.to(kind), weight, bias, part.stride, padding)
    return result


def kind_of(value: Tensor) -> torch.dtype:
    """Return what a convolution on the processor computes in: autocast's choice, else as the value is."""
    return torch.get_autocast_dtype("cpu") if torch.is_autocast_enabled("cpu") else value.dtype


class _Depthwise(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        value: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        stride: Sequence[int],
        pad: Sequence[int],
    ) -> Tensor:
        ctx.save_for_backward(value, weight)
        ctx.stride, ctx.pad = list(stride), list(pad)
        return functional.conv2d(value, weight, bias, ctx.stride, ctx.pad, 1, len(weight))

    @staticmethod
    @torch.autograd.function.once_differentiable  # type: ignore[untyped-decorator]
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        value, weight = ctx.saved_tensors
        gradient = gradient.contiguous(memory_format=torch.channels_last)
        of_value, of_weight, of_bias, *_ = ctx.needs_input_grad
        return (
            input_gradient(gradient, value, weight, ctx.stride, ctx.pad) if of_value else None,
            weight_gradient(gradient, value, weight, ctx.stride, ctx.pad) if of_weight else None,
            gradient.sum((0, 2, 3)) if of_bias else None,
            None,
            None,
        )


def input_gradient(
    gradient: Tensor, value: Tensor, weight: Tensor, stride: list[int], pad: list[int]
) -> Tensor:
    """Return the gradient ``(n, C, h, w)`` of what a depthwise convolution got."""
    turned = [size - 1 - side for size, side in zip(weight.shape[2:], pad, strict=True)]
    if min(turned) < 0:  # more padding than kernel, which no network has
        return _library(gradient, value, weight, stride, pad, (True, False))[0]
    return functional.conv2d(
        _spread(gradient, value, weight, stride, pad), weight.flip(2, 3), None, 1, turned, 1, len(weight)
    )


def _spread(gradient: Tensor, value: Tensor, weight: Tensor, stride: list[int], pad: list[int]) -> Tensor:
    """Put zeros between the rows and columns of a gradient where the stride left places out."""
    height, width = (
        value.shape[axis] + 2 * pad[axis - 2] - weight.shape[axis] + 1 for axis in (2, 3)
    )  # what a stride of 1 would have given
    if gradient.shape[2:] == (height, width):
        return gradient
    wide = gradient.new_zeros(gradient.shape[0], height, width, gradient.shape[1]).permute(0, 3, 1, 2)
    wide[:, :, :: stride[0], :: stride[1]] = gradient
    return wide


def weight_gradient(
    gradient: Tensor, value: Tensor, weight: Tensor, stride: list[int], pad: list[int]
) -> Tensor:
    """Return the gradient ``(C, 1, k, k)`` of a depthwise kernel, `WIDEST` columns at a time."""
    height, width = weight.shape[2:]
    if width <= WIDEST:
        return _library(gradient, value, weight, stride, pad, (False, True))[1]
    gradients = torch.empty_like(weight)
    span = (gradient.shape[3] - 1) * stride[1] + WIDEST
    if span <= pad[1]:  # some taps of a kernel wider than the picture see nothing but padding
        return _library(gradient, value, weight, stride, pad, (False, True))[1]
    for first in sorted({min(at, width - WIDEST) for at in range(0, width, WIDEST)}):
        left = pad[1] - first
        # Where the padding is negative, columns that these taps never meet are cut off.
        seen = padded(value, (0, 0, left, span - left - value.shape[3]))
        taps = weight.new_empty(len(weight), 1, height, WIDEST)
        part = _library(gradient, seen, taps, stride, [pad[0], 0], (False, True))[1]
        gradients[..., first : first + WIDEST] = part
    return gradients


def padded(value: Tensor, pad: tuple[int, int, int, int]) -> Tensor:
    """Put zeros at ``(top, bottom, left, right)``, or cut off where a number is negative; channels last.

    Only what becomes zero is written twice, and not all of it as by ``functional.pad``.
    """
    n, channels, height, width = value.shape
    top, bottom, left, right = pad
    framed = value.new_empty(n, height + top + bottom, width + left + right, channels).permute(0, 3, 1, 2)
    for axis, before, after in ((2, top, bottom), (3, left, right)):
        if before > 0:
            framed.narrow(axis, 0, before).zero_()
        if after > 0:
            framed.narrow(axis, framed.shape[axis] - after, after).zero_()
    into = framed[
        :, :, max(top, 0) : framed.shape[2] - max(bottom, 0), max(left, 0) : framed.shape[3] - max(right, 0)
    ]
    into.copy_(value[:, :, max(-top, 0) : height - max(-bottom, 0), max(-left, 0) : width - max(-right, 0)])
    return framed


def _library(
    gradient: Tensor,
    value: Tensor,
    weight: Tensor,
    stride: list[int],
    pad: list[int],
    wanted: tuple[bool, bool],
) -> tuple[Tensor, Tensor]:
    of_value, of_weight, _ = torch.ops.aten.convolution_backward(
        gradient, value, weight, None, stride, pad, [1, 1], False, [0, 0], len(weight), [*wanted, False]
    )
    return of_value, of_weight
