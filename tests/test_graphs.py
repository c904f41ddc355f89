"""The exported graphs say by themselves what torch and numpy say together, of pictures of any size."""

import dataclasses

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from reexposure.light import blend, camera, colour
from reexposure.light.colour import ColourSpace
from reexposure.reconstruction import network
from reexposure.training.export import export, fitting, load_weights
from reexposure.training.generator import Architecture, Generator, masks_of
from reexposure.training.recipe import Recipe

pytestmark = pytest.mark.extras

SMALL = Architecture(widths=(8, 8, 8), dilations=(1,), attention=1)
few = settings(max_examples=12, deadline=None)
sizes = st.tuples(st.integers(1, 50), st.integers(1, 50))
spaces = st.sampled_from(["sRGB", "Display P3", "Rec. 2020"])


@pytest.fixture(scope="module")
def generator():
    """One that says something of everything."""
    torch.manual_seed(0)
    made = Generator(SMALL).eval()
    with torch.no_grad():
        attention = made.attention[0]
        for last in (made.head, made.shadows.last, attention.answered, attention.narrow):
            last.weight.normal_(0, 0.5)
        for weights in made.parameters():
            if weights.dim() == 1:
                weights.normal_(0, 0.1)
            weights.copy_(weights.half().float())
    return made


@pytest.fixture(scope="module")
def exported(generator, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported")
    recipe = dataclasses.asdict(Recipe(shards="", generator=SMALL))
    torch.save({"recipe": recipe, "averaged": generator.state_dict()}, folder / "last.ckpt")
    ev, levels = export([folder / "last.ckpt"], folder / "network")
    assert ev < 0.001
    assert levels < 0.01
    return folder / "network"


def picture(size, seed):
    """Encoded values, many of them ill-exposed."""
    rng = np.random.default_rng(seed)
    return np.where(rng.random((*size, 3)) < 0.5, rng.random((*size, 1)).round(), rng.random((*size, 3))).astype(
        np.float32
    )


def said(generator, photo, beyond="symmetric"):
    """Gain and correction of a picture; of a grey one they are grey. ``beyond``: how it goes on to whole strides."""
    height, width = photo.shape[:2]
    padded = np.pad(photo, [(0, -height % SMALL.stride), (0, -width % SMALL.stride), (0, 0)], mode=beyond)
    encoded = torch.from_numpy(padded.transpose(2, 0, 1)[None].copy())
    with torch.no_grad():
        found = generator(encoded**2, masks_of(encoded))
    grey = np.ptp(photo, axis=-1).max() == 0
    told = [one[0, :, :height, :width].permute(1, 2, 0).numpy() for one in found]
    return [one.mean(-1, keepdims=True).repeat(3, -1) if grey else one for one in told]


def neighbours(values):
    """Sums over 3 x 3 pixels, nothing outside."""
    around = np.pad(values, [(1, 1), (1, 1), (0, 0)])
    height, width = values.shape[:2]
    return sum(around[y : y + height, x : x + width] for y in range(3) for x in range(3))


def ready(gain, photo, matrix):
    """The gain calmed, in another space, and carried two pixels past the mask."""
    known = camera.over_exposure(photo)
    lost = known.min(-1, keepdims=True)
    neutral = gain.mean(-1, keepdims=True)
    calm = neutral + (gain - neutral) * (1 - 0.5 * lost)
    converted = np.log2(np.maximum(2**calm @ matrix.T, 1))
    gain = calm + lost * (converted - calm)
    for _ in range(2):
        mask = known > 0
        known = neighbours(mask.astype(np.float32))
        gain = np.where(mask, gain, neighbours(gain * mask) / np.maximum(known, 1))
    return gain


@few
@given(sizes, st.integers(0, 999), spaces)
def test_highlights(generator, exported, size, seed, name):
    photo = picture(size, seed)
    matrix = colour.conversion(ColourSpace(), ColourSpace(name, colour.KNOWN[name])).astype(np.float32)
    gain = network.open(exported).gain(photo, matrix)
    expected = ready(said(generator, photo)[0], photo, matrix)
    assert gain.min() >= 0
    np.testing.assert_allclose(gain, expected, atol=1e-3)


@few
@given(sizes, st.integers(0, 999))
def test_shadows(generator, exported, size, seed):
    photo = picture(size, seed)
    under = camera.under_exposure(photo)
    cleaned = network.open(exported).cleaned(photo)
    np.testing.assert_allclose(cleaned, blend.cleaned(photo, under, said(generator, photo, "edge")[1]), atol=1e-5)
    np.testing.assert_array_equal(cleaned[under == 0], photo[under == 0])


def test_a_run_of_shadows_alone_pays_for_no_unet_and_exports_no_light(generator, tmp_path):
    alone = dataclasses.replace(SMALL, only_shadows=True)
    weights = fitting(Generator(alone), generator.state_dict())
    assert all(name.startswith("shadows.") for name in weights)
    recipe = dataclasses.asdict(Recipe(shards="", generator=alone))
    torch.save({"recipe": recipe, "averaged": weights}, tmp_path / "last.ckpt")
    export([tmp_path / "last.ckpt"], tmp_path)
    assert [file.name for file in tmp_path.glob("*.onnx")] == ["shadows.onnx"]


def test_shadows_of_an_older_form_are_left_out(generator, tmp_path):
    older = {name: value for name, value in generator.state_dict().items() if not name.startswith("shadows.")}
    recipe = dataclasses.asdict(Recipe(shards="", generator=SMALL))
    torch.save({"recipe": recipe, "averaged": older | {"shadows.0.weight": torch.zeros(1)}}, tmp_path / "last.ckpt")
    export([tmp_path / "last.ckpt"], tmp_path)
    assert [file.name for file in tmp_path.glob("*.onnx")] == ["light.onnx"]


@few
@given(sizes, st.integers(0, 999))
def test_grey_photos_stay_grey(exported, size, seed):
    photo = picture(size, seed)[..., :1].repeat(3, -1)
    found = network.open(exported)
    for told in (found.gain(photo, np.eye(3, dtype=np.float32)), found.cleaned(photo)):
        np.testing.assert_allclose(told, told[..., :1].repeat(3, -1), atol=1e-5)


def test_weights_come_back_by_their_names(generator, exported):
    weights = load_weights(exported)
    for name, value in generator.state_dict().items():
        torch.testing.assert_close(weights[name], value, rtol=0, atol=1e-6)
