"""The graphs that ship: each half of a generator with all that belongs before and after it.

Whoever runs one of them needs to know nothing of masks, padding or colour: a picture goes in as a photo holds it,
(height, width, 3) of any size, and what comes out is ready to be used. All runtimes run the very same files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from onnx import compose, helper, numpy_helper
from onnx.utils import Extractor
from onnxscript import FLOAT, INT64, opset18, optimizer, script

from reexposure.light import camera

op: Any = opset18  # its types are not those of what a graph's text says with it

if TYPE_CHECKING:
    from typing import Any as Level
    from typing import Any as Matrix
    from typing import Any as Picture
    from typing import Any as Places
    from typing import Any as Plane
    from typing import Any as Planes
    from typing import Any as Size
    from typing import Any as Values
else:
    Picture, Plane, Planes = FLOAT["h", "w", 3], FLOAT["h", "w", 1], FLOAT[1, 3, "h2", "w2"]
    Level, Matrix, Values, Size, Places = FLOAT["h", "w"], FLOAT[3, 3], FLOAT[...], INT64[1], INT64["n"]

OVER_FROM, OVER_RAMP = camera.OVER_FROM, camera.OVER_FULL - camera.OVER_FROM
UNDER_FROM, UNDER_RAMP = camera.UNDER_FROM, camera.UNDER_FROM - camera.UNDER_FULL

HUE_LEFT_OUT = 0.5
"""The share of the predicted hue that is left out where all channels clipped.

There the photo says nothing about hue. What the network says is right a little more often than
wrong (on validation scenes all of it is worth 0.02 dB more than half), but a wrong tint in a white
lamp or a burnt-out sky is what people see first. Where one channel is left, the network's hue stands.
"""

COLOURLESS = 1e-3
"""Channels no further apart, in all pixels, are a grey photo's: a quarter of a level of 8 bits."""


def light(generator: onnx.ModelProto, stride: int) -> onnx.ModelProto:
    """Highlights: `photo` (h, w, 3), encoded sRGB, and `matrix` (3, 3) -> `gain` (h, w, 3) in stops, >= 0.

    ``generator`` takes linear `photo` and `masks` and gives `gain` and `correction`, all as planes whose sides are
    multiples of ``stride``. `matrix` takes linear light from sRGB to the colour space whose channels `gain` is to
    speak of. It is ready to be enlarged, and means nothing far from clipped values.
    """
    return _joined("light", _seen, _half(generator, {"photo": "linear", "gain": "found"}), _ready, stride)


def shadows(generator: onnx.ModelProto, stride: int) -> onnx.ModelProto:
    """Shadows: `photo` (h, w, 3), encoded in any colour space -> `cleaned` (h, w, 3), the same with less noise.

    ``generator`` takes `photo` as planes and gives the `correction` of squares of 2. Well-exposed values stay exactly
    what they are. A part of a photo that begins at multiples of ``stride``, and brings what is seen around it, is
    cleaned as in the whole.
    """
    names = {"photo": "encoded", "correction": "found"}
    return _joined("shadows", _dark, _half(generator, names), _cleaned, stride)


def detail(generator: onnx.ModelProto, stride: int) -> onnx.ModelProto:
    """Detail: `photo` (h, w, 3), encoded, its `gain` (h, w, 3) and `noise` (h, w) -> `drawn` (h, w, 3), in stops.

    ``generator`` takes and gives the same as planes. `drawn` is to be added to the gain. A part of a photo that begins
    at multiples of ``stride`` is drawn as in the whole, but for what lies within reach of where it was cut.
    """
    names = {"photo": "encoded", "gain": "faithful", "noise": "grain", "drawn": "found"}
    return _joined("detail", _drawn_on, _half(generator, names), _drawn, stride)


@script()
def _over(encoded: Values) -> Values:
    return op.Clip((encoded - OVER_FROM) / OVER_RAMP, 0.0, 1.0)


@script()
def _under(encoded: Values) -> Values:
    return op.Clip((UNDER_FROM - encoded) / UNDER_RAMP, 0.0, 1.0)


@script()
def _reflected(size: Size, stride: Size) -> Places:
    """Where a side is read so that reflection continues it to a multiple of the stride."""
    whole = op.Squeeze((size + stride - 1) / stride * stride)
    place = op.Mod(op.Range(0, whole, 1), 2 * size)
    return op.Min(place, 2 * size - 1 - place)


@script()
def _planes(values: Values, stride: Size) -> Values:
    """A picture as planes, reflected to multiples of the stride."""
    tall = op.Gather(values, _reflected(op.Shape(values, start=0, end=1), stride), axis=0)
    whole = op.Gather(tall, _reflected(op.Shape(values, start=1, end=2), stride), axis=1)
    return op.Unsqueeze(op.Transpose(whole, perm=[2, 0, 1]), [0])


@script()
def _seen(photo: Picture, stride: Size) -> tuple[Planes, Planes]:
    """What the generator takes: linear light and masks, as planes."""
    encoded = _planes(photo, stride)
    masks = op.Concat(_over(encoded), _under(encoded), axis=1)
    linear = encoded * encoded
    return linear, masks


@script()
def _dark(photo: Picture, stride: Size) -> tuple[Planes, Places]:
    """What the generator takes, as planes, and whether there is a colour in it.

    All that runs at full size is written for time: this is most of what is done for a large photo.
    """
    size = op.Shape(photo, end=2)
    beyond = op.Mod(stride - op.Mod(size, stride), stride)
    whole = op.Pad(photo, op.Concat([0, 0, 0], beyond, [0], axis=0), mode="edge")
    encoded = op.Unsqueeze(op.Transpose(whole, perm=[2, 0, 1]), [0])
    red, green, blue = op.Split(encoded, axis=1, num_outputs=3)
    apart = op.ReduceMax(op.Max(red, green, blue) - op.Min(red, green, blue), keepdims=0)
    coloured = op.CastLike(apart > COLOURLESS, photo)
    return encoded, coloured


@script()
def _drawn_on(photo: Picture, gain: Picture, noise: Level, stride: Size) -> tuple[Planes, Planes, Planes]:
    """What the detail network takes, as planes."""
    encoded = _planes(photo, stride)
    faithful = _planes(gain, stride)
    grain = _planes(op.Unsqueeze(noise, [2]), stride)
    return encoded, faithful, grain


@script()
def _shown(planes: Planes, photo: Picture) -> Picture:
    """What was found, at the photo's size, and without colour if the photo has none."""
    apart = op.ReduceMax(op.ReduceMax(photo, [-1]) - op.ReduceMin(photo, [-1]))
    neutral = op.ReduceMean(planes, [1])
    told = neutral + op.CastLike(apart > COLOURLESS, planes) * (planes - neutral)
    return op.Slice(op.Transpose(op.Squeeze(told, [0]), perm=[1, 2, 0]), [0, 0], op.Shape(photo, end=2), [0, 1])


@script()
def _calmed(gain: Picture, lost: Plane) -> Picture:
    """The gain with less hue where all channels clipped."""
    neutral = op.ReduceMean(gain, [-1])
    return neutral + (gain - neutral) * (1.0 - HUE_LEFT_OUT * lost)


@script()
def _carried(gain: Planes, mask: Planes) -> tuple[Planes, Planes]:
    """The gain, one pixel further than the mask, and where it is known then."""
    known = op.CastLike(mask > 0.0, mask)
    total = op.AveragePool(gain * known, kernel_shape=[3, 3], pads=[1, 1, 1, 1], count_include_pad=1)
    weight = op.AveragePool(known, kernel_shape=[3, 3], pads=[1, 1, 1, 1], count_include_pad=1)
    carried = op.Where(mask > 0.0, gain, total / op.Max(weight, 1e-6))
    return carried, weight


@script()
def _spread(gain: Picture, over: Picture) -> Picture:
    """The gain with its value at the mask's edge carried two pixels past it.

    The generator is never told what to say outside its mask; enlarging would mix that in along
    every edge. Specks too small for a masked pixel in the reduced photo keep gain zero.
    """
    planes = op.Unsqueeze(op.Transpose(gain, perm=[2, 0, 1]), [0])
    known = op.Unsqueeze(op.Transpose(over, perm=[2, 0, 1]), [0])
    planes, known = _carried(planes, known)
    planes, known = _carried(planes, known)
    return op.Transpose(op.Squeeze(planes, [0]), perm=[1, 2, 0])


@script()
def _ready(found: Planes, photo: Picture, matrix: Matrix) -> Picture:
    over = _over(photo)
    lost = op.ReduceMin(over, [-1])
    calm = _calmed(_shown(found, photo), lost)
    # Where all channels clipped gain says what light is there, and that is converted; where one is
    # left it says how much is missing in the others, which is about the same in any space.
    colour = op.Max(op.MatMul(op.Pow(2.0, calm), op.Transpose(matrix)), 1.0)
    converted = calm + lost * (op.Log(colour) / 0.6931471805599453 - calm)
    gain = _spread(converted, over)
    return gain


@script()
def _cleaned(found: Planes, coloured: Values, photo: Picture) -> Picture:
    """`blend.cleaned`; where nothing is under-exposed, the photo."""
    four = op.Reshape(found, [4, 3, 0, 0])
    neutral = op.ReduceMean(four, [1])
    told = op.Reshape(neutral + coloured * (four - neutral), [2, 6, 0, 0])
    rows = op.Reshape(op.Transpose(told, perm=[0, 2, 3, 1]), [2, 0, -1])
    both = op.Concat(2 * op.Shape(found, start=2, end=3), [-1, 3], axis=0)
    whole = op.Reshape(op.Transpose(rows, perm=[1, 0, 2]), both)
    correction = op.Slice(whole, [0, 0], op.Shape(photo, end=2), [0, 1])
    kept = op.HardSigmoid(photo, alpha=-4.0 / UNDER_RAMP, beta=4.0 * UNDER_FROM / UNDER_RAMP)
    cleaned = op.Relu(photo + kept * correction)
    return cleaned


@script()
def _drawn(found: Planes, photo: Picture) -> Picture:
    drawn = op.Identity(_shown(found, photo))
    return drawn


def _half(generator: onnx.ModelProto, other: dict[str, str]) -> onnx.GraphProto:
    """What of a generator leads to the last of the names, inputs and output called by the ``other`` names."""
    inputs = [value.name for value in generator.graph.input]
    graph = Extractor(generator).extract_model(inputs, [list(other)[-1]]).graph
    for node in graph.node:
        node.input[:] = [other.get(name, name) for name in node.input]
        node.output[:] = [other.get(name, name) for name in node.output]
    return graph


def _joined(name: str, before: Any, half: onnx.GraphProto, after: Any, stride: int) -> onnx.ModelProto:
    """One graph of three: the outputs of each are inputs of the next by their names."""
    first, last = (
        compose.add_prefix_graph(
            optimizer.optimize(part.to_model_proto()).graph, f"{place}.",
            rename_inputs=False, rename_outputs=False,
        )
        for place, part in (("before", before), ("after", after))
    )  # fmt: skip
    inputs = {value.name: value for value in (*first.input, *last.input)}
    between = ("found", "stride", *(value.name for value in first.output))
    given = [value for name, value in inputs.items() if name not in between]
    constants = [*first.initializer, numpy_helper.from_array(np.array([stride]), "stride"), *last.initializer]
    nodes = [*first.node, *half.node, *last.node]
    graph = helper.make_graph(nodes, name, given, last.output, [*half.initializer, *constants])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.checker.check_model(model, full_check=True)
    return model
