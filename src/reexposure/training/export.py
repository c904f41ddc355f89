"""Checkpoint -> network: a folder of ONNX graphs with fp16 weights, checked against torch."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from jaxtyping import Float
from onnx import TensorProto, helper, numpy_helper
from onnxscript import optimizer
from torch import Tensor, nn

from reexposure.errors import one_line
from reexposure.files import written_aside
from reexposure.reconstruction import network as sessions
from reexposure.training import graphs
from reexposure.training.detail import DetailNetwork
from reexposure.training.generator import Architecture, Generator, Silent, masks_of
from reexposure.training.recipe import Recipe, from_dict
from reexposure.training.shadows import CELL_PX

MAX_BYTES = 24_000_000
STRIDE = 32
"""Of whose multiples the detail network takes pictures."""

SHADOWS = Architecture(only_shadows=True)

HALF = ".half"
"""Ends the name of a weight that is stored as fp16."""


@dataclass(frozen=True)
class Half:
    """What of a generator becomes a graph."""

    module: nn.Module
    given: dict[str, Tensor]
    """What it takes, as planes: an example, by name."""
    outputs: tuple[str, ...]
    """What it gives; the first is what the graph is made of."""
    stride: int
    """Of whose multiples the sides of planes are."""


class Cleaning(nn.Module):
    """Of a generator what cleans shadows, with its names."""

    def __init__(self, generator: Generator) -> None:
        super().__init__()
        self.shadows = generator.shadows

    def forward(self, encoded: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b 12 h2 w2"]:
        found: Tensor = self.shadows(encoded)
        return found


def load_generator(checkpoint: Path) -> tuple[Generator, int]:
    """The averaged generator of a checkpoint, ready to predict, and its stride.

    Raises OSError naming the file if it is no checkpoint of ours.
    """
    recipe, state = _state(checkpoint)
    generator = Generator(recipe.generator)
    try:
        generator.load_state_dict(fitting(generator, state["averaged"]))
    except Exception as error:
        raise OSError(f"{checkpoint}: no checkpoint of `reexpose train` ({one_line(error)})") from error
    return generator.eval(), recipe.generator.stride


def fitting(generator: nn.Module, weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """``weights`` for the whole generator: an encoder that they lack is the one it has, which adds nothing yet.

    So are shadows of another form than today's. Raises KeyError if anything else is missing.
    """
    own = generator.state_dict()
    kept = [part for part in ("meaning.", "attention.", "shadows.") if not _have(weights, own, part)]
    return {name: own[name] if name.startswith(tuple(kept)) else weights[name] for name in own}


def _have(weights: dict[str, Tensor], own: dict[str, Tensor], part: str) -> bool:
    """Whether all of a part of the generator is in ``weights``."""
    return all(name in weights for name in own if name.startswith(part))


def load_weights(network: Path) -> dict[str, torch.Tensor]:
    """The weights of an exported network by their names in the generator, rounded to fp16 as they are stored.

    ``network`` is its folder, or a single file that holds all of them. Raises OSError naming it if it is no network.
    """
    stored: list[onnx.TensorProto] = []
    try:
        for file in [network / f"{graph}.onnx" for graph in ("light", "shadows")] if network.is_dir() else [network]:
            stored += onnx.load(file).graph.initializer
    except Exception as error:  # protobuf's have no common ancestor of their own
        raise OSError(f"{network}: no ONNX network ({one_line(error)})") from error
    weights = {weight.name.removesuffix(HALF): numpy_helper.to_array(weight) for weight in stored}
    return {name: torch.from_numpy(array.astype(np.float32)) for name, array in weights.items()}


def export(
    checkpoints: Sequence[Path], out: Path, overwrite: bool = True, shares: Sequence[float] | None = None
) -> tuple[float, float]:
    """Write the mean of the weights of ``checkpoints`` to the folder ``out``; returns how far it is from torch at most.

    That is of gain in EV and of correction in 8-bit levels. ``shares`` are how much each counts; they need not add up
    to 1. The first checkpoint says what the network is made of; an encoder or attention that another lacks adds
    nothing in its share.

    The graphs are those that `files_of` names (see `graphs`). Weights are stored as fp16 and computed with as fp32.
    Runs that go on from one another agree well enough for their mean to be better than each (Wortsman et al. 2022,
    "Model soups"). Raises ValueError if the files would be larger than MAX_BYTES, or if architectures differ.
    """
    names = files_of(checkpoints[0])
    if names == ("detail",):
        return _export_detail(checkpoints, out, overwrite, shares)
    generator, stride = load_generator(checkpoints[0])
    _take_mean(generator, checkpoints, shares)
    files, off = {}, {"light": 0.0, "shadows": 0.0}
    for name in names:
        half = _light(generator, stride) if name == "light" else _shadows(generator)
        model = _to_onnx(half.module, half.given, list(half.outputs), half.stride)
        files[f"{name}.onnx"] = getattr(graphs, name)(model, half.stride).SerializeToString()
        off[name] = _difference(half, model.SerializeToString())
    size = sum(map(len, files.values()))
    if size > MAX_BYTES:
        raise ValueError(f"{out}: {size / 1e6:.1f} MB is more than {MAX_BYTES / 1e6:.0f}")
    out.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        with written_aside(out / name, overwrite) as aside:
            aside.write_bytes(data)
    return off["light"], 255 * off["shadows"]


def files_of(checkpoint: Path) -> tuple[str, ...]:
    """The graphs that an export of ``checkpoint`` writes, without their suffix.

    Not those that it does not teach, nor shadows of another form than today's. Raises OSError naming the file if it is
    no checkpoint of ours.
    """
    recipe, state = _state(checkpoint)
    if recipe.detail.widths:
        return ("detail",)
    if recipe.generator.only_shadows:
        return ("shadows",)
    todays = _have(state["averaged"], Generator(SHADOWS).state_dict(), "shadows.")
    return ("light", "shadows") if todays else ("light",)


def _state(checkpoint: Path) -> tuple[Recipe, dict[str, Any]]:
    try:
        state = torch.load(checkpoint, map_location="cpu", weights_only=True)
        return from_dict(state["recipe"]), state
    except Exception as error:
        raise OSError(f"{checkpoint}: no checkpoint of `reexpose train` ({one_line(error)})") from error


def _take_mean(network: nn.Module, checkpoints: Sequence[Path], shares: Sequence[float] | None) -> None:
    weights = torch.tensor(shares or [1.0] * len(checkpoints))
    weights = weights / weights.sum()
    try:
        states = [_with_silence(network, _state(checkpoint)[1]["averaged"]) for checkpoint in checkpoints]
        means = {name: torch.stack([state[name] for state in states]) for name in states[0]}
        network.load_state_dict({name: torch.tensordot(weights, each, 1) for name, each in means.items()})
    except (KeyError, RuntimeError) as error:
        raise ValueError(f"{', '.join(map(str, checkpoints))}: generators of several architectures") from error


def _with_silence(network: nn.Module, weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """`fitting` weights, whose missing parts say nothing: those of ``network`` may have learnt to."""
    silent = {
        f"{name}.{part}": torch.zeros_like(values)
        for name, module in network.named_modules()
        if isinstance(module, Silent)
        for part, values in module.state_dict().items()
    }
    return {
        name: silent.get(name, values) if name not in weights else values
        for name, values in fitting(network, weights).items()
    }


def _export_detail(
    checkpoints: Sequence[Path], out: Path, overwrite: bool, shares: Sequence[float] | None
) -> tuple[float, float]:
    """Write `detail.onnx` beside the other graphs in ``out``; returns how far it is from torch at most, in EV."""
    network = DetailNetwork(_state(checkpoints[0])[0].detail).eval()
    _take_mean(network, checkpoints, shares)
    dice = torch.Generator().manual_seed(0)
    photo, gain = (torch.rand(1, 3, 4 * STRIDE, 6 * STRIDE, generator=dice) for _ in range(2))
    given = {"photo": (2 * photo).clip(0, 1), "gain": gain, "noise": torch.randn(1, 1, *gain.shape[2:], generator=dice)}
    model = _to_onnx(network, given, ["drawn"], STRIDE)
    out.mkdir(parents=True, exist_ok=True)
    with written_aside(out / "detail.onnx", overwrite) as aside:
        aside.write_bytes(graphs.detail(model, STRIDE).SerializeToString())
    session = sessions.session(model.SerializeToString())
    with torch.no_grad():
        wanted = network(*given.values()).numpy()
    got = session.run(["drawn"], {name: value.numpy() for name, value in given.items()})[0]
    return float(np.abs(got - wanted).max()), 0.0


def _to_onnx(
    generator: torch.nn.Module, given: dict[str, torch.Tensor], outputs: list[str], stride: int
) -> onnx.ModelProto:
    """``generator`` as a graph of planes of any multiple of ``stride``, its weights stored as fp16."""
    rows, columns = (torch.export.Dim(name, min=1, max=512) for name in ("rows", "columns"))
    sizes = {2: stride * rows, 3: stride * columns}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own deprecations
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        program = torch.onnx.export(
            generator, tuple(given.values()), dynamo=True, verbose=False, opset_version=18, optimize=False,
            input_names=list(given), output_names=outputs, dynamic_shapes=(sizes,) * len(given),
        )  # fmt: skip
    assert program is not None
    # Weights are large: none is to be folded into another, by whose name nobody would find it again.
    model: onnx.ModelProto = optimizer.optimize(program.model_proto, input_size_limit=64)
    del model.metadata_props[:]
    for node in model.graph.node:  # source lines of this machine
        del node.metadata_props[:]
        node.doc_string = ""
    _store_as_half(model)
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


def _light(generator: Generator, stride: int) -> Half:
    encoded = torch.rand(1, 3, 4 * stride, 6 * stride, generator=torch.Generator().manual_seed(0))
    given = {"photo": encoded**2, "masks": masks_of(encoded)}
    return Half(generator, given, ("gain", "correction"), stride)


def _shadows(generator: Generator) -> Half:
    encoded = torch.rand(1, 3, 4 * CELL_PX, 6 * CELL_PX, generator=torch.Generator().manual_seed(0))
    return Half(Cleaning(generator), {"photo": encoded}, ("correction",), CELL_PX)


def _difference(half: Half, data: bytes) -> float:
    """How far the first of its outputs is from what torch says, at most."""
    session = sessions.session(data)
    given = {name: values[..., half.stride :, : -half.stride] for name, values in half.given.items()}
    with torch.no_grad():
        wanted = half.module(*given.values())
    wanted = wanted if isinstance(wanted, Tensor) else wanted[0]
    got = session.run([half.outputs[0]], {name: values.numpy() for name, values in given.items()})[0]
    return float(np.abs(got - wanted.numpy()).max())
