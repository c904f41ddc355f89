"""The nodes. Light travels as IMAGE, too: linear, in floats, 1.0 where the picture clipped and more beyond it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

import reexposure as rx

from .images import encoded, levels, lights, pictures

CATEGORY = "image/reexposure"
STOPS = ("FLOAT", {"default": 0.0, "min": -30.0, "max": 30.0, "step": 0.1, "tooltip": "stops; positive is brighter"})
PERCENT = {"default": 0.0, "min": -100.0, "max": 100.0, "step": 1.0}
DRAWN = {
    "detail": ("FLOAT", {
        "default": -1.0, "min": -1.0, "max": 1.0, "step": 0.05,
        "tooltip": "0 to 1: how much texture is drawn where none is left; 0 is faithful light; -1: what is best",
    }),
    "seed": ("INT", {"default": 0, "min": 0, "max": 2**32 - 1, "tooltip": "another one draws another texture"}),
}  # fmt: skip
LIGHT = ("IMAGE", {"tooltip": "light, of the node Reconstruct light"})


class ReconstructLight:
    """A picture becomes its light, with what was clipped filled in; the mask shows where."""

    DESCRIPTION = "Linear light of a picture, burnt-out highlights filled in. Expose or develop it, or save it."
    CATEGORY = CATEGORY
    FUNCTION = "reconstruct"
    RETURN_TYPES = ("IMAGE", "MASK")
    RETURN_NAMES = ("light", "reconstructed")

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        return {"required": {"image": ("IMAGE",)}, "optional": DRAWN}

    def reconstruct(self, image: torch.Tensor, detail: float = -1, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
        amount = None if detail < 0 else detail
        found = [rx.reconstruct(levels(one), "srgb", detail=amount, seed=seed) for one in pictures(image)]
        light = torch.stack([torch.from_numpy(radiance.linear) for radiance in found])
        return light, torch.stack([torch.from_numpy(radiance.reconstructed) for radiance in found])


class Expose:
    """Light becomes a picture, as if taken some stops brighter or darker."""

    DESCRIPTION = "The picture at another exposure."
    CATEGORY = CATEGORY
    FUNCTION = "expose"
    RETURN_TYPES = ("IMAGE",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        return {"required": {"light": LIGHT, "ev": STOPS}}

    def expose(self, light: torch.Tensor, ev: float) -> tuple[torch.Tensor]:
        return (torch.stack([encoded(radiance.expose(ev)) for radiance in lights(light)]),)


class Develop:
    """Light becomes a picture, its highlights and shadows moved."""

    DESCRIPTION = (
        "The picture at an exposure; highlights below 0 bring back what is beyond white, shadows above 0 open."
    )
    CATEGORY = CATEGORY
    FUNCTION = "develop"
    RETURN_TYPES = ("IMAGE",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        moves = {"highlights": ("FLOAT", PERCENT), "shadows": ("FLOAT", PERCENT)}
        return {"required": {"light": LIGHT, "ev": STOPS, **moves}}

    def develop(self, light: torch.Tensor, ev: float, highlights: float, shadows: float) -> tuple[torch.Tensor]:
        developed = (radiance.develop(ev, highlights=highlights, shadows=shadows) for radiance in lights(light))
        return (torch.stack([encoded(photo) for photo in developed]),)


class SaveRadiance:
    """Light as files for other programs, in ComfyUI's output folder."""

    DESCRIPTION = "Saves light as OpenEXR (half floats), Radiance .hdr or float TIFF."
    CATEGORY = CATEGORY
    FUNCTION = "save"
    OUTPUT_NODE = True
    RETURN_TYPES = ()

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        spaces = ["rec709", "rec2020", "p3", "acescg"]
        return {
            "required": {
                "light": LIGHT,
                "filename_prefix": ("STRING", {"default": "light"}),
                "format": (["exr", "hdr", "tif"],),
                "space": (spaces, {"tooltip": "the primaries of the file"}),
            }
        }

    def save(self, light: torch.Tensor, filename_prefix: str, format: str, space: Any) -> dict[str, Any]:
        import folder_paths  # ComfyUI's own

        found = list(lights(light))
        height, width = found[0].linear.shape[:2]
        root = folder_paths.get_output_directory()
        folder, name, counter, subfolder, _ = folder_paths.get_save_image_path(filename_prefix, root, width, height)
        saved = []
        for number, radiance in enumerate(found, counter):
            file = f"{name}_{number:05}_.{format}"
            radiance.save(Path(folder, file), overwrite=False, space=space)
            saved.append({"filename": file, "subfolder": subfolder, "type": "output"})
        return {"ui": {"files": saved}}


NODE_CLASS_MAPPINGS = {
    "ReexposureReconstructLight": ReconstructLight,
    "ReexposureExpose": Expose,
    "ReexposureDevelop": Develop,
    "ReexposureSaveRadiance": SaveRadiance,
}
NODE_DISPLAY_NAME_MAPPINGS = {
    "ReexposureReconstructLight": "Reconstruct light",
    "ReexposureExpose": "Expose light",
    "ReexposureDevelop": "Develop light",
    "ReexposureSaveRadiance": "Save light",
}
