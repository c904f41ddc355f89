"""The nodes for ComfyUI, loaded as it loads them and called as it calls them, with its kind of tensors.

The contract is that of https://docs.comfy.org/custom-nodes/backend/server_overview.
"""

import importlib.util
import inspect
import shutil
import sys
import types
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest
from conftest import SUNSET
from PIL import Image

import reexposure as rx
from reexposure.reconstruction import network

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.extras
PACK = Path(__file__).parent.parent / "integrations" / "comfyui"
TYPES = {"IMAGE", "MASK", "FLOAT", "INT", "STRING", "BOOLEAN"}


@pytest.fixture(scope="module")
def pack():
    """The folder as a module, by the way of ComfyUI's `load_custom_node`: its name is a path without dots."""
    name = str(PACK).replace(".", "_x_")
    spec = importlib.util.spec_from_file_location(name, PACK / "__init__.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    yield module
    for loaded in [one for one in sys.modules if one.startswith(name)]:
        del sys.modules[loaded]


@pytest.fixture(scope="module")
def loaded():
    """Two pictures as ComfyUI's LoadImage gives them; the second is darker."""
    with Image.open(SUNSET) as picture:
        small = np.asarray(picture.convert("RGB").resize((90, 60)))
    return torch.from_numpy(np.stack([small, small // 2]).astype(np.float32) / 255)


def run(pack, name, **inputs):
    """What a node returns, called with the inputs that it declares, others at their defaults."""
    node = pack.NODE_CLASS_MAPPINGS[name]
    given = {}
    for kind in node.INPUT_TYPES().values():
        for title, (what, *options) in kind.items():
            default = what[0] if isinstance(what, list) else (options[0] if options else {}).get("default")
            given[title] = inputs.pop(title, default)
    assert not inputs
    return getattr(node(), node.FUNCTION)(**given)


def test_nodes_keep_the_contract(pack):
    assert set(pack.NODE_CLASS_MAPPINGS) == set(pack.NODE_DISPLAY_NAME_MAPPINGS)
    assert len(pack.NODE_CLASS_MAPPINGS) == 4
    for node in pack.NODE_CLASS_MAPPINGS.values():
        inputs = node.INPUT_TYPES()
        assert set(inputs) <= {"required", "optional", "hidden"}
        declared = [title for kind in inputs.values() for title in kind]
        assert declared == list(inspect.signature(getattr(node, node.FUNCTION)).parameters)[1:]
        for what, *options in (value for kind in inputs.values() for value in kind.values()):
            assert isinstance(what, list) or what in TYPES
            assert all(isinstance(option, dict) for option in options)
        assert isinstance(node.RETURN_TYPES, tuple)
        assert set(node.RETURN_TYPES) <= TYPES
        assert len(getattr(node, "RETURN_NAMES", node.RETURN_TYPES)) == len(node.RETURN_TYPES)
        assert node.RETURN_TYPES or node.OUTPUT_NODE
        assert node.CATEGORY == "image/reexposure"


def test_light_is_floats_and_goes_beyond_white(pack, loaded):
    light, mask = run(pack, "ReexposureReconstructLight", image=loaded)
    assert (light.dtype, light.shape, mask.shape) == (torch.float32, loaded.shape, loaded.shape[:3])
    assert light[0].max() > 2
    assert light[1].max() < 1
    assert mask[0].max() == 1
    assert mask[1].max() == 0
    assert (light[0][mask[0] == 1].amax(-1) > 0.9).all()


def test_detail_is_drawn_unless_none_is_asked_for(pack):
    sheet = torch.full((1, 96, 128, 3), 0.3)
    sheet[:, 16:80, 16:112] = 1  # burnt paper: light of a sun or a lamp is left as it is
    plain, reconstructed = run(pack, "ReexposureReconstructLight", image=sheet, detail=0.0)
    drawn, _ = run(pack, "ReexposureReconstructLight", image=sheet)
    assert torch.equal(drawn, run(pack, "ReexposureReconstructLight", image=sheet, detail=1.0)[0])
    other, _ = run(pack, "ReexposureReconstructLight", image=sheet, seed=3)
    for light in (drawn, other):
        assert torch.equal(plain[reconstructed == 0], light[reconstructed == 0])
        assert not torch.equal(plain, light)
    assert not torch.equal(drawn, other)


def test_a_network_of_ones_own_that_draws_nothing_serves(pack, loaded, tmp_path, monkeypatch):
    for graph in ("light.onnx", "shadows.onnx"):
        shutil.copy(network.RELEASED / graph, tmp_path)
    wanted, _ = run(pack, "ReexposureReconstructLight", image=loaded, detail=0.0)
    monkeypatch.setenv(network.CHOICE, str(tmp_path))
    light, _ = run(pack, "ReexposureReconstructLight", image=loaded)
    assert torch.equal(light, wanted)
    with pytest.raises(rx.NetworkError, match="draws no detail"):
        run(pack, "ReexposureReconstructLight", image=loaded, detail=0.5)


def test_exposures_are_those_of_the_light(pack, loaded):
    light, _ = run(pack, "ReexposureReconstructLight", image=loaded)
    (as_taken,) = run(pack, "ReexposureExpose", light=light)
    well = (loaded > 24 / 255) & (loaded < 240 / 255)
    assert (as_taken - loaded)[well].abs().max() < 0.5 / 255
    (darker,) = run(pack, "ReexposureExpose", light=light, ev=-1.0)
    assert darker.shape == loaded.shape
    linear = torch.where(darker <= 0.04045, darker / 12.92, ((darker + 0.055) / 1.055) ** 2.4)
    assert (linear - (light / 2).clamp(0, 1)).abs().max() < 1e-4
    assert darker[0].max() == 1  # the sun is still beyond white


def test_highlights_are_developed(pack, loaded):
    light, _ = run(pack, "ReexposureReconstructLight", image=loaded)
    (as_taken,) = run(pack, "ReexposureDevelop", light=light)
    assert torch.equal(as_taken, run(pack, "ReexposureExpose", light=light)[0])
    (held,) = run(pack, "ReexposureDevelop", light=light, highlights=-100.0)
    assert held[0].mean() < as_taken[0].mean()
    assert (held == 1).float().mean() < (as_taken == 1).float().mean()


@pytest.fixture
def output(tmp_path, monkeypatch):
    """A folder for results, and ComfyUI's module that knows it."""
    comfy = types.ModuleType("folder_paths")
    comfy.get_output_directory = lambda: str(tmp_path)
    comfy.get_save_image_path = lambda prefix, root, width, height: (root, prefix, 7, "", prefix)
    monkeypatch.setitem(sys.modules, "folder_paths", comfy)
    return tmp_path


@pytest.mark.parametrize("format", ["exr", "hdr", "tif"])
def test_light_is_saved(pack, output, format):
    light = torch.full((2, 4, 6, 3), 8.0)
    told = run(pack, "ReexposureSaveRadiance", light=light, format=format)
    names = [f"light_0000{number}_.{format}" for number in (7, 8)]
    assert [file["filename"] for file in told["ui"]["files"]] == names
    assert sorted(path.name for path in output.iterdir()) == names
    for name in names:
        assert (oiio.ImageBuf(str(output / name)).get_pixels(oiio.FLOAT) == 8).all()


def test_saved_light_has_the_primaries_asked_for(pack, output):
    run(pack, "ReexposureSaveRadiance", light=torch.ones(1, 4, 6, 3), space="acescg")
    assert oiio.ImageBuf(str(output / "light_00007_.exr")).spec().get("colorInteropID") == "lin_ap1_scene"


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ((0, 8, 8, 3), r"reexposure: the IMAGE is empty, its shape is \[0, 8, 8, 3\]; there is nothing to work on"),
        ((1, 0, 8, 3), r"the IMAGE is empty, its shape is \[1, 0, 8, 3\]"),
        ((8, 8, 3), r"an IMAGE of shape \[8, 8, 3\]; \[batch, height, width, 3\] is wanted"),
        ((1, 8, 8, 1), r"an IMAGE of shape \[1, 8, 8, 1\]"),
    ],
)
def test_what_is_no_batch_is_one_clear_error(pack, output, shape, said):
    for name, title in (
        ("ReexposureReconstructLight", "image"), ("ReexposureExpose", "light"), ("ReexposureDevelop", "light"),
        ("ReexposureSaveRadiance", "light"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=said):
            run(pack, name, **{title: torch.zeros(shape)})
    assert not list(output.iterdir())


def test_values_that_are_none_and_alpha_do_no_harm(pack):
    batch = torch.full((1, 16, 16, 4), 0.5)
    batch[0, 0, 0] = torch.tensor([float("nan"), float("inf"), -1.0, 0.0])
    light, _ = run(pack, "ReexposureReconstructLight", image=batch)
    assert light.shape == (1, 16, 16, 3)
    assert light.isfinite().all()
    (shown,) = run(pack, "ReexposureExpose", light=batch)
    assert shown.isfinite().all()
