"""Blocks of rectified convolutions in one step each, forwards and backwards.

Taken convolution by convolution, most of the time of a mobile network goes into moving activations that do
not fit a processor's cache: a rectifier is one more pass each way, so is the gradient of a bias, and one that
arrives in another layout is copied first. Here a block (widen, filter each channel by itself, narrow: Sandler
and others 2018, arXiv 1801.04381) is one step with gradients of its own: the rectifier rides along with the
convolution before it, gradients are cut off where they stand, and a 1x1 convolution is taken as what it is, a
product of pixels and a matrix. Finite numbers give what the convolutions give one after the other; oneDNN's
rectifier makes a number of what is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from headstart.finetune.depthwise import input_gradient, kind_of, padded, weight_gradient

CEILING = 6.0
"""Where ReLU6 cuts off."""
_TINY = 1e-12  # where all places are equal there is still a gradient, which is zero


class Way(NamedTuple):
    """How a block moves, besides its weights.

    Attributes
    ----------
    stride
        Of the filter.
    pad
        ``(top, bottom, left, right)`` rows and columns of zeros around what the filter gets.
    skip
        Whether what enters is added to what leaves.
    tap
        What is told of the widened activations: ``mean`` or ``deviation`` over places, or nothing.
    """

    stride: tuple[int, int]
    pad: tuple[int, int, int, int]
    skip: bool
    tap: str = ""


def inverted_residual(
    value: Tensor, widen: nn.Conv2d | None, each: nn.Conv2d, narrow: nn.Conv2d, way: Way
) -> tuple[Tensor, Tensor | None]:
    """Run a block; its convolutions have biases, and ReLU6 follows all but the last.

    Parameters
    ----------
    value
        ``(n, C, h, w)``.
    widen, each, narrow
        1x1 (or None), depthwise and 1x1 again.

    Returns
    -------
    What leaves the block, and ``(n, wide)`` what its tap tells, or None.
    """
    first = (None, None) if widen is None else (widen.weight, widen.bias)
    kind = kind_of(value)
    with torch.autocast("cpu", enabled=False):
        outputs: tuple[Tensor, Tensor | None] = _Block.apply(
            value, *first, each.weight, each.bias, narrow.weight, narrow.bias, way, kind
        )
    return outputs


def pooled_pointwise(value: Tensor, part: nn.Conv2d) -> Tensor:
    """Return ``(n, C)`` means over places of a 1x1 convolution with ReLU6."""
    kind = kind_of(value)
    with torch.autocast("cpu", enabled=False):
        pooled: Tensor = _PooledPointwise.apply(value, part.weight, part.bias, kind)
    return pooled


def mean(value: Tensor) -> Tensor:
    """Return the mean over places ``(n, C, 1, 1)``.

    Unlike with ``mean``, the gradient keeps the layout of the value, and no convolution has to copy it.
    """
    return functional.avg_pool2d(value, value.shape[2:])


def deviation(value: Tensor, middle: Tensor) -> Tensor:
    """Return the standard deviation over places ``(n, C, 1, 1)`` around a mean."""
    return (mean((value - middle).square()).float() + _TINY).sqrt()


def rectified(
    value: Tensor, weight: Tensor, bias: Tensor, stride: Sequence[int], pad: Sequence[int]
) -> Tensor:
    """Convolve with padding ``(rows, columns)`` on both sides, and cut off below 0 and above `CEILING`."""
    groups = value.shape[1] // weight.shape[1]
    if _fuses(value):
        outputs: Tensor = torch.ops.mkldnn._convolution_pointwise(
            value, weight, bias, pad, stride, [1, 1], groups, "hardtanh", [0.0, CEILING], ""
        )
        return outputs
    return functional.conv2d(value, weight, bias, stride, pad, 1, groups).clamp_(0.0, CEILING)


def _fuses(value: Tensor) -> bool:
    """Return whether oneDNN can take the rectifier along with a convolution."""
    if not (torch.backends.mkldnn.is_available() and torch.backends.mkldnn.enabled):
        return False
    if not hasattr(torch.ops.mkldnn, "_convolution_pointwise"):
        return False
    if value.dtype == torch.bfloat16:
        return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
    return bool(value.dtype == torch.float32)


def _pixels(value: Tensor) -> Tensor:
    """See ``(n, C, h, w)`` as pixels ``(n h w, C)``: no copy where channels are last in memory."""
    return value.permute(0, 2, 3, 1).reshape(-1, value.shape[1])


def _picture(pixels: Tensor, like: Tensor) -> Tensor:
    """See pixels as pictures of the height and width of others."""
    n, _, height, width = like.shape
    return pixels.view(n, height, width, pixels.shape[1]).permute(0, 3, 1, 2)


def _matrix(weight: Tensor) -> Tensor:
    return weight.view(weight.shape[:2])


def _cut_off(gradient: Tensor, value: Tensor, out: Tensor) -> Tensor:
    """Write a gradient into `out`, with zeros wherever a rectified value lies at either end."""
    cut: Tensor = torch.ops.aten.hardtanh_backward.grad_input(gradient, value, 0.0, CEILING, grad_input=out)
    return cut


class _Block(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        value: Tensor,
        w1: Tensor | None,
        b1: Tensor | None,
        w2: Tensor,
        b2: Tensor,
        w3: Tensor,
        b3: Tensor,
        way: Way,
        kind: torch.dtype,
    ) -> tuple[Tensor, Tensor | None]:
        value = value.to(kind).contiguous(memory_format=torch.channels_last)
        second, third = w2.to(kind), w3.to(kind)
        first, wide = None, value
        if w1 is not None and b1 is not None:
            first = w1.to(kind)
            wide = rectified(value, first, b1.to(kind), (1, 1), (0, 0))
        inner, pad = (wide, way.pad[::2]) if _is_even(way.pad) else (padded(wide, way.pad), (0, 0))
        filtered = rectified(inner, second, b2.to(kind), way.stride, pad)
        pixels = torch.addmm(b3.to(kind), _pixels(filtered), _matrix(third).t())
        if way.skip:
            pixels += _pixels(value)
        middle = mean(wide) if way.tap else None
        tapped = deviation(wide, middle) if way.tap == "deviation" and middle is not None else middle
        ctx.save_for_backward(value, first, inner, second, filtered, third, middle, tapped)
        ctx.way, ctx.pad, ctx.as_is = way, list(pad), inner is wide
        ctx.set_materialize_grads(False)
        return _picture(pixels, filtered), None if tapped is None else tapped.flatten(1)

    @staticmethod
    @torch.autograd.function.once_differentiable  # type: ignore[untyped-decorator]
    def backward(ctx: Any, gradient: Tensor | None, of_tapped: Tensor | None) -> tuple[Tensor | None, ...]:
        value, first, inner, second, filtered, third, middle, tapped = ctx.saved_tensors
        wide = inner if ctx.as_is else _trimmed(inner, ctx.way.pad)
        of_value, of_first, of_second, of_third = _needed(ctx.needs_input_grad)
        gradients: list[Tensor | None] = [None] * 9
        wider = pixels = None
        if gradient is not None:
            pixels = _pixels(gradient.contiguous(memory_format=torch.channels_last))
            if of_third:
                gradients[5:7] = _of_matrix(pixels, filtered, third)
            each = _picture(torch.mm(pixels, _matrix(third)), filtered)
            each = _cut_off(each, filtered, each)
            stride = list(ctx.way.stride)
            if of_second:
                gradients[3:5] = weight_gradient(each, inner, second, stride, ctx.pad), _pixels(each).sum(0)
            if of_value or of_first:
                wider = input_gradient(each, inner, second, stride, ctx.pad)
                wider = wider if ctx.as_is else _trimmed(wider, ctx.way.pad)
        if of_tapped is not None and (of_value or of_first):
            wider = _with_tapped(wider, of_tapped[:, :, None, None], wide, middle, tapped, ctx.way.tap)
        if wider is not None and first is not None:
            out = wider if ctx.as_is else torch.empty_like(wide, memory_format=torch.channels_last)
            widened = _pixels(_cut_off(wider, wide, out))
            if of_first:
                gradients[1:3] = _of_matrix(widened, value, first)
            wider = _picture(torch.mm(widened, _matrix(first)), value) if of_value else None
        if wider is not None and pixels is not None and ctx.way.skip:
            wider += _picture(pixels, value)
        gradients[0] = wider
        return tuple(gradients)


def _of_matrix(pixels: Tensor, entered: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
    """Return the gradients of the weight and bias of a 1x1 convolution."""
    return torch.mm(pixels.t(), _pixels(entered)).view_as(weight), pixels.sum(0)


def _is_even(pad: tuple[int, int, int, int]) -> bool:
    return pad[0] == pad[1] and pad[2] == pad[3]


def _needed(needs: Sequence[bool]) -> tuple[bool, bool, bool, bool]:
    """Return whether the entering value, and each convolution's weight or bias, need a gradient."""
    return needs[0], needs[1] or needs[2], needs[3] or needs[4], needs[5] or needs[6]


def _trimmed(value: Tensor, pad: tuple[int, int, int, int]) -> Tensor:
    """See what is inside of padding."""
    top, bottom, left, right = pad
    return value[:, :, top : value.shape[2] - bottom, left : value.shape[3] - right]


def _with_tapped(
    so_far: Tensor | None, of_tapped: Tensor, wide: Tensor, middle: Tensor, tapped: Tensor, tap: str
) -> Tensor:
    """Add the gradient of a tap; that of a deviation is (value - mean) / deviation / places."""
    share = of_tapped / (wide.shape[2] * wide.shape[3])
    if so_far is None:
        so_far = torch.zeros_like(wide)
    if tap == "mean":
        return so_far.add_(share)
    return so_far.addcmul_(wide - middle, (share / tapped).to(wide.dtype))


class _PooledPointwise(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, value: Tensor, weight: Tensor, bias: Tensor, kind: torch.dtype) -> Tensor:
        value, weight = value.to(kind).contiguous(memory_format=torch.channels_last), weight.to(kind)
        activated = rectified(value, weight, bias.to(kind), (1, 1), (0, 0))
        ctx.save_for_backward(value, weight, activated)
        return activated.mean((2, 3))

    @staticmethod
    @torch.autograd.function.once_differentiable  # type: ignore[untyped-decorator]
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        value, weight, activated = ctx.saved_tensors
        of_value, of_weight, of_bias, _ = ctx.needs_input_grad
        share = (gradient / (activated.shape[2] * activated.shape[3])).to(activated.dtype)[:, :, None, None]
        pixels = _pixels(_cut_off(share.expand_as(activated), activated, torch.empty_like(activated)))
        of_entered = _picture(torch.mm(pixels, _matrix(weight)), value) if of_value else None
        return (
            of_entered,
            *(_of_matrix(pixels, value, weight) if of_weight or of_bias else (None, None)),
            None,
        )
