"""A training recipe: frozen dataclasses read from a TOML file."""

from __future__ import annotations

import tomllib
import typing
from dataclasses import dataclass, field, is_dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec

from reexposure.training.augmentation import Augmentation, Shares
from reexposure.training.detail import DetailArchitecture
from reexposure.training.generator import Architecture


@dataclass(frozen=True)
class Losses:
    """Weights of the generator's losses, and the source's ablation switches.

    Weights have no unit; 0 leaves a loss out.
    """

    log: float = 1.0
    """Weight of the squared error in stops over clipped values."""
    shadows: float = 0.5
    """Weight of the squared error in stops over crushed values."""
    picture: float = 20.0
    """Weight of the squared error of pictures, encoded in [0, 1]."""
    log_rms: float = 0.0
    """Weight of the root mean square error in stops of each picture: suns count less than in ``log``."""
    bright: float = 0.0
    """How much more an error in stops counts where the truth is more than 3 stops over the clip level."""
    chroma: float = 0.0
    """Weight of the squared error in stops of hue: of each channel against the mean of the three."""
    relative: float = 0.0
    """Weight of each picture's squared error as a share of the plain brightness change's."""
    pushed: float = 0.0
    """Weight of the same in pictures brightened by ``push_ev``, where shadows show their noise."""
    adversarial: float = 0.05
    """Weight of the discriminator's word (hinge)."""
    perceptual: float = 1.0
    """Weight of the squared distance of VGG19's features."""
    style: float = 0.0
    """Distance of the covariances of VGG19's features: of what texture is made of, wherever it lies."""
    octaves: float = 0.0
    """Weight of how much texture there is in each octave, of networks that draw detail."""
    moments: float = 0.0
    """Frechet distance of VGG19's features, of all pictures together: how much texture there is, and of what kinds."""
    feature_matching: float = 0.0
    """Weight of the distance of the discriminator's features: what stands in where there are no VGG19 weights."""
    vgg19: str = ""
    """File with the VGG19 weights of the perceptual loss."""
    vgg19_layer: str = "conv3_4"
    """The layer whose features are compared, by its name in the source: an ablation."""
    vgg19_before_relu: bool = True
    """Whether features are taken before their ReLU: an ablation."""
    vgg19_crop_px: int = 96
    """VGG19 looks at a square of so many pixels a side of each picture, where most is ill-exposed."""
    means_px: tuple[int, ...] = (1,)
    """Errors of light and picture are of means over squares of these sizes in pixels, averaged over the sizes."""
    discriminator_sees: Literal["ldr", "linear"] = "ldr"
    """What the discriminator is shown: clipped and encoded pictures, or linear light: an ablation."""
    view_ev: tuple[float, float] = (-4.5, -0.5)
    """Pictures shown to discriminator, VGG19 and picture error are exposed by so many stops, from and to."""
    mid_grey_ev: float = 0.0
    """If not 0, discriminator and VGG19 see what clipped as mid grey, by up to this many stops more or less."""
    discriminator_on: Literal["pixels", "vgg19"] = "pixels"
    """What the discriminator looks at: pictures, or VGG19's features of them."""
    discriminator_right: float = 1.0
    """It is not taught in steps in which it is right on more than this share of patches, 0 to 1."""
    push_ev: tuple[float, float] = (2.0, 4.0)
    """The ``pushed`` error looks at shadows brightened by so many stops, from and to."""


@dataclass(frozen=True)
class Optimisation:
    """How long and how fast. The budget is minutes of training or a number of steps."""

    minutes: float = 0.0
    """The budget in minutes; 0 where it is in steps."""
    steps: int = 0
    """The budget in steps, of a batch each; 0 where it is in minutes."""
    batch: int = 8
    """Pairs in a step."""
    generator_rate: float = 4e-4
    """Adam's learning rate of the generator."""
    discriminator_rate: float = 4e-4
    """Adam's learning rate of the discriminator."""
    adversarial_from: float = 0.25
    """Share of the budget after which the discriminator joins, 0 to 1."""
    perceptual_from: float = 0.0
    """Share of the budget after which VGG19 joins, 0 to 1: until then steps take two thirds of the time."""
    average: float = 0.998
    """Decay a step of the exponential moving average of the generator's weights, which is what is exported."""
    seed: int = 0
    """Of weights, order and augmentation."""
    precision: Literal["auto", "32-true", "bf16-mixed", "16-mixed"] = "auto"
    """``auto`` times ten steps of single precision and of bfloat16, and takes the faster."""
    workers: int = 1
    """Processes that make pairs, beside the one that trains."""
    checkpoint_minutes: float = 3.0
    """Minutes between checkpoints."""
    sample_minutes: float = 5.0
    """Minutes between pictures of validation views."""
    log_every: int = 20
    """Steps between lines of the log."""


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a training run, but for the data's place."""

    shards: str = "shards"
    """Folder that `reexpose prepare` made."""
    shares: Shares = field(default_factory=Shares)
    """What batches are made of."""
    generator: Architecture = field(default_factory=Architecture)
    """The network that is taught."""
    detail: DetailArchitecture = field(default_factory=DetailArchitecture)
    """If it has widths, a run teaches the network that draws detail over the light of ``generator``."""
    discriminator_widths: tuple[int, ...] = (32, 64, 96, 128)
    """Channels of the discriminator's convolutions, each of which halves the picture."""
    augmentation: Augmentation = field(default_factory=Augmentation)
    """How views become pairs."""
    losses: Losses = field(default_factory=Losses)
    """What is minimised."""
    optimisation: Optimisation = field(default_factory=Optimisation)
    """For how long, and how fast."""


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
        recipe = from_dict(values)
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
    if (losses.style or losses.moments) and not (losses.vgg19 and losses.perceptual):
        raise ValueError(
            f"{path}: losses.style and losses.moments need VGG19's weights (losses.vgg19) and losses.perceptual"
        )
    if recipe.shares.pasted and recipe.augmentation.made_on == "cpu":
        raise ValueError(f'{path}: shares.pasted needs augmentation.made_on = "device"')
    # Half of the photos that detail is drawn for are reduced by two before the generator sees them.
    multiple = recipe.generator.stride * (2 if recipe.detail.widths else 1)
    if recipe.augmentation.crop_px % multiple:
        raise ValueError(f"{path}: augmentation.crop_px must be a multiple of {multiple}")
    return recipe


def from_dict(values: dict[str, Any]) -> Recipe:
    """A recipe out of a checkpoint, which keeps it as plain values.

    Raises ValueError for an unknown name or a value of another type than its field's.
    """
    _check_names(Recipe, values, "")
    try:
        return msgspec.convert(values, Recipe)
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at `$.")
        raise ValueError(f"{place.rstrip('`')}: {reason[:1].lower()}{reason[1:]}") from None


def _check_names(kind: type, values: dict[str, Any], where: str) -> None:
    """Raise ValueError for a name that is no field: msgspec passes over them in dataclasses."""
    hints = typing.get_type_hints(kind)
    for name, value in values.items():
        if name not in hints:
            raise ValueError(f"{where}{name}: unknown; there are {', '.join(sorted(hints))}")
        if is_dataclass(hints[name]) and isinstance(value, dict):
            _check_names(hints[name], value, f"{where}{name}.")
