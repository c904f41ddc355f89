"""A training recipe: frozen dataclasses read from a TOML file."""

from __future__ import annotations

import tomllib
import types
import typing
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from reexposure.training.detail import DetailArchitecture
from reexposure.training.generator import Architecture
from reexposure.training.pairs import Augmentation, Shares

Section = TypeVar("Section")


@dataclass(frozen=True)
class Losses:
    """Weights of the generator's losses, and the source's ablation switches."""

    log: float = 1.0
    shadows: float = 0.5
    picture: float = 20.0
    log_rms: float = 0.0
    bright: float = 0.0
    """How much more an error in stops counts where the truth is more than 3 stops over the clip level."""
    chroma: float = 0.0
    relative: float = 0.0
    pushed: float = 0.0
    adversarial: float = 0.05
    perceptual: float = 1.0
    style: float = 0.0
    """Distance of the covariances of VGG19's features: of what texture is made of, wherever it lies."""
    feature_matching: float = 0.0
    vgg19: str = ""
    """File with the VGG19 weights of the perceptual loss."""
    vgg19_layer: str = "conv3_4"
    vgg19_before_relu: bool = True
    vgg19_crop_px: int = 96
    """VGG19 looks at a square this large of each picture, where most is ill-exposed."""
    means_px: tuple[int, ...] = (1,)
    """Errors of light and picture are of means over squares of these sizes, averaged over the sizes."""
    discriminator_sees: Literal["ldr", "linear"] = "ldr"
    view_ev: tuple[float, float] = (-4.5, -0.5)
    """Pictures shown to discriminator, VGG19 and picture error are exposed by this many stops."""
    mid_grey_ev: float = 0.0
    """If not 0, discriminator and VGG19 see what clipped as mid grey, by up to this many stops more or less."""
    discriminator_on: Literal["pixels", "vgg19"] = "pixels"
    """What the discriminator looks at: pictures, or VGG19's features of them."""
    discriminator_right: float = 1.0
    """It is not taught in steps in which it is right on more than this share of patches."""
    push_ev: tuple[float, float] = (2.0, 4.0)
    """The ``pushed`` error looks at shadows brightened by this many stops."""


@dataclass(frozen=True)
class Optimisation:
    """How long and how fast. The budget is minutes of training or a number of steps."""

    minutes: float = 0.0
    steps: int = 0
    batch: int = 8
    generator_rate: float = 4e-4
    discriminator_rate: float = 4e-4
    adversarial_from: float = 0.25
    """Share of the budget after which the discriminator joins."""
    perceptual_from: float = 0.0
    """Share of the budget after which VGG19 joins: until then steps take two thirds of the time."""
    average: float = 0.998
    """Decay of the exponential moving average of the generator's weights, which is what is exported."""
    seed: int = 0
    precision: Literal["auto", "32-true", "bf16-mixed", "16-mixed"] = "auto"
    """``auto`` times ten steps of single precision and of bfloat16, and takes the faster."""
    workers: int = 1
    checkpoint_minutes: float = 3.0
    sample_minutes: float = 5.0
    log_every: int = 20


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a training run, but for the data's place."""

    shards: str = "shards"
    shares: Shares = field(default_factory=Shares)
    generator: Architecture = field(default_factory=Architecture)
    detail: DetailArchitecture = field(default_factory=DetailArchitecture)
    """If it has widths, a run teaches the network that draws detail over the light of ``generator``."""
    discriminator_widths: tuple[int, ...] = (32, 64, 96, 128)
    augmentation: Augmentation = field(default_factory=Augmentation)
    losses: Losses = field(default_factory=Losses)
    optimisation: Optimisation = field(default_factory=Optimisation)


def load_recipe(path: Path, changes: dict[str, Any] | None = None) -> Recipe:
    """Read and check a recipe; ``changes`` replace values by dotted name, as flags do.

    A budget among the changes replaces the other kind of budget too.

    Raises OSError if the file cannot be read, ValueError naming it for bad TOML, an unknown key,
    a value of the wrong type, or a combination that cannot be trained.
    """
    try:
        values = tomllib.loads(path.read_text())
        for name, value in (changes or {}).items():
            *sections, key = name.split(".")
            section = values
            for part in sections:
                section = section.setdefault(part, {})
            if key in ("minutes", "steps"):
                section.pop("minutes", None)
                section.pop("steps", None)
            section[key] = value
        recipe = _build(Recipe, values, "")
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path}: {error}") from error
    losses, optimisation = recipe.losses, recipe.optimisation
    if bool(optimisation.minutes) == bool(optimisation.steps):
        raise ValueError(f"{path}: optimisation needs either minutes or steps")
    if losses.perceptual and not losses.vgg19 and not losses.feature_matching:
        raise ValueError(
            f"{path}: no VGG19 weights (losses.vgg19) for the perceptual loss; "
            "name them, or set losses.feature_matching to what replaces it"
        )
    if losses.adversarial and losses.discriminator_on == "vgg19" and not (losses.vgg19 and losses.perceptual):
        raise ValueError(f"{path}: a discriminator on VGG19 needs its weights (losses.vgg19) and losses.perceptual")
    if losses.discriminator_on == "vgg19" and (losses.vgg19_layer != "conv3_4" or not losses.vgg19_before_relu):
        raise ValueError(f"{path}: a discriminator on VGG19 reads conv3_4 before its ReLU, as the perceptual loss must")
    if recipe.generator.encoder != "none" and len(recipe.generator.widths) != 5:
        raise ValueError(f"{path}: an encoder joins a generator of five widths")
    if losses.style and not (losses.vgg19 and losses.perceptual):
        raise ValueError(f"{path}: losses.style needs VGG19's weights (losses.vgg19) and losses.perceptual")
    # Half of the photos that detail is drawn for are reduced by two before the generator sees them.
    multiple = recipe.generator.stride * (2 if recipe.detail.widths else 1)
    if recipe.augmentation.crop_px % multiple:
        raise ValueError(f"{path}: augmentation.crop_px must be a multiple of {multiple}")
    return recipe


def from_dict(values: dict[str, Any]) -> Recipe:
    """A recipe out of a checkpoint, which keeps it as plain values."""
    return _build(Recipe, values, "")


def _build(kind: type[Section], values: dict[str, Any], where: str) -> Section:
    """``values`` as the dataclass ``kind``, every name and type checked."""
    hints = typing.get_type_hints(kind)
    known = {f.name for f in fields(kind)}  # type: ignore[arg-type]
    arguments = {}
    for name, value in values.items():
        if name not in known:
            raise ValueError(f"{where}{name}: unknown; there are {', '.join(sorted(known))}")
        arguments[name] = _value(hints[name], value, f"{where}{name}")
    return kind(**arguments)


def _value(hint: Any, value: Any, where: str) -> Any:
    if is_dataclass(hint) and isinstance(value, dict):
        return _build(hint, value, f"{where}.")  # type: ignore[arg-type]
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple and isinstance(value, (list, tuple)):
        if inner[-1] is not Ellipsis and len(inner) != len(value):
            raise ValueError(f"{where}: takes {len(inner)} values")
        return tuple(_value(inner[0], v, where) for v in value)
    if origin is Literal:
        if value not in inner:
            raise ValueError(f"{where}: must be one of {', '.join(map(repr, inner))}")
        return value
    if hint is float and type(value) is int:
        return float(value)
    if not isinstance(hint, (type, types.GenericAlias)) or type(value) is not hint:
        raise ValueError(f"{where}: {value!r} is no {getattr(hint, '__name__', hint)}")
    return value
