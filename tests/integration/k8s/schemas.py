"""Strict schemas: Kubernetes' own, and those of custom resources, from the folder that HOTSHELF_TEST_CRDS names."""

import copy
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml
from jsonschema.exceptions import best_match

OLDEST, NEWEST = "1.30", "1.37"
"""Of Kubernetes: from which on the manifests are to work (k8s/README.md), and the newest of which there are schemas."""

CRDS = "HOTSHELF_TEST_CRDS"

Schemas = Mapping[tuple[str, str], dict[str, Any]]
"""By apiVersion and kind."""


def custom_schemas() -> Schemas:
    """Of the custom resources; skips the test where there are none."""
    if not (folder := os.environ.get(CRDS)):
        pytest.skip(f"{CRDS} names no folder of CustomResourceDefinitions")
    definitions = [one for file in sorted(Path(folder).glob("*.yaml")) for one in yaml.safe_load_all(file.read_text())]
    return {
        (f"{one['spec']['group']}/{version['name']}", one["spec"]["names"]["kind"]): strict(
            version["schema"]["openAPIV3Schema"]
        )
        for one in definitions
        if one
        for version in one["spec"]["versions"]
        if version["served"]
    }


def is_core(manifest: dict[str, Any]) -> bool:
    """Whether Kubernetes itself knows it."""
    group = manifest["apiVersion"].partition("/")[0] if "/" in manifest["apiVersion"] else ""
    return "." not in group or (group.endswith(".k8s.io") and group != "gateway.networking.k8s.io")


def core_fault(manifest: dict[str, Any]) -> str:
    """What the schemas of Kubernetes, the oldest and the newest, find wrong; empty for nothing."""
    for version in (OLDEST, NEWEST):
        try:
            kubernetes_validate.validate(manifest, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            return f"{version}: {'.'.join(str(part) for part in error.path)}: {error.message}"
    return ""


def custom_fault(manifest: dict[str, Any], schemas: Schemas) -> str:
    """What the definition of a custom resource finds wrong; empty for nothing."""
    schema = schemas.get((manifest["apiVersion"], manifest["kind"]))
    if schema is None:
        return f"{manifest['apiVersion']} {manifest['kind']}: no such kind is defined"
    error = best_match(jsonschema.Draft202012Validator(schema).iter_errors(manifest))
    return f"{error.json_path}: {error.message}" if error else ""


def strict(schema: dict[str, Any]) -> dict[str, Any]:
    """A definition's schema that also refuses unknown fields, as server-side field validation does."""
    made = copy.deepcopy(schema)
    _close(made)
    # The API server knows these by itself.
    made["properties"]["metadata"] = {"type": "object"}
    return made


def _close(schema: Any) -> None:
    if not isinstance(schema, dict):
        return
    if schema.get("x-kubernetes-int-or-string"):
        schema.pop("type", None)
        schema["type"] = ["integer", "string"]
    open_ended = schema.get("x-kubernetes-preserve-unknown-fields") or "additionalProperties" in schema
    if "properties" in schema and not open_ended:
        schema["additionalProperties"] = False
    for child in (*schema.get("properties", {}).values(), schema.get("items"), schema.get("additionalProperties")):
        _close(child)
