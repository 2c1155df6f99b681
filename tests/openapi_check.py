"""Holds every answer of a test against the OpenAPI documents that the server writes of itself."""

import json
import re
from functools import cache
from typing import Any

import httpx
from jsonschema import Draft202012Validator

from tihuo.app import DOCUMENTS


@cache
def _documents() -> list[dict[str, Any]]:
    return [write() for write in DOCUMENTS.values()]


@cache
def _operations() -> list[tuple[re.Pattern[str], str, str, dict[str, Any], dict[str, Any]]]:
    found = []
    for document in _documents():
        for path, operations in document["paths"].items():
            pattern = re.compile("^" + re.sub(r"\{\w+\}", "[^/]+", path) + "$")
            for verb, operation in operations.items():
                found.append((pattern, path, verb, operation, document))
    # A path without parameters comes before one whose parameter would swallow it.
    return sorted(found, key=lambda entry: entry[1].count("{"))


@cache
def _validator(path: str, verb: str, status: str) -> Draft202012Validator | None:
    for _, own, own_verb, operation, document in _operations():
        if (own, own_verb) == (path, verb):
            content = operation["responses"][status].get("content", {})
            if "application/json" not in content:
                return None
            schema = content["application/json"]["schema"]
            return Draft202012Validator(
                {**schema, "components": document["components"]},
                format_checker=Draft202012Validator.FORMAT_CHECKER,
            )
    raise AssertionError(f"no operation {verb} {path}")


def check(response: httpx.Response) -> None:
    """Fail unless the answer is one that the documents declare."""
    path = response.request.url.path
    verb = response.request.method.lower()
    if not path.startswith("/api/") or path.startswith("/api/docs"):
        return
    found = [(entry[1], entry[3]) for entry in _operations() if entry[2] == verb and entry[0].match(path)]
    if not found:
        assert response.status_code in (404, 405), f"{verb} {path} is in no document, yet gave {response.status_code}"
        return
    declared, operation = found[0]
    status = str(response.status_code)
    if status == "404" and response.json()["error"]["code"] == "not_found":
        # The document's pattern is wider than the route's: no route took the path.
        return
    assert status in operation["responses"], f"{verb} {declared} gave undeclared {status}: {response.text[:300]}"
    validator = _validator(declared, verb, status)
    if validator is not None:
        errors = [error.message for error in validator.iter_errors(json.loads(response.content))]
        assert not errors, f"{verb} {declared} {status} differs from its document: {errors}"
