"""Recipes explain themselves: each field of each section has a line below it."""

import ast
import dataclasses
import inspect
import itertools
import typing
from pathlib import Path

import pytest

from reexposure.training.recipe import Recipe, from_dict

pytestmark = pytest.mark.extras


def sections(kind=Recipe):
    """The recipe and all that is in it."""
    yield kind
    for hint in typing.get_type_hints(kind).values():
        if dataclasses.is_dataclass(hint):
            yield from sections(hint)


def explained(kind):
    """The fields of a dataclass with a docstring below them."""
    tree = ast.parse(Path(inspect.getfile(kind)).read_text()).body
    body = next(node for node in tree if isinstance(node, ast.ClassDef) and node.name == kind.__name__).body
    for field, below in itertools.pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            yield field.target.id


@pytest.mark.parametrize("kind", list(sections()), ids=lambda kind: kind.__name__)
def test_every_field_has_its_line(kind):
    assert {field.name for field in dataclasses.fields(kind)} == set(explained(kind))


def test_a_recipe_comes_back_from_plain_values_as_it_was():
    recipe = Recipe(discriminator_widths=(8, 16))
    assert from_dict(dataclasses.asdict(recipe)) == recipe


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"losses": {"lög": 1}}, "losses.lög: unknown; there are adversarial, "),
        ({"optimisation": {"batch": "two"}}, "optimisation.batch: expected `int`, got `str`"),
        ({"optimisation": {"batch": 2.5}}, "optimisation.batch: expected `int`, got `float`"),
        ({"losses": {"view_ev": [1.0]}}, "losses.view_ev: expected `array` of length 2, got 1"),
        ({"generator": {"encoder": "vgg"}}, "generator.encoder: invalid enum value 'vgg'"),
        ({"losses": 3}, "losses: expected `object`, got `int`"),
    ],
)
def test_what_is_no_recipe_is_said_with_its_place(values, said):
    with pytest.raises(ValueError, match="^" + said.replace("[", "\\[")):
        from_dict(values)
