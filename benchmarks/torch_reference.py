"""The base models as plain torch modules: what a person would otherwise run, and a check on our graphs.

Written from the papers and the weight files' own key names. Eager mode, default layout, no tricks, as
tutorials do it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

_LITE_BLOCKS = [  # repeats, kernel, stride, expansion, channels in, channels out (EfficientNet-B0, table 1)
    (1, 3, 1, 1, 32, 16),
    (2, 3, 2, 6, 16, 24),
    (2, 5, 2, 6, 24, 40),
    (3, 3, 2, 6, 40, 80),
    (3, 5, 1, 6, 80, 112),
    (4, 5, 2, 6, 112, 192),
    (1, 3, 1, 6, 192, 320),
]


class SameConv(nn.Conv2d):
    """A convolution padded as TensorFlow's "SAME": asymmetric where the stride demands it."""

    def forward(self, x: Tensor) -> Tensor:
        pads = [
            max((math.ceil(n / s) - 1) * s + k - n, 0)
            for n, s, k in zip(x.shape[-2:], self.stride, self.kernel_size, strict=True)
        ]
        if any(pads):
            high, wide = pads
            x = F.pad(x, (wide // 2, wide - wide // 2, high // 2, high - high // 2))
        return super().forward(x)


class LiteBlock(nn.Module):
    """One inverted residual without squeeze-and-excite."""

    def __init__(self, kernel: int, stride: int, expand: int, inner: int, outer: int) -> None:
        super().__init__()
        wide = inner * expand
        self.expands = expand != 1
        if self.expands:
            self._expand_conv = SameConv(inner, wide, 1, bias=False)
            self._bn0 = nn.BatchNorm2d(wide, eps=1e-3)
        self._depthwise_conv = SameConv(wide, wide, kernel, stride, groups=wide, bias=False)
        self._bn1 = nn.BatchNorm2d(wide, eps=1e-3)
        self._project_conv = SameConv(wide, outer, 1, bias=False)
        self._bn2 = nn.BatchNorm2d(outer, eps=1e-3)
        self.residual = stride == 1 and inner == outer

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu6(self._bn0(self._expand_conv(x))) if self.expands else x
        y = F.relu6(self._bn1(self._depthwise_conv(y)))
        y = self._bn2(self._project_conv(y))
        return x + y if self.residual else y


class EfficientNetLite0(nn.Module):
    """EfficientNet-Lite0: normalised ``(n, 3, 224, 224)`` pixels to 1280 features and 1000 logits."""

    def __init__(self) -> None:
        super().__init__()
        self._conv_stem = SameConv(3, 32, 3, 2, bias=False)
        self._bn0 = nn.BatchNorm2d(32, eps=1e-3)
        blocks = []
        for repeats, kernel, stride, expand, inner, outer in _LITE_BLOCKS:
            for i in range(repeats):
                blocks.append(
                    LiteBlock(kernel, stride if i == 0 else 1, expand, inner if i == 0 else outer, outer)
                )
        self._blocks = nn.ModuleList(blocks)
        self._conv_head = SameConv(320, 1280, 1, bias=False)
        self._bn1 = nn.BatchNorm2d(1280, eps=1e-3)
        self._fc = nn.Linear(1280, 1000)

    def features(self, x: Tensor) -> Tensor:
        """Return the pooled ``(n, 1280)`` features."""
        x = F.relu6(self._bn0(self._conv_stem(x)))
        for block in self._blocks:
            x = block(x)
        return F.relu6(self._bn1(self._conv_head(x))).mean(dim=(2, 3))

    def forward(self, x: Tensor) -> Tensor:
        return self._fc(self.features(x))


class MiniLM(nn.Module):
    """BERT with six layers, 384 wide, mean pooling over the mask, unit length (all-MiniLM-L6-v2)."""

    def __init__(self, weights: Mapping[str, Tensor], layers: int = 6, heads: int = 12) -> None:
        super().__init__()
        self.layers, self.heads = layers, heads
        for name, tensor in weights.items():
            self.register_buffer(name.replace(".", "/"), tensor.float(), persistent=False)

    def _w(self, name: str) -> Tensor:
        return self.get_buffer(name.replace(".", "/"))

    def _linear(self, x: Tensor, name: str) -> Tensor:
        return F.linear(x, self._w(f"{name}.weight"), self._w(f"{name}.bias"))

    def _norm(self, x: Tensor, name: str) -> Tensor:
        return F.layer_norm(x, x.shape[-1:], self._w(f"{name}.weight"), self._w(f"{name}.bias"), 1e-12)

    def _layer(self, x: Tensor, mask: Tensor, prefix: str) -> Tensor:
        n, length, width = x.shape
        q, k, v = (
            self._linear(x, f"{prefix}.attention.self.{part}").view(n, length, self.heads, -1).transpose(1, 2)
            for part in ("query", "key", "value")
        )
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        y = self._linear(y.transpose(1, 2).reshape(n, length, width), f"{prefix}.attention.output.dense")
        x = self._norm(x + y, f"{prefix}.attention.output.LayerNorm")
        y = self._linear(F.gelu(self._linear(x, f"{prefix}.intermediate.dense")), f"{prefix}.output.dense")
        return self._norm(x + y, f"{prefix}.output.LayerNorm")

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        x = self._w("embeddings.word_embeddings.weight")[ids]
        x = x + self._w("embeddings.position_embeddings.weight")[: ids.shape[1]]
        x = x + self._w("embeddings.token_type_embeddings.weight")[0]
        x = self._norm(x, "embeddings.LayerNorm")
        allowed = mask[:, None, None, :].bool()
        for layer in range(self.layers):
            x = self._layer(x, allowed, f"encoder.layer.{layer}")
        weight = mask[:, :, None].float()
        return F.normalize((x * weight).sum(1) / weight.sum(1).clamp(min=1e-9), dim=1)


def load_lite0(path: Path) -> EfficientNetLite0:
    """Load the published ``.pth`` file."""
    model = EfficientNetLite0()
    model.load_state_dict(torch.load(path, weights_only=True))
    return model.eval()


def load_minilm(path: Path) -> MiniLM:
    """Load the published ``model.safetensors`` file."""
    from safetensors.torch import load_file

    return MiniLM(load_file(path)).eval()
