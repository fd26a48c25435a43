"""The sound networks and front ends written plainly in torch and NumPy, to compare graphs with.

Import after ``importorskip("torch")``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import torch
import torch.nn.functional as F
from mel_formulae import mel_bank
from onnx import ModelProto, NodeProto, helper, numpy_helper

Arrays = Mapping[str, np.ndarray]


def tensor_of(array: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.array(array))  # a copy: torch warns of arrays that cannot be written to


def stft(wave: np.ndarray, fft: int, hop: int, *, centred: bool) -> torch.Tensor:
    """Transform ``[N, samples]`` to complex ``[N, bins, T]`` in float64."""
    window = torch.hann_window(fft, dtype=torch.float64)
    return torch.stft(
        torch.from_numpy(wave).double(),
        fft,
        hop,
        window=window,
        center=centred,
        pad_mode="reflect",
        return_complex=True,
    )


def whisper_log_mel(wave: np.ndarray) -> torch.Tensor:
    power = stft(wave, 400, 160, centred=True)[..., :-1].abs() ** 2
    bank = torch.from_numpy(mel_bank(80, 400, 16000, 0, 8000, "slaney", area_one=True))
    logs = (bank.T @ power).clamp(min=1e-10).log10()
    logs = torch.maximum(logs, logs.amax((1, 2), keepdim=True) - 8)
    return ((logs + 4) / 4).float()


def whisper(weights: Arrays, wave: np.ndarray) -> dict[str, np.ndarray]:
    w = {name: tensor_of(value) for name, value in weights.items()}
    heads = int(w["num_heads"])

    def norm(x: torch.Tensor, name: str) -> torch.Tensor:
        return F.layer_norm(
            x, x.shape[-1:], w[name + "/layer_norm/gamma"], w[name + "/layer_norm/beta"], 1e-5
        )

    def linear(x: torch.Tensor, name: str) -> torch.Tensor:
        return F.linear(x, w[name + "/weight"], w[name + "/bias"])

    x = whisper_log_mel(wave)
    x = F.gelu(F.conv1d(x, w["conv1/weight"], w["conv1/bias"], padding=1))
    x = F.gelu(F.conv1d(x, w["conv2/weight"], w["conv2/bias"], stride=2, padding=1)).transpose(1, 2)
    x = x + w["position_encodings/encodings"][: x.shape[1]]
    found = {}
    for layer in range(sum(name.endswith("ffn/linear_0/weight") for name in w)):
        name = f"layer_{layer}/self_attention"
        parts = linear(norm(x, name), name + "/linear_0").chunk(3, -1)
        q, k, v = (part.unflatten(-1, (heads, -1)).transpose(1, 2) for part in parts)
        mixed = ((q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5).softmax(-1) @ v).transpose(1, 2).flatten(2)
        x = x + linear(mixed, name + "/linear_1")
        name = f"layer_{layer}/ffn"
        x = x + linear(F.gelu(linear(norm(x, name), name + "/linear_0")), name + "/linear_1")
        found[f"layer_{layer + 1}"] = x.mean(1).numpy()
    x = F.layer_norm(x, x.shape[-1:], w["layer_norm/gamma"], w["layer_norm/beta"], 1e-5)
    return {"embedding": torch.cat([x.mean(1), x.amax(1)], 1).numpy(), **found}


def whisper_weights_of(model: ModelProto, heads: int) -> dict[str, np.ndarray]:
    """Read the trained weights back out of a prepared graph, in the order in which it uses them."""
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    users = {name: node for node in model.graph.node for name in node.input}

    def bias_after(node: NodeProto) -> np.ndarray:
        return next(arrays[name] for name in users[node.output[0]].input if name in arrays)

    products = [n for n in model.graph.node if n.op_type == "MatMul" and n.input[1] in arrays][2:]
    convolutions = [n for n in model.graph.node if n.op_type == "Conv"]
    norms = [n for n in model.graph.node if n.op_type == "LayerNormalization"]
    weights = {"num_heads": np.array(float(heads), np.float32)}
    for number, node in enumerate(convolutions, start=1):
        weights[f"conv{number}/weight"], weights[f"conv{number}/bias"] = (
            arrays[name] for name in node.input[1:]
        )
    width = len(weights["conv1/bias"])
    (weights["position_encodings/encodings"],) = (
        a
        for a in arrays.values()
        if a.ndim == 2 and a.shape[1] == width and a.shape[0] > 1000 and a.shape[0] % 100 == 0
    )
    for layer in range(len(products) // 6):
        six = products[6 * layer : 6 * layer + 6]
        scale = (width // heads) ** 0.5  # the graph keeps queries already divided by this
        fused = [(arrays[n.input[1]].T, bias_after(n)) for n in six[:3]]
        fused[0] = (fused[0][0] * scale, fused[0][1] * scale)
        stem = f"layer_{layer}/self_attention/"
        weights[stem + "linear_0/weight"] = np.concatenate([matrix for matrix, _ in fused])
        weights[stem + "linear_0/bias"] = np.concatenate([bias for _, bias in fused])
        for name, node in zip(
            (stem + "linear_1", f"layer_{layer}/ffn/linear_0", f"layer_{layer}/ffn/linear_1"),
            six[3:],
            strict=True,
        ):
            weights[name + "/weight"], weights[name + "/bias"] = arrays[node.input[1]].T, bias_after(node)
        for name, node in zip((stem, f"layer_{layer}/ffn/"), norms[2 * layer : 2 * layer + 2], strict=True):
            weights[name + "layer_norm/gamma"], weights[name + "layer_norm/beta"] = (
                arrays[i] for i in node.input[1:]
            )
    weights["layer_norm/gamma"], weights["layer_norm/beta"] = (arrays[name] for name in norms[-1].input[1:])
    return {name: np.ascontiguousarray(value) for name, value in weights.items()}


def yamnet_log_mel(wave: np.ndarray) -> np.ndarray:
    """One wave ``(samples,)`` to ``(T, 64)``, padded so that T is 96 + 48 k."""
    patches = max(0, math.ceil((len(wave) - 15600) / 7680)) + 1
    wave = np.pad(wave.astype(np.float64), (0, max(0, 15600 + 7680 * (patches - 1) - len(wave))))
    frames = np.stack([wave[i * 160 : i * 160 + 400] for i in range(96 + 48 * (patches - 1))])
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 400)
    magnitude = np.abs(np.fft.rfft(frames * window, 512))
    bank = mel_bank(64, 512, 16000, 125, 7500, "htk", slopes_in_mel=True)
    return np.log(magnitude @ bank + 0.001)


def convolutions_of(model: ModelProto) -> list[tuple[np.ndarray, np.ndarray, dict[str, object]]]:
    """Kernels, biases and attributes of a graph's convolutions, in order."""
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    found = []
    for node in model.graph.node:
        if node.op_type == "Conv":
            kernel = arrays[node.input[1]]
            bias = arrays[node.input[2]] if len(node.input) > 2 else np.zeros(len(kernel), np.float32)
            found.append((kernel, bias, {a.name: helper.get_attribute_value(a) for a in node.attribute}))
    return found


def yamnet(
    kernels: list[tuple[np.ndarray, np.ndarray]],
    head: tuple[np.ndarray, np.ndarray],
    wave: np.ndarray,
    strides: tuple[int, ...],
) -> tuple[np.ndarray, np.ndarray]:
    """MobileNet v1 as published: a full convolution, then 13 times depthwise and pointwise, all with ReLU.

    ``strides`` are those of the first and of the 13 depthwise convolutions; padding is TensorFlow's SAME.
    """
    mel = yamnet_log_mel(wave).astype(np.float32)
    patches = np.stack([mel[s : s + 96] for s in range(0, len(mel) - 95, 48)])
    x = torch.from_numpy(patches)[:, None]
    for number, (kernel, bias) in enumerate(kernels):
        depthwise = number % 2 == 1
        stride = strides[(number + 1) // 2] if number == 0 or depthwise else 1
        height, width = kernel.shape[2:]
        down = max((-(-x.shape[2] // stride) - 1) * stride + height - x.shape[2], 0)
        across = max((-(-x.shape[3] // stride) - 1) * stride + width - x.shape[3], 0)
        x = F.pad(x, (across // 2, across - across // 2, down // 2, down - down // 2))
        x = F.relu(
            F.conv2d(
                x,
                tensor_of(kernel),
                tensor_of(bias),
                stride,
                groups=x.shape[1] if depthwise else 1,
            )
        )
    features = x.mean((2, 3))
    logits = F.linear(features, tensor_of(head[0]), tensor_of(head[1]))
    return features.mean(0).numpy(), logits.mean(0).numpy()


def speech_embedding(model: ModelProto, wave: np.ndarray) -> np.ndarray:
    """Run a prepared graph's convolutions and poolings on each window of 76 frames alone."""
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    basis, bands = (tensor_of(arrays[n.input[1]]).double() for n in model.graph.node if n.op_type == "MatMul")
    frames = tensor_of(wave).double().unfold(0, len(basis), 160)
    levels = 10 * ((frames @ basis) ** 2 @ bands).clamp(min=1e-10).log10()
    levels = (torch.maximum(levels, levels.max() - 80) / 10 + 2).float()
    x = torch.stack([levels[i : i + 76] for i in range(0, len(levels) - 75, 8)])[:, None]
    started = False
    for node in model.graph.node:
        attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        started = started or node.op_type == "Conv"
        if node.op_type == "Conv":
            bias = tensor_of(arrays[node.input[2]]) if len(node.input) > 2 else None
            padding = tuple(attributes.get("pads", [0, 0])[:2])
            x = F.conv2d(x, tensor_of(arrays[node.input[1]]), bias, padding=padding)
        elif node.op_type == "MaxPool":
            x = F.max_pool2d(x, tuple(attributes["kernel_shape"]), tuple(attributes["strides"]))
        elif node.op_type == "LeakyRelu":
            x = F.leaky_relu(x, attributes["alpha"])
        elif node.op_type == "Max" and started:
            x = x.clamp(min=float(arrays[node.input[1]].ravel()[0]))
    windows = x[:, :, 0, 0]
    return torch.cat([windows.mean(0), windows.amax(0)]).numpy()
