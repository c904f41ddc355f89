"""Training: recipes are checked, runs resume exactly, and two processes train one network."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from reexposure.training import vgg19
from reexposure.training.export import export, load_generator, load_weights
from reexposure.training.prepare import Settings, prepare
from reexposure.training.recipe import load_recipe

pytestmark = pytest.mark.extras
TINY = """
shards = "{shards}"
discriminator_widths = [8, 8, 8, 8]
[generator]
widths = [8, 8, 8]
dilations = [1]
[augmentation]
crop_px = 64
[losses]
perceptual = 1.0
vgg19 = "{vgg19}"
vgg19_crop_px = 32
{losses}
[optimisation]
steps = {steps}
batch = 2
adversarial_from = 0.3
precision = "32-true"
workers = 0
log_every = 1
{optimisation}
"""


@pytest.fixture(scope="module")
def shards(scenes, tmp_path_factory):
    folder = tmp_path_factory.mktemp("shards")
    prepare(scenes, folder, Settings(view_px=80, views_per_panorama=4, validation_share=0.5), workers=1)
    return folder


@pytest.fixture(scope="module")
def vgg19_file(tmp_path_factory):
    """Random weights in the original form: the loader and the arithmetic are what is tested."""
    from safetensors.torch import save_file

    torch.manual_seed(0)
    state = {}
    for name, (inputs, outputs) in vgg19.LAYERS.items():
        state[f"{name}.weight"] = torch.randn(outputs, inputs, 3, 3) * (2 / (9 * inputs)) ** 0.5
        state[f"{name}.bias"] = torch.randn(outputs) * 0.1
    path = tmp_path_factory.mktemp("vgg19") / "vgg19.safetensors"
    save_file(state, path)
    return path


@pytest.fixture
def recipe(shards, vgg19_file, tmp_path):
    def write(steps=6, losses="", optimisation="", vgg19=vgg19_file):
        path = tmp_path / "tiny.toml"
        path.write_text(TINY.format(shards=shards, vgg19=vgg19, steps=steps, losses=losses, optimisation=optimisation))
        return path

    return write


def losses_of(run):
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    return {line["step"]: {k: v for k, v in line.items() if k != "minutes"} for line in lines if "log" in line}


@pytest.fixture(scope="module")
def whole_pictures(scenes, tmp_path_factory):
    """Shards of whole panoramas and of a photograph."""
    folder, photo = tmp_path_factory.mktemp("whole"), tmp_path_factory.mktemp("photo")
    Image.fromarray(np.random.default_rng(0).integers(40, 200, (80, 120, 3), dtype=np.uint8)).save(photo / "a.png")
    for source in (scenes, photo):
        prepare(source, folder, Settings(whole=True, validation_share=0.5), workers=1)
    return folder


ON_DEVICE = {"augmentation.made_on": "device", "shares.pasted": 0.5, "augmentation.shift_probability": 0.5}


@pytest.mark.parametrize("made_on", ["cpu", "device"])
def test_a_stopped_run_resumes_with_the_same_losses(recipe, tmp_path, whole_pictures, made_on):
    from reexposure.training import train as module

    changes = {"shards": str(whole_pictures)} | ON_DEVICE if made_on == "device" else {}
    recipe_of_6 = load_recipe(recipe(steps=6), changes)
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    module.train(recipe_of_6, whole, report=lambda _: None)

    class Stopped(Exception):
        pass

    def stop_after_3(text):
        if text.startswith("step 4,"):
            raise Stopped

    original, saved = module.Trainer.update, []

    def save_after_3(self, *pair):
        if self.step == 3 and not saved:
            self.save()
            saved.append(True)
        return original(self, *pair)

    module.Trainer.update = save_after_3
    try:
        with pytest.raises(Stopped):
            module.train(recipe_of_6, parts, report=stop_after_3)
    finally:
        module.Trainer.update = original
    module.train(recipe_of_6, parts, resume=True, report=lambda _: None)
    assert len(losses_of(whole)) == 6
    assert losses_of(parts) == losses_of(whole)
    assert "discriminator" in losses_of(whole)[6]
    assert len(list((whole / "samples").glob("*.png"))) == 1


def test_training_beats_the_plain_brightness_change(recipe, tmp_path):
    from reexposure.training.train import train

    path = recipe(steps=80, losses="adversarial = 0.0", optimisation="generator_rate = 1e-3")
    path.write_text(path.read_text().replace("perceptual = 1.0", "perceptual = 0.0"))
    train(load_recipe(path), tmp_path / "run", report=lambda _: None)
    lines = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    ratio = next(line["val log"] for line in lines if "val log" in line)
    assert ratio < 0.95
    assert len(list((tmp_path / "run" / "samples").glob("*.png"))) == 1


def test_a_run_starts_from_another_with_changed_values(recipe, tmp_path, reexpose):
    first, second = tmp_path / "first", tmp_path / "second"
    changes = ("--set", "losses.adversarial=0", "--set", "optimisation.generator_rate=1e-9")
    reexpose("train", recipe(steps=3), "-o", first, check=True)
    reexpose("train", recipe(steps=2), "-o", second, "--start", first / "last.ckpt", *changes, check=True)
    begun, ended = (torch.load(run / "last.ckpt", weights_only=False)["generator"] for run in (first, second))
    for name, weights in begun.items():
        torch.testing.assert_close(ended[name], weights, atol=1e-6, rtol=0)
    assert "discriminator" not in losses_of(second)[2]
    done = reexpose(
        "train", recipe(), "-o", tmp_path / "third", "--start", first / "last.ckpt", "--set", "generator.skips=false"
    )
    assert (done.returncode, b"another architecture" in done.stderr) == (1, True)
    done = reexpose("train", recipe(), "--set", "losses.adversarial")
    assert (done.returncode, b"NAME=VALUE" in done.stderr) == (2, True)


def test_a_run_starts_from_an_exported_network(recipe, tmp_path, reexpose):
    first, second, network = tmp_path / "first", tmp_path / "second", tmp_path / "network"
    changes = ("--set", "losses.adversarial=0", "--set", "optimisation.generator_rate=1e-9")
    reexpose("train", recipe(steps=3), "-o", first, check=True)
    export([first / "last.ckpt"], network)
    reexpose("train", recipe(steps=2), "-o", second, "--start", network, *changes, check=True)
    begun, ended = (torch.load(run / "last.ckpt", weights_only=False)["averaged"] for run in (first, second))
    for name, weights in begun.items():
        torch.testing.assert_close(ended[name], weights, atol=1e-6, rtol=2**-10)  # exported as half floats
    other = ("--set", "generator.widths=[8, 8, 16]")
    for start, reason in ((network, b"another architecture"), (recipe(), b"no ONNX network")):
        file = start if start == network else start.rename(tmp_path / "recipe.onnx")
        done = reexpose("train", recipe(), "-o", tmp_path / "third", "--start", file, *other)
        assert (done.returncode, reason in done.stderr) == (1, True)


def test_a_run_with_an_encoder_starts_from_a_network_without(recipe, tmp_path):
    from reexposure.training.train import train

    def with_widths(rate, more=""):
        path = recipe(steps=3, losses="adversarial = 0.0", optimisation=f"generator_rate = {rate}")
        text = path.read_text().replace("perceptual = 1.0", "perceptual = 0.0")
        path.write_text(text.replace("widths = [8, 8, 8]", f"widths = [8, 8, 8, 8, 8]\n{more}"))
        return load_recipe(path)

    first = train(with_widths(1e-3), tmp_path / "first", report=lambda _: None)
    export([first], tmp_path / "plain.onnx")
    joined = with_widths(1e-9, 'encoder = "efficientnet-lite0"')
    for start in (first, tmp_path / "plain.onnx"):
        second = train(joined, tmp_path / f"from{start.suffix}", start=start, report=lambda _: None)
        begun, ended = load_generator(first)[0].state_dict(), load_generator(second)[0].state_dict()
        torch.testing.assert_close({n: ended[n] for n in begun}, begun, atol=1e-5, rtol=2**-10)
    published = torch.load(second, weights_only=True)["averaged"]["meaning.encoder.stem.conv.weight"]
    assert published.abs().max() > 0.1
    ev, _ = export([second], tmp_path / "network.onnx")
    assert ev < 0.01
    again = train(joined, tmp_path / "again", start=tmp_path / "network.onnx", report=lambda _: None)
    torch.testing.assert_close(load_generator(again)[0].state_dict(), ended, atol=1e-4, rtol=2**-9)


def test_two_processes_train_one_network(recipe, tmp_path, reexpose_process):
    run = tmp_path / "run"
    assert reexpose_process("train", recipe(steps=3), "-o", run, "--devices", 2).returncode == 0
    assert sorted(losses_of(run)) == [1, 2, 3]
    assert load_generator(run / "last.ckpt")[1] == 16


def test_of_several_checkpoints_the_mean_is_exported(recipe, tmp_path, reexpose):
    one, two, small = (tmp_path / name for name in ("one", "two", "small"))
    for run, changes in (
        (one, ()),
        (two, ("--set", "optimisation.seed=5")),
        (small, ("--set", "generator.skips=false")),
    ):
        reexpose("train", recipe(steps=1), "-o", run, *changes, check=True)
    network = tmp_path / "network"
    reexpose("export", one / "last.ckpt", two / "last.ckpt", "-o", network, check=True)
    found, *both = load_weights(network), *(load_generator(run / "last.ckpt")[0].state_dict() for run in (one, two))
    name = "stem.conv.weight"
    torch.testing.assert_close(found[name], (both[0][name] + both[1][name]) / 2, atol=1e-6, rtol=2**-10)
    assert (both[0][name] - both[1][name]).abs().max() > 0.1
    reexpose(
        "export", one / "last.ckpt", two / "last.ckpt", "--shares", "1,3", "-o", network, "--overwrite", check=True
    )
    torch.testing.assert_close(
        load_weights(network)[name], both[0][name] / 4 + both[1][name] * 0.75, atol=1e-6, rtol=2**-10
    )
    for shares, reason in (("1", b"each of 2"), ("1,x", b"commas"), ("1,0", b"above 0")):
        done = reexpose("export", one / "last.ckpt", two / "last.ckpt", "--shares", shares, "-o", tmp_path / "none")
        assert (done.returncode, reason in done.stderr) == (2, True)
    done = reexpose("export", one / "last.ckpt", small / "last.ckpt", "-o", tmp_path / "none")
    assert (done.returncode, b"several architectures" in done.stderr) == (1, True)


@pytest.mark.parametrize(
    "losses",
    [
        'discriminator_sees = "linear"',
        "vgg19_before_relu = false",
        'vgg19_layer = "conv2_2"',
        'discriminator_on = "vgg19"\nmid_grey_ev = 0.8\nmeans_px = [8, 32]\nbright = 1.0',
    ],
)
def test_the_ablation_switches_train(recipe, tmp_path, losses):
    from reexposure.training.train import train

    train(load_recipe(recipe(steps=2, losses=losses)), tmp_path / "run", report=lambda _: None)


def test_skip_connections_can_be_left_out(recipe, tmp_path):
    from reexposure.training.train import train

    path = recipe(steps=2)
    path.write_text(path.read_text().replace("[generator]", "[generator]\nskips = false"))
    train(load_recipe(path), tmp_path / "run", report=lambda _: None)
    assert not load_generator(tmp_path / "run" / "last.ckpt")[0].skips


def test_without_vgg19_weights_the_recipe_must_say_what_replaces_them(recipe, tmp_path, capsys):
    from reexposure.training.train import train

    with pytest.raises(ValueError, match="feature_matching"):
        load_recipe(recipe(vgg19=""))
    train(load_recipe(recipe(steps=2, vgg19="", losses="feature_matching = 1.0")), tmp_path / "run")
    assert "no VGG19 weights given: discriminator feature matching" in capsys.readouterr().out


def test_both_published_forms_of_vgg19_see_the_same(vgg19_file, tmp_path):
    original = vgg19.load_state(vgg19_file)
    mean, deviation = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    published = {}
    for name, number in vgg19.TORCHVISION.items():
        published[f"features.{number}.weight"] = original[f"{name}.weight"].clone()
        published[f"features.{number}.bias"] = original[f"{name}.bias"].clone()
    # The same first layer, for input in RGB, 0..1 and divided by the deviation.
    first = original["conv1_1.weight"].flip(1)
    published["features.0.weight"] = first * 255 * deviation.view(1, 3, 1, 1)
    shift = 255 * mean - torch.tensor([123.68, 116.779, 103.939])
    published["features.0.bias"] = original["conv1_1.bias"] + (first.sum((2, 3)) @ shift)
    torch.save(published, tmp_path / "vgg19.pth")
    picture = torch.rand(1, 3, 16, 16)
    ours = vgg19.Vgg19(vgg19_file)(picture) / vgg19.Vgg19(vgg19_file).scale
    theirs = vgg19.Vgg19(tmp_path / "vgg19.pth")(picture)
    # Zero padding comes after the shift, so only pixels that no padding reaches are the same.
    centre = (..., slice(2, 2), slice(2, 2))
    torch.testing.assert_close(ours[centre], theirs[centre])
    assert ours.shape == (1, 256, 4, 4)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("steps = 6", "steps = 6\nminutes = 1", "minutes or steps"),
        ("batch = 2", "batsh = 2", "batsh: unknown"),
        ("batch = 2", 'batch = "two"', "optimisation.batch: expected `int`, got `str`"),
        ("crop_px = 64", "crop_px = 60", "multiple of 16"),
        ("steps = 6", "steps = ", "Invalid value"),
        ("[generator]", "[shares]\npasted = 0.5\n[generator]", 'shares.pasted needs augmentation.made_on = "device"'),
        ("dilations = [1]", 'encoder = "efficientnet-lite0"', "five widths"),
        ("perceptual = 1.0", 'perceptual = 1.0\nvgg19_layer = "conv2_2"\ndiscriminator_on = "vgg19"', "conv3_4"),
    ],
)
def test_bad_recipes_are_one_line(recipe, reexpose, old, new, reason):
    path = recipe()
    path.write_text(path.read_text().replace(old, new))
    done = reexpose("train", path)
    lines = done.stderr.decode().splitlines()
    assert done.returncode == 1
    assert len(lines) == 1
    assert reason in lines[0]
    assert str(path) in lines[0]


def test_what_is_no_checkpoint_is_named(tmp_path, reexpose):
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff\xd9")
    done = reexpose("export", "photo.jpg", "-o", "n.onnx", cwd=tmp_path)
    assert (done.returncode, done.stderr.count(b"\n")) == (1, 1)
    assert b"photo.jpg: no checkpoint" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["photo.jpg"]
