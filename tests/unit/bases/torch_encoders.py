"""The same networks in plain torch, to compare graphs with. Import after `importorskip("torch")`."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F

LITE_STRIDES = (1, 2, 2, 2, 1, 2, 1)


def efficientnet_lite(
    weights: dict[str, np.ndarray], pixels: np.ndarray, repeats: tuple[int, ...]
) -> tuple[np.ndarray, ...]:
    w = {k: torch.from_numpy(np.array(v)) for k, v in weights.items()}

    def norm(x: torch.Tensor, name: str) -> torch.Tensor:
        mean, var = w[name + "running_mean"], w[name + "running_var"]
        return F.batch_norm(x, mean, var, w[name + "weight"], w[name + "bias"], False, 0.0, 1e-3)

    def conv(x: torch.Tensor, name: str, stride: int = 1, each: bool = False) -> torch.Tensor:
        kernel = w[name + "weight"]
        width, size = kernel.shape[-1], x.shape[-1]
        padding = max((-(-size // stride) - 1) * stride + width - size, 0)
        x = F.pad(x, (padding // 2, padding - padding // 2, padding // 2, padding - padding // 2))
        return F.conv2d(x, kernel, stride=stride, groups=kernel.shape[0] if each else 1)

    with torch.no_grad():
        x = (torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255 - 0.5) / 0.5
        x = F.relu6(norm(conv(x, "_conv_stem.", 2), "_bn0."))
        number = 0
        wide: list[tuple[int, torch.Tensor]] = []
        for stage, (count, first_stride) in enumerate(zip(repeats, LITE_STRIDES, strict=True)):
            for place in range(count):
                prefix, stride = f"_blocks.{number}.", first_stride if place == 0 else 1
                y = x
                if prefix + "_expand_conv.weight" in w:
                    y = F.relu6(norm(conv(y, prefix + "_expand_conv."), prefix + "_bn0."))
                    wide.append((stage, y))
                y = F.relu6(norm(conv(y, prefix + "_depthwise_conv.", stride, True), prefix + "_bn1."))
                y = norm(conv(y, prefix + "_project_conv."), prefix + "_bn2.")
                x = y + x if stride == 1 and y.shape == x.shape else y
                number += 1
        embedding = F.relu6(norm(conv(x, "_conv_head."), "_bn1.")).mean((2, 3))
        logits = F.linear(embedding, w["_fc.weight"], w["_fc.bias"])
        mid, late = [y for stage, y in wide if stage == 5][:2]
        late = late.flatten(2).std(2, correction=0)
    return embedding.numpy(), logits.numpy(), mid.mean((2, 3)).numpy(), late.numpy()


def bert(
    weights: dict[str, np.ndarray],
    ids: np.ndarray,
    mask: np.ndarray,
    heads: int,
    epsilon: float = 1e-12,
    pooling: str = "mean",
) -> np.ndarray:
    w = {k: torch.from_numpy(np.array(v)) for k, v in weights.items()}
    layers = 1 + max(int(name.split(".")[2]) for name in w if name.startswith("encoder.layer."))

    def norm(x: torch.Tensor, name: str) -> torch.Tensor:
        return F.layer_norm(
            x, x.shape[-1:], w[name + "LayerNorm.weight"], w[name + "LayerNorm.bias"], epsilon
        )

    def linear(x: torch.Tensor, name: str) -> torch.Tensor:
        return F.linear(x, w[name + "weight"], w[name + "bias"])

    with torch.no_grad():
        tokens, seen = torch.from_numpy(ids), torch.from_numpy(mask)
        n, length = ids.shape
        x = (
            w["embeddings.word_embeddings.weight"][tokens]
            + w["embeddings.position_embeddings.weight"][:length]
        )
        x = norm(x + w["embeddings.token_type_embeddings.weight"][0], "embeddings.")
        size = x.shape[-1] // heads
        hidden = (seen[:, None, None, :] == 0).expand(n, heads, length, length)
        for layer in range(layers):
            prefix = f"encoder.layer.{layer}."
            q, k, v = (
                linear(x, f"{prefix}attention.self.{kind}.").view(n, length, heads, size).transpose(1, 2)
                for kind in ("query", "key", "value")
            )
            scores = (q @ k.transpose(-1, -2) / size**0.5).masked_fill(hidden, float("-inf"))
            mixed = (scores.softmax(-1) @ v).transpose(1, 2).reshape(n, length, -1)
            x = norm(linear(mixed, prefix + "attention.output.dense.") + x, prefix + "attention.output.")
            y = F.gelu(linear(x, prefix + "intermediate.dense."))
            x = norm(linear(y, prefix + "output.dense.") + x, prefix + "output.")
        weight = seen[:, :, None].float()
        pooled = (x * weight).sum(1) / weight.sum(1) if pooling == "mean" else x[:, 0]
        return F.normalize(pooled, dim=1).numpy()
