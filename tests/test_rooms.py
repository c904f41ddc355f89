"""Who imports whom: light flows one way through the rooms, and so do imports; no file reaches itself again.

Imports inside functions count like all others. Those for the type checker alone count between rooms, not between the
files of one: methods of `Photo` are thin callers of functions that take a `Photo`.
"""

import ast
import graphlib
from pathlib import Path

import pytest

import reexposure

ROOT = Path(reexposure.__file__).parent
ORDER = (
    {"arrays", "errors", "ev", "files", "fonts", "memory", "progress"},
    {"light", "scenes"},
    {"photo"},
    {"radiance"},
    {"reconstruction"},
    {"figures", "films", "many", "training"},
    {"evaluation", "server"},
    {"cli"},
    {"__main__"},
)
"""Each room, or file in the root, imports from lines above its own only. CONTRIBUTING.md draws it."""
LEVEL = {name: level for level, names in enumerate(ORDER) for name in names}


def module_of(path):
    """The name by which others import a file."""
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {module_of(path): path for path in ROOT.rglob("*.py")}


class WithoutTypes(ast.NodeTransformer):
    """Takes out what only a type checker sees."""

    def visit_If(self, node):
        return None if ast.unparse(node.test) == "TYPE_CHECKING" else node


def imports_of(path, types=True):
    """The modules of ours that a file imports, wherever in it."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree if types else WithoutTypes().visit(tree)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in FILES)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: import by full names"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                if whole in FILES or node.module in FILES:
                    yield whole if whole in FILES else node.module


def graph(types):
    """Who imports whom. The root only hands on names, on first use, and holds the version: it does not count."""
    return {name: set(imports_of(path, types)) - {"reexposure"} for name, path in FILES.items() if "." in name}


GRAPH = graph(types=True)


def room_of(module):
    return module.split(".")[1]


def test_every_room_has_its_place():
    assert {room_of(name) for name in GRAPH} - {"page", "weights"} <= set(LEVEL)
    assert len(GRAPH) > 100  # or nothing was found to be checked


@pytest.mark.parametrize("room", sorted({room_of(name) for name in GRAPH} - {"page", "weights"}))
def test_no_room_imports_back_up(room):
    wrong = {
        f"{name} imports {other}"
        for name, others in GRAPH.items()
        for other in others
        if room_of(name) == room and room_of(other) in LEVEL
        if room_of(other) != room and LEVEL[room_of(other)] >= LEVEL[room]
    }
    assert not wrong


def test_no_circle_of_files():
    imports = graph(types=False)
    imports["reexposure.radiance.radiance"].remove("reexposure.radiance.opening")  # RadianceMap.load, on call
    list(graphlib.TopologicalSorter(imports).static_order())  # raises CycleError, which names them


def test_libraries_stay_in_their_rooms():
    """torch is for training and the metrics of others, matplotlib for figures, av for films, ray for clusters."""
    allowed = {
        "torch": {"training", "evaluation"},
        "matplotlib": {"figures", "evaluation"},
        "av": {"films", "photo"},
        "starlette": {"server"},
        "click": {"cli"},
        "ray": {"many", "cli"},
        "pyarrow": {"many", "cli"},
    }
    found = {library: set() for library in allowed}
    for name, path in FILES.items():
        for node in ast.walk(ast.parse(path.read_text())):
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            modules += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for library in {module.split(".")[0] for module in modules} & set(allowed):
                found[library].add(room_of(name))
    assert {library: rooms - allowed[library] for library, rooms in found.items()} == {name: set() for name in allowed}
    assert all(found.values())
