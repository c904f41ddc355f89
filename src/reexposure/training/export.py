"""Checkpoint -> ONNX network with fp16 weights, checked against torch."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from reexposure import network
from reexposure.errors import one_line
from reexposure.files import written_aside
from reexposure.training.generator import Generator, masks_of
from reexposure.training.recipe import from_dict

MAX_BYTES = 24_000_000
HALF = ".half"
"""Ends the name of a weight that is stored as fp16."""


def load_generator(checkpoint: Path) -> tuple[Generator, int]:
    """The averaged generator of a checkpoint, ready to predict, and its stride.

    Raises OSError naming the file if it is no checkpoint of ours.
    """
    try:
        state = torch.load(checkpoint, map_location="cpu", weights_only=True)
        architecture = from_dict(state["recipe"]).generator
        generator = Generator(architecture)
        generator.load_state_dict(state["averaged"])
    except Exception as error:
        raise OSError(f"{checkpoint}: no checkpoint of `reexpose train` ({str(error).splitlines()[0]})") from error
    return generator.eval(), architecture.stride


def load_weights(onnx_file: Path) -> dict[str, torch.Tensor]:
    """The weights of an exported network by their names in the generator, rounded to fp16 as they are stored.

    Raises OSError naming the file if it is no ONNX network.
    """
    try:
        stored = onnx.load(onnx_file).graph.initializer
    except Exception as error:  # protobuf's have no common ancestor of their own
        raise OSError(f"{onnx_file}: no ONNX network ({one_line(error)})") from error
    weights = {weight.name.removesuffix(HALF): numpy_helper.to_array(weight) for weight in stored}
    return {name: torch.from_numpy(array.astype(np.float32)) for name, array in weights.items()}


def export(checkpoints: Sequence[Path], out: Path) -> tuple[float, float]:
    """Write ``out``, the mean of the weights of ``checkpoints``; returns how far it is from torch at most.

    That is of gain in EV and of correction in 8-bit levels.

    The network takes `photo` (1, 3, h, w) and `masks` (1, 6, h, w) and gives `gain` and `correction`,
    (1, 3, h, w) each; h and w are any multiples of its stride. Weights are stored as fp16 and computed with as fp32.
    Runs that go on from one another agree well enough for their mean to be better than each (Wortsman et al. 2022,
    "Model soups"). Raises ValueError if the file would be larger than MAX_BYTES, or if architectures differ.
    """
    generator, stride = load_generator(checkpoints[0])
    states = [generator.state_dict(), *(load_generator(other)[0].state_dict() for other in checkpoints[1:])]
    try:
        generator.load_state_dict({name: torch.stack([s[name] for s in states]).mean(0) for name in states[0]})
    except (KeyError, RuntimeError) as error:
        raise ValueError(f"{', '.join(map(str, checkpoints))}: generators of several architectures") from error
    model = _to_onnx(generator, stride)
    _store_as_half(model)
    data = model.SerializeToString()
    if len(data) > MAX_BYTES:
        raise ValueError(f"{out}: {len(data) / 1e6:.1f} MB is more than {MAX_BYTES / 1e6:.0f}")
    with written_aside(out) as aside:
        aside.write_bytes(data)
    return _difference(generator, data, stride)


def _to_onnx(generator: Generator, stride: int) -> onnx.ModelProto:
    encoded = torch.rand(1, 3, 4 * stride, 6 * stride)
    rows, columns = (torch.export.Dim(name, min=1, max=512) for name in ("rows", "columns"))
    sizes = {2: stride * rows, 3: stride * columns}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own deprecations
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        program = torch.onnx.export(
            generator, (encoded**2, masks_of(encoded)), dynamo=True, verbose=False, opset_version=18,
            input_names=["photo", "masks"], output_names=["gain", "correction"], dynamic_shapes=(sizes, sizes),
        )  # fmt: skip
    assert program is not None
    model: onnx.ModelProto = program.model_proto
    del model.metadata_props[:]
    for node in model.graph.node:  # source lines of this machine
        del node.metadata_props[:]
        node.doc_string = ""
    return model


def _store_as_half(model: onnx.ModelProto) -> None:
    """Keep weights as fp16 and cast them when the network is loaded: half the file, same speed."""
    casts = []
    for weight in model.graph.initializer:
        array = numpy_helper.to_array(weight)
        if array.dtype == np.float32 and array.size > 64:
            name, half = weight.name, weight.name + HALF
            weight.CopyFrom(numpy_helper.from_array(array.astype(np.float16), half))
            casts.append(helper.make_node("Cast", [half], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    # Shapes noted for values that were initializers no longer hold as such.
    del model.graph.value_info[:]
    onnx.checker.check_model(model)


def _difference(generator: Generator, data: bytes, stride: int) -> tuple[float, float]:
    session = network.session(data)
    encoded = torch.rand(1, 3, 5 * stride, 3 * stride, generator=torch.Generator().manual_seed(0))
    photo, masks = encoded**2, masks_of(encoded)
    with torch.no_grad():
        wanted = generator(photo, masks)
    got = session.run(["gain", "correction"], {"photo": photo.numpy(), "masks": masks.numpy()})
    ev, encoded_off = (float(np.abs(g - w.numpy()).max()) for g, w in zip(got, wanted, strict=True))
    return ev, 255 * encoded_off
