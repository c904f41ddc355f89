"""What we write, in the programs that people use: run without a screen, where they are installed."""

import os
import shutil
import subprocess

import numpy as np
import OpenImageIO as oiio
import pytest
from conftest import SUNSET
from PIL import Image

import reexposure as rx
from reexposure.radiance.of_light import of_light

pytestmark = pytest.mark.heavy
LIMIT_S = 600
HEIGHT, WIDTH = 32, 64


def run(folder, *command):
    """A program of Debian's, in ``folder``; the test is skipped where it is not installed."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    home = folder / "home"  # so that nothing of this user's settings has a say
    home.mkdir(exist_ok=True)
    environment = os.environ | {
        "PWD": str(folder),
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "XDG_CACHE_HOME": str(home),
    }
    done = subprocess.run(
        [str(word) for word in command], cwd=folder, env=environment, capture_output=True, timeout=LIMIT_S, check=False
    )
    assert done.returncode == 0, (done.stdout + done.stderr).decode(errors="replace")[-2000:]
    return done.stdout


def floats(path):
    return oiio.ImageBuf(str(path)).get_pixels(oiio.FLOAT)[..., :3]


@pytest.fixture(scope="module")
def light():
    """Light from 0 to 8 that half floats hold exactly, with flat areas at the left."""
    values = np.random.default_rng(1).uniform(0, 8, (HEIGHT, WIDTH, 3)).astype(np.float16).astype(np.float32)
    values[:, :32] = 0.25, 4.0, 1.5
    return values


@pytest.fixture
def folder(tmp_path, light):
    """Every kind of radiance file of that light, and a photo whose OpenEXR has masks."""
    for suffix in ("exr", "hdr", "tif"):
        of_light(light).save(tmp_path / f"light.{suffix}")
    with Image.open(SUNSET) as picture:
        picture.resize((WIDTH, HEIGHT)).save(tmp_path / "photo.png")
    radiance = rx.reconstruct(tmp_path / "photo.png", "srgb")
    radiance.save(tmp_path / "masked.exr")
    assert len(oiio.ImageBuf(str(tmp_path / "masked.exr")).spec().channelnames) == 5
    return tmp_path


@pytest.mark.parametrize("name", ["light.exr", "masked.exr"])
def test_ffmpeg_reads_openexr(folder, name):
    data = run(folder, "ffmpeg", "-v", "error", "-i", name, "-f", "rawvideo", "-pix_fmt", "gbrpf32le", "-")
    green, blue, red = np.frombuffer(data, np.float32).reshape(3, HEIGHT, WIDTH)
    np.testing.assert_array_equal(np.dstack([red, green, blue]), floats(folder / name))


@pytest.mark.parametrize("name", ["film.mp4", "film.webm"])
def test_ffmpeg_reads_films(folder, name, reexpose):
    reexpose("sweep", SUNSET, "-o", folder / name, "--size", "320", "--seconds", "1", "--fps", "10", check=True)
    data = run(folder, "ffmpeg", "-v", "error", "-i", name, "-f", "rawvideo", "-pix_fmt", "rgb24", "-")
    frames = np.frombuffer(data, np.uint8).reshape(-1, 214, 320, 3)
    assert 9 <= len(frames) <= 11
    assert frames[len(frames) // 3].mean() < 0.7 * frames[0].mean()  # on its way down


SAVE = """
(let* ((image (car (gimp-file-load RUN-NONINTERACTIVE "{0}" "x"))) (layer (car (gimp-image-get-active-drawable image))))
  (gimp-file-save RUN-NONINTERACTIVE image layer "{1}" "x"))
"""
LAYERS = """
(let* ((image (car (gimp-file-load RUN-NONINTERACTIVE "{0}" "x"))) (number 0))
  (for-each (lambda (name) (gimp-image-insert-layer image
      (car (gimp-file-load-layer RUN-NONINTERACTIVE image name)) 0 -1)) '({1}))
  (for-each (lambda (layer) (set! number (+ number 1))
      (gimp-file-save RUN-NONINTERACTIVE image layer (string-append "{2}/" (number->string number) ".png") "x"))
      (vector->list (cadr (gimp-image-get-layers image)))))
"""


def gimp(folder, script):
    run(folder, "gimp", "--no-interface", "--no-data", "--no-fonts", "--batch", script, "--batch", "(gimp-quit 0)")


@pytest.mark.parametrize("name", ["light.exr", "masked.exr"])
def test_gimp_opens_openexr_in_floats(folder, name):
    gimp(folder, SAVE.format(folder / name, folder / "saved.exr"))
    np.testing.assert_array_equal(floats(folder / "saved.exr"), floats(folder / name))


def test_gimp_opens_a_bracket_as_layers(folder, reexpose):
    reexpose(folder / "photo.png", "--ev", "-4:2:2", "-o", folder / "bracket", check=True)
    first, *others = sorted((folder / "bracket").iterdir())
    assert len(others) == 3
    (folder / "layers").mkdir()
    gimp(folder, LAYERS.format(first, " ".join(f'"{path}"' for path in others), folder / "layers"))
    layers = [rx.open(path).pixels.mean() for path in (folder / "layers").iterdir()]
    assert sorted(layers) == pytest.approx(sorted(rx.open(path).pixels.mean() for path in (first, *others)))


def darktable(folder, source, target, *settings):
    told = [word for setting in settings for word in ("--conf", setting)]
    own = (
        "--core",
        "--configdir",
        folder / "darktable",
        "--library",
        ":memory:",
        "--conf",
        "plugins/darkroom/workflow=none",
    )
    run(folder, "darktable-cli", source, target, "--icc-type", "LIN_REC709", *own, *told)


@pytest.mark.parametrize("suffix", ["exr", "hdr", "tif"])
def test_darktable_reads_light(folder, light, suffix):
    darktable(folder, f"light.{suffix}", "out.pfm")
    flat = floats(folder / "out.pfm")[8:-8, 8:24]
    np.testing.assert_allclose(flat, light[8:-8, 8:24], rtol=0.01)


def test_what_darktable_exported_is_re_exposed(folder, reexpose):
    run(
        folder, "darktable-cli", "photo.png", "photo.tif", "--core", "--configdir", folder / "darktable", "--library",
        ":memory:", "--conf", "plugins/imageio/format/tiff/bpp=16",
    )  # fmt: skip
    reexpose(folder / "photo.tif", "--ev", "-2", check=True)
    before, after = rx.open(folder / "photo.tif"), rx.open(folder / "photo_ev-2.tif")
    assert before.pixels.dtype == after.pixels.dtype == np.uint16
    assert before.colour_space.name == after.colour_space.name
    middle = (before.pixels > 16000) & (before.pixels < 50000)
    light, darker = (np.square(photo.pixels[middle] / 65535) for photo in (before, after))
    assert np.median(light / darker) == pytest.approx(4, rel=0.01)


def test_imagemagick_reads_what_we_write(folder, reexpose):
    reexpose(folder / "photo.png", "--ev", "-1", "-o", folder / "darker.tif", check=True)
    for name, size in (("light.hdr", f"{WIDTH}x{HEIGHT}"), ("light.tif", f"{WIDTH}x{HEIGHT}"), ("darker.tif", "64x32")):
        assert run(folder, "identify", "-format", "%wx%h", name).decode() == size
    run(folder, "convert", "darker.tif", "again.png")
    np.testing.assert_array_equal(rx.open(folder / "again.png").pixels, rx.open(folder / "darker.tif").pixels)


WORLD = """
import bpy, math, sys
path, out = sys.argv[sys.argv.index("--") + 1:]
for thing in list(bpy.data.objects):
    bpy.data.objects.remove(thing)
scene = bpy.context.scene
scene.world = world = bpy.data.worlds.new("light")
world.use_nodes = True
texture = world.node_tree.nodes.new("ShaderNodeTexEnvironment")
texture.image, texture.interpolation = bpy.data.images.load(path), "Closest"
world.node_tree.links.new(texture.outputs["Color"], world.node_tree.nodes["Background"].inputs["Color"])
camera = bpy.data.cameras.new("camera")
scene.camera = bpy.data.objects.new("camera", camera)
scene.collection.objects.link(scene.camera)
scene.camera.rotation_euler = math.pi / 2, 0, -math.pi / 2
camera.type, camera.cycles.panorama_type = "PANO", "EQUIRECTANGULAR"
scene.render.engine, scene.cycles.samples, scene.cycles.use_denoising = "CYCLES", 1, False
scene.cycles.pixel_filter_type, scene.cycles.filter_width = "BOX", 0.01
render = scene.render
render.resolution_x, render.resolution_y, render.resolution_percentage = 64, 32, 100
render.image_settings.file_format, render.image_settings.color_depth, render.filepath = "OPEN_EXR", "32", out
bpy.ops.render.render(write_still=True)
"""


@pytest.mark.parametrize("name", ["light.exr", "light.hdr", "masked.exr"])
def test_blender_lights_a_world_with_it(folder, name):
    """A panorama around a camera that sees all of it: each pixel of the render is one of the file's."""
    (folder / "world.py").write_text(WORLD)
    run(
        folder,
        "blender",
        "-b",
        "--python-exit-code",
        "3",
        "--python",
        "world.py",
        "--",
        folder / name,
        folder / "out.exr",
    )
    np.testing.assert_allclose(floats(folder / "out.exr"), floats(folder / name), rtol=1e-5, atol=1e-6)
