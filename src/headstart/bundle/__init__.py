"""The saved model: a folder of plain files, written whole or not at all, checked when it is read.

=====================  ==========================================================================
``manifest.json``      what the model is: recipe, classes, measured quality, and every file's hash
``manifest.sha256``    the manifest's own hash, in the layout that ``sha256sum -c`` reads
``encoder.onnx``       the base model's graph (``encoder_2.onnx``, … where several are blended)
``tokenizer.json``     for text
``head.safetensors``   the trained head: plain arrays
``seen.safetensors``   hashes of the training examples, so that measuring again can leave them out
``doubt.safetensors``  held-out scores and training embeddings: what it takes to say "unsure"
``README.md``          the model card, with the front matter that model hubs read
=====================  ==========================================================================

No file is a pickle, and no file can make anything run when it is read.
"""

from __future__ import annotations

from headstart import persistence
from headstart.bundle.hub import push
from headstart.bundle.load import load, read_report
from headstart.bundle.save import save
from headstart.model import Model

__all__ = ["Model", "load", "push", "read_report", "save"]

# `model.save`, `Model.load` and `model.push_to_hub` are these.
persistence.register(persistence.Store(save=save, load=load, push=push))
