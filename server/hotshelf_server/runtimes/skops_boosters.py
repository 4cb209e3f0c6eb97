"""The LightGBM models in a skops file: their texts are checked before LightGBM's own package reads them.

A skops file is an archive whose ``schema.json`` is a tree of nodes: each names its loader and its type, and has an
``__id__`` under which later nodes may mean the same object. A Booster's node holds its state, and that the text.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from hotshelf_server.runtimes.texts.check import check_text
from hotshelf_server.runtimes.trees.errors import Broken

BOOSTER = "lightgbm.basic.Booster"
TEXT = "_handle"
"""Where a Booster's state has its text."""

Node = Mapping[str, Any]


def check_boosters(path: Path) -> None:
    """Raises `Broken` for a text in which LightGBM would lose its way, and for one that isn't where skops puts it.

    Whatever else is wrong with the file is raised as it comes.
    """
    with ZipFile(path) as archive:
        nodes = list(_nodes(json.loads(archive.read("schema.json"))))
    parts: dict[Any, Node] = {}
    for node in nodes:
        if _type(node) == BOOSTER and node["__loader__"] != "CachedNode":
            read = _parts(node)
            check_text(_text(read[-1]).encode())
            parts |= {part.get("__id__"): part for part in read}
    for node in nodes:
        if node["__loader__"] != "CachedNode" and parts.get(node.get("__id__"), node) != node:
            raise Broken("a Booster's state has the id of another object: skops would read that one")


def _nodes(schema: Any) -> Iterator[Node]:
    """All nodes, however deep, without a recursion."""
    waiting = [schema]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if "__loader__" in one:
                yield one
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


def _parts(booster: Node) -> Sequence[Node]:
    """The nodes that say what a Booster is made of, and last the text's. Raises `Broken` for others than skops'."""
    state = _expected(booster, BOOSTER, "ObjectNode")["content"]
    values = _expected(state, "builtins.dict", "DictNode")["content"]
    keys = _expected(state["key_types"], "builtins.list", "ListNode")
    if TEXT not in values:
        raise Broken(f"a Booster's state has no {TEXT}")
    if len(keys["content"]) != len(values):  # skops drops what is beyond the shorter one
        raise Broken(f"a Booster's state has {len(keys['content'])} types of keys, expected {len(values)}")
    names = [_expected(key, "builtins.str", "TypeNode") for key in keys["content"]]
    return (booster, state, keys, *names, _expected(values[TEXT], "builtins.str", "JsonNode"))


def _expected(node: Node, name: str, loader: str) -> Node:
    if _type(node) != name or node["__loader__"] != loader:
        raise Broken(f"a Booster holds a {node['__loader__']} of {_type(node)}, expected {loader} of {name}")
    return node


def _text(node: Node) -> str:
    text = json.loads(node["content"])
    if not isinstance(text, str):
        raise Broken(f"a Booster's {TEXT} is of type {type(text).__name__}, expected its text")
    return text


def _type(node: Node) -> str:
    return f"{node.get('__module__')}.{node.get('__class__')}"
