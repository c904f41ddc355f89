"""Detail is drawn over faithful light: where all channels clipped, with no mean, and the same whoever draws it."""

import dataclasses
import importlib.resources
import json
import math
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import reexposure as rx
from reexposure.light import numbers
from reexposure.photo.photo import Photo
from reexposure.reconstruction import detail as drawing_of
from reexposure.reconstruction import network
from reexposure.reconstruction.reconstruction import ask
from reexposure.training import detail, losses, moments, vgg19
from reexposure.training.detail import DetailArchitecture, DetailNetwork
from reexposure.training.export import export, load_weights
from reexposure.training.generator import Architecture, Generator
from reexposure.training.prepare import Settings, prepare
from reexposure.training.recipe import Recipe

pytestmark = pytest.mark.extras

SMALL = DetailArchitecture(widths=(4, 4, 4, 4))
few = settings(max_examples=8, deadline=None)


@pytest.fixture(scope="module")
def drawing():
    """A network that draws something everywhere it may."""
    torch.manual_seed(0)
    made = DetailNetwork(SMALL).eval()
    with torch.no_grad():
        made.head.weight.normal_(0, 0.5)
        for weights in made.parameters():
            weights.copy_(weights.half().float())
    return made


@pytest.fixture(scope="module")
def exported(drawing, tmp_path_factory):
    folder = tmp_path_factory.mktemp("drawing")
    recipe = dataclasses.asdict(Recipe(shards="", detail=SMALL))
    torch.save({"recipe": recipe, "averaged": drawing.state_dict()}, folder / "last.ckpt")
    ev, _ = export([folder / "last.ckpt"], folder / "network")
    assert ev < 0.001
    assert [file.name for file in (folder / "network").iterdir()] == ["detail.onnx"]
    return network.open(folder / "network")


def inputs(height, width, seed=0):
    """An encoded photo whose left half clipped, but for a channel in its first rows; gain and noise."""
    dice = torch.Generator().manual_seed(seed)
    photo, gain = (torch.rand(1, 3, height, width, generator=dice) for _ in range(2))
    photo[..., : width // 2] = 1
    photo[:, 0, : height // 4] = 0.5
    return photo, 1.4 * gain, torch.randn(1, 1, height, width, generator=dice)


def test_detail_is_bounded_has_no_mean_and_leaves_what_did_not_clip(drawing):
    photo, gain, noise = inputs(128, 256)
    with torch.no_grad():
        drawn = drawing(photo, gain, noise)
    lost = detail.lost_of(photo).expand(-1, 3, -1, -1)
    assert drawn[lost == 0].abs().max() == 0
    assert 0.3 < drawn.abs().max() <= 2 * (detail.MAX_EV + detail.MAX_HUE_EV)
    means = torch.nn.functional.avg_pool2d(drawn[..., 32:, 32:96], 32)
    assert means.abs().max() < 0.05 * drawn.abs().max()
    light = detail.light_with(photo, gain + drawn)
    assert light[lost == 1].min() >= 1
    torch.testing.assert_close(light[photo < 0.9], photo[photo < 0.9] ** 2)


def test_no_square_sparkles(drawing):
    photo, gain, noise = inputs(128, 256)
    photo[:] = 1
    loud = DetailNetwork(SMALL)
    loud.load_state_dict({name: 3 * value if "head" in name else value for name, value in drawing.state_dict().items()})
    with torch.no_grad():
        quiet, bold = (
            torch.nn.functional.avg_pool2d(one(photo, gain, noise).mean(1) ** 2, detail.TEXTURE_PX).sqrt()
            for one in (drawing, loud)
        )
    assert bold.median() > 0.8 * detail.MAX_TEXTURE_EV
    assert max(quiet.max(), bold.max()) < 1.2 * detail.MAX_TEXTURE_EV


def test_noise_makes_another_drawing(drawing):
    photo, gain, noise = inputs(64, 64)
    with torch.no_grad():
        one, two = (drawing(photo, gain, one) for one in (noise, -noise))
    assert (one - two).abs().max() > 0.05


def test_what_is_wanted_is_the_texture_of_the_truth():
    photo, gain = torch.ones(1, 3, 64, 64), torch.ones(1, 3, 64, 64)
    checks = 0.5 * (-1.0) ** torch.arange(64).expand(1, 3, 64, 64)
    for level in (0.0, 1.0):  # the truth may be brighter than faithful light: that is not for detail to mend
        truth = 2 ** (gain + level + checks)
        torch.testing.assert_close(detail.wanted(photo, gain, truth), checks, atol=1e-3, rtol=0)


def test_style_tells_texture_from_fog_wherever_it_lies():
    dice = torch.Generator().manual_seed(0)
    texture, mask = torch.randn(1, 8, 16, 16, generator=dice), torch.ones(1, 3, 32, 32)
    moved = texture.roll((3, 5), (2, 3))
    assert losses.style_error(moved, texture, mask) < 1e-6
    assert losses.style_error(moved + 2, texture, mask) < 1e-3
    assert losses.style_error(0.1 * texture, texture, mask) > 0.5
    assert losses.style_error(texture, 0.1 * texture, 0 * mask) == 0


def test_nothing_is_drawn_on_lamps_nor_near_them():
    photo = torch.ones(1, 3, 128, 128)
    for stops, share in ((0.0, 1.0), (2.6, 1.0), (3.0, 0.5), (3.4, 0.0), (9.0, 0.0)):
        assert float(detail.drawn_on(photo, torch.full_like(photo, stops)).mean()) == pytest.approx(share)
    for stops, share in ((2.2, 1.0), (2.7, 0.5), (3.2, 0.0), (6.0, 0.0)):
        gain = torch.ones_like(photo)
        gain[..., 64, 64] = stops  # a lamp on a white wall
        drawn = detail.drawn_on(photo, gain)[0, 0]
        assert float(drawn[60:68, 80].max()) == pytest.approx(share, abs=0.05)
        assert drawn[:28].min() == drawn[108:].min() == 1
    checks = 0.5 * (-1.0) ** torch.arange(128).expand(1, 3, 128, 128)
    assert detail.wanted(photo, 5 + 0 * photo, 2 ** (5 + checks)).abs().max() == 0


def test_a_lamp_is_as_bright_where_its_rim_is_all_that_did_not_clip():
    photo = torch.full((1, 3, 128, 128), 0.2)
    photo[..., 40:88, 40:88] = 1
    gain = torch.full_like(photo, 2.0)
    gain[..., 42:86, 42:86] = 2.5
    assert detail.drawn_on(photo, gain)[..., 48:80, 48:80].min() == 1  # a window: even, and dim enough
    photo[..., 40:88, 40:88] = 0.2
    photo[..., 60:66, 60:66] = 1
    assert detail.drawn_on(photo, gain).max() == 0  # a dot of the same light


def test_texture_of_each_octave_is_to_be_neither_fog_nor_grain():
    dice = torch.Generator().manual_seed(0)
    real = 0.5 + 0.1 * torch.randn(2, 3, 64, 64, generator=dice)
    mask = torch.ones_like(real)
    assert losses.octave_error(real.roll(5, -1), real, mask) < 0.05  # another texture, as much of it
    fog = losses.octave_error(0.5 + 0.5 * (real - 0.5), real, mask)
    assert float(fog) == pytest.approx(math.log(2) ** 2, rel=0.3)
    grain = losses.octave_error(0.5 + 2 * (real - 0.5), real, mask)
    assert float(grain) == pytest.approx(losses.EXCESS * math.log(2) ** 2, rel=0.3)
    faint = losses.octave_error(torch.full_like(real, 0.5), 0.5 + 0.001 * (real - 0.5), mask)
    assert faint < 0.01  # nobody sees what is missing
    assert losses.octave_error(0 * real, real, 0 * mask) == 0


def test_moments_tell_how_much_texture_is_missing_from_all_pictures_together():
    dice = torch.Generator().manual_seed(0)
    real, mask = torch.randn(8, 4, 64, 64, generator=dice), torch.ones(8, 3, 128, 128)
    texture = torch.randn(real.shape, generator=dice)
    for drawn, missing in ((texture, 0.0), (0.5 * texture, 0.25), (0.5 * texture + 1, 1.25), (0 * texture, 1.0)):
        found = moments.Moments(4)(drawn.requires_grad_(), real, mask)
        assert float(found.detach()) == pytest.approx(missing, abs=0.02)
        assert torch.isfinite(torch.autograd.grad(found, drawn)[0]).all()
    of_one = torch.cat([2**0.5 * texture[:4], 0 * texture[4:]])  # one picture has the texture that another lacks
    of_one = of_one.detach()
    assert moments.Moments(4)(of_one, real, mask) < 0.02
    assert moments.Moments(4)(of_one, real, 0 * mask) == 0


@few
@given(st.tuples(st.integers(1, 70), st.integers(1, 70)), st.integers(0, 9))
def test_the_graph_draws_as_torch_does(drawing, exported, size, seed):
    photo, gain, noise = inputs(96, 96, seed)
    whole = drawing(photo, gain, noise)[0].permute(1, 2, 0).detach().numpy()
    given = [plane[0].permute(1, 2, 0).numpy() for plane in (photo, gain, noise)]
    np.testing.assert_allclose(exported.drawn(given[0], given[1], given[2][..., 0]), whole, atol=1e-4)
    cut = np.s_[: size[0], : size[1]]
    part = exported.drawn(given[0][cut], given[1][cut], given[2][..., 0][cut])
    assert part.shape == (*size, 3)
    assert np.isfinite(part).all()


@pytest.fixture(scope="module")
def with_detail(exported, tmp_path_factory):
    """The released network, and beside it one that draws."""
    folder = tmp_path_factory.mktemp("with_detail")
    for graph in ("light", "shadows"):
        released = importlib.resources.files("reexposure.weights").joinpath(f"{graph}.onnx")
        (folder / f"{graph}.onnx").write_bytes(released.read_bytes())
    shutil.copy(Path(exported.folder) / "detail.onnx", folder)
    return folder


@pytest.fixture(scope="module")
def burnt():
    """A photo of which two far parts burnt."""
    pixels = np.random.default_rng(0).integers(60, 200, (420, 900, 3)).astype(np.uint8)
    pixels[200:260, 380:470] = 255
    pixels[20:30, 430:433] = 255
    return Photo(pixels)


def test_detail_is_drawn_where_all_channels_clipped_and_nowhere_else(with_detail, burnt):
    faithful, none, drawn, half, other = (
        rx.reconstruct(burnt, network=with_detail, detail=amount, seed=seed)
        for amount, seed in ((0, 0), (0, 5), (1, 0), (0.5, 0), (1, 1))
    )
    np.testing.assert_array_equal(none.linear, faithful.linear)
    clipped = burnt.pixels.min(-1) == 255
    np.testing.assert_array_equal(drawn.linear[~clipped], faithful.linear[~clipped])
    assert drawn.linear[clipped].min() >= 1
    one, some = (np.log2(light.linear / faithful.linear)[clipped] for light in (drawn, half))
    assert np.abs(one).max() > 0.2
    assert np.abs(np.log2(other.linear / drawn.linear)).max() > 0.05
    free = (faithful.linear[clipped] > 4).all(-1)  # where none of it is cut off at the clip level
    np.testing.assert_allclose(some[free], one[free] / 2, atol=1e-4)
    again = rx.reconstruct(burnt, network=with_detail, detail=1, threads=3)
    np.testing.assert_array_equal(again.linear, drawn.linear)


def test_the_rest_of_a_photo_changes_nothing_of_detail(with_detail, burnt, monkeypatch):
    network_, gain = network.open(with_detail), np.full((42, 90, 3), 2, np.float32)
    part = drawing_of.drawn(burnt, gain, network_, 0)
    monkeypatch.setattr(drawing_of, "AROUND_PX", 10_000)
    whole = drawing_of.drawn(burnt, gain, network_, 0)
    assert np.abs(whole).max() > 0.1
    np.testing.assert_allclose(part, whole, atol=1e-4)


def test_the_command_line_draws_and_records_it(with_detail, burnt, tmp_path, reexpose, monkeypatch):
    photo = tmp_path / "burnt.png"
    burnt.save(photo)
    (tmp_path / "faithful").mkdir()
    for graph in ("light.onnx", "shadows.onnx"):
        shutil.copy(with_detail / graph, tmp_path / "faithful")
    monkeypatch.setenv("REEXPOSURE_NETWORK", str(tmp_path / "faithful"))
    done = reexpose(photo, "--ev", -2, "--detail", 0.5)
    assert (done.returncode, done.stderr.count(b"\n")) == (1, 1)
    assert b"faithful: draws no detail" in done.stderr
    reexpose(photo, "--ev", -2, "-o", tmp_path / "none.png", check=True)
    monkeypatch.setenv("REEXPOSURE_NETWORK", str(with_detail))
    reexpose(photo, "--ev", -2, "-o", tmp_path / "default.png", check=True)
    default = rx.open(tmp_path / "default.png")
    np.testing.assert_array_equal(default.pixels, rx.reconstruct(photo, detail=1).expose(-2).pixels)
    assert default.metadata.recorded().items() >= {"Detail": "1", "Seed": "0"}.items()
    asked = ("--detail", 0.5, "--seed", 7)
    reexpose(photo, "--ev", -2, "-o", tmp_path / "plain.png", "--detail", 0, check=True)
    np.testing.assert_array_equal(rx.open(tmp_path / "none.png").pixels, rx.open(tmp_path / "plain.png").pixels)
    reexpose(photo, "--ev", -2, "-o", tmp_path / "drawn.png", *asked, check=True)
    plain, drawn = (rx.open(tmp_path / name) for name in ("plain.png", "drawn.png"))
    assert (plain.pixels != drawn.pixels).any()
    assert drawn.metadata.recorded().items() >= {"ExposureChange": "-2", "Detail": "0.5", "Seed": "7"}.items()
    assert plain.metadata.recorded()["Detail"] == "0"
    assert rx.reconstruct(photo).detail == 1
    assert rx.reconstruct(burnt.with_pixels(burnt.pixels // 2), detail=1).detail == 0
    expected = rx.reconstruct(photo, detail=0.5, seed=7).expose(-2)
    np.testing.assert_array_equal(drawn.pixels, expected.pixels)
    reexpose(photo, "--like", tmp_path / "drawn.png", "-o", tmp_path / "like.png", check=True)
    np.testing.assert_array_equal(rx.open(tmp_path / "like.png").pixels, drawn.pixels)
    reexpose(photo, "--like", tmp_path / "drawn.png", "--detail", 0, "-o", tmp_path / "other.png", check=True)
    np.testing.assert_array_equal(rx.open(tmp_path / "other.png").pixels, plain.pixels)
    for like in ("plain", "default"):
        reexpose(photo, "--like", tmp_path / f"{like}.png", "-o", tmp_path / f"as_{like}.png", check=True)
        again, first = (rx.open(tmp_path / f"{name}.png").pixels for name in (f"as_{like}", like))
        np.testing.assert_array_equal(again, first)
    (tmp_path / "folder").mkdir()
    shutil.copy(photo, tmp_path / "folder")
    reexpose(tmp_path / "folder", "--ev", -2, "-o", tmp_path / "many", *asked, check=True)
    many = rx.open(tmp_path / "many/burnt_ev-2.png")
    np.testing.assert_array_equal(many.pixels, drawn.pixels)
    assert "--detail 0.5 --seed 7" in many.metadata.recorded()["Command"]
    reexpose("radiance", photo, "-o", tmp_path / "light.jpg", *asked, check=True)
    assert rx.open(tmp_path / "light.jpg").metadata.recorded()["Seed"] == "7"


def test_detail_is_told_and_that_there_is_none_where_highlights_are_faithful(with_detail, burnt):
    for amount, seed, said in ((0, 0, "0 0"), (0, 3, "0 0"), (1, 0, "1 0"), (1, 3, "1 3"), (0.25, 3, "0.25 3")):
        told = rx.reconstruct(burnt, network=with_detail, detail=amount, seed=seed).told()
        assert f"{told['Detail']} {told['Seed']}" == said
    dark = burnt.with_pixels(burnt.pixels // 2)
    assert rx.reconstruct(dark, network=with_detail, detail=1).told() == {}


def test_how_much_is_drawn_unasked_is_what_the_network_says(with_detail, burnt, monkeypatch):
    assert rx.reconstruct(burnt, network=with_detail).detail == 1
    monkeypatch.setitem(numbers.NUMBERS, "detail", 0.5)
    assert rx.reconstruct(burnt, network=with_detail).detail == 0.5


def test_detail_is_drawn_over_light_that_is_worked_out_already(with_detail, monkeypatch):
    """Of a photo that is burnt and crushed: each graph runs once, and the values are those of a way of their own."""
    pixels = np.random.default_rng(1).integers(0, 20, (150, 200, 3)).astype(np.uint8)
    pixels[40:100, 50:140] = 255
    amounts = (0, 1, 0.3)
    wanted = [rx.reconstruct(pixels, network=with_detail, detail=amount, seed=2).kept() for amount in amounts]
    ran = []
    for name in ("gain", "cleaned", "drawn"):
        own = getattr(network.Network, name)
        monkeypatch.setattr(network.Network, name, lambda *given, own=own, name=name: ran.append(name) or own(*given))
    found = ask(pixels, network=with_detail)
    np.testing.assert_array_equal(found.faithful.linear, wanted[0].linear)
    before = ran.count("cleaned")
    for light, amount in zip(wanted, amounts, strict=True):
        drawn = found.detailed(amount, 2)
        np.testing.assert_array_equal(drawn.expose(-1).pixels, light.expose(-1).pixels)
        np.testing.assert_array_equal(drawn.linear, light.linear)
    assert (ran.count("gain"), ran.count("cleaned"), ran.count("drawn")) == (1, before, 1)
    np.testing.assert_array_equal(found.faithful.linear, wanted[0].linear)
    assert (wanted[1].linear != wanted[0].linear).any()


@pytest.mark.parametrize("asked", [("--detail", 1.5), ("--detail", -1), ("--detail", "nan"), ("--seed", -1)])
def test_what_cannot_be_drawn_is_bad_use(burnt, tmp_path, reexpose, asked):
    burnt.save(tmp_path / "burnt.png")
    done = reexpose(tmp_path / "burnt.png", "--ev", -2, *asked)
    assert (done.returncode, done.stderr.count(b"\n")) == (2, 1)
    name, value = asked[0][2:], float(asked[1])
    with pytest.raises(ValueError, match=name):
        rx.reconstruct(burnt, **{name: int(value) if name == "seed" else value})


@pytest.fixture(scope="module")
def run(scenes, tmp_path_factory):
    """A folder with shards, a network and a recipe that draws over its light."""
    from safetensors.torch import save_file

    folder = tmp_path_factory.mktemp("run")
    prepare(scenes, folder / "shards", Settings(view_px=80, views_per_panorama=4, validation_share=0.5), workers=1)
    torch.manual_seed(0)
    state = {}
    for name, (inputs_, outputs) in vgg19.LAYERS.items():
        state[f"{name}.weight"] = torch.randn(outputs, inputs_, 3, 3) * (2 / (9 * inputs_)) ** 0.5
        state[f"{name}.bias"] = torch.randn(outputs) * 0.1
    save_file(state, folder / "vgg19.safetensors")
    architecture = Architecture(widths=(8, 8, 8), dilations=(1,))
    recipe = dataclasses.asdict(Recipe(shards="", generator=architecture))
    weights = {name: torch.randn_like(value) * 0.1 for name, value in Generator(architecture).state_dict().items()}
    torch.save({"recipe": recipe, "averaged": weights}, folder / "faithful.ckpt")
    export([folder / "faithful.ckpt"], folder / "network")
    (folder / "tiny.toml").write_text(f"""
shards = "{folder}/shards"
[generator]
widths = [8, 8, 8]
dilations = [1]
[detail]
widths = [4, 4, 4, 4]
[augmentation]
crop_px = 64
[losses]
vgg19 = "{folder}/vgg19.safetensors"
vgg19_crop_px = 32
means_px = [8]
style = 1.0
discriminator_on = "vgg19"
discriminator_right = 0.85
mid_grey_ev = 0.8
[optimisation]
steps = 3
batch = 2
adversarial_from = 0.3
precision = "32-true"
workers = 0
log_every = 1
""")
    return folder


def test_a_detail_network_is_trained_exported_and_trained_on(run, tmp_path, reexpose):
    reexpose("train", run / "tiny.toml", "-o", tmp_path / "run", "--start", run / "network", check=True)
    told = [json.loads(line) for line in (tmp_path / "run/log.jsonl").read_text().splitlines()]
    assert {"style", "log", "adversarial", "discriminator", "right"} <= set().union(*told)
    last = torch.load(tmp_path / "run/last.ckpt", weights_only=True)
    faithful = load_weights(run / "network")
    for name, weights in last["faithful"].items():
        torch.testing.assert_close(weights, faithful[name], atol=0, rtol=0)
    before = {file.name: file.read_bytes() for file in (run / "network").iterdir()}
    reexpose("export", tmp_path / "run/last.ckpt", "-o", run / "network", check=True)
    after = {file.name: file.read_bytes() for file in (run / "network").iterdir()}
    assert set(after) - set(before) == {"detail.onnx"}
    assert before.items() <= after.items()
    assert load_weights(run / "network").keys() == faithful.keys()
    second = (tmp_path / "second", "--start", tmp_path / "run/last.ckpt", "--set", "optimisation.generator_rate=1e-9")
    reexpose("train", run / "tiny.toml", "--steps", 1, "-o", *second, check=True)
    again = torch.load(tmp_path / "second/last.ckpt", weights_only=True)
    for part in ("generator", "faithful"):
        torch.testing.assert_close(again[part], last[part], atol=1e-6, rtol=0)


def test_a_recipe_for_detail_says_what_it_lacks(run, reexpose, tmp_path):
    for changes, reason in (
        ((), b"name it with --start"),
        (("--start", run / "network", "--set", "generator.widths=[8, 8, 16]"), b"another architecture"),
        (("--start", run / "network", "--set", "augmentation.crop_px=48"), b"multiple of 32"),
        (("--start", run / "network", "--set", "losses.perceptual=0"), b"VGG19"),
    ):
        done = reexpose("train", run / "tiny.toml", "-o", tmp_path / "run", *changes)
        assert (done.returncode, done.stderr.count(b"\n"), reason in done.stderr) == (1, 1, True), done.stderr
