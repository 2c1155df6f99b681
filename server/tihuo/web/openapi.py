"""The OpenAPI documents, written from what the endpoints declare."""

import re
from collections import defaultdict
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from tihuo.errors import AppError, InvalidRequest
from tihuo.web.endpoint import Endpoint, declared_on, implied_errors
from tihuo.web.routes import Route

_REF = "#/components/schemas/{model}"


def document(title: str, routes: list[Route]) -> dict[str, Any]:
    """One audience's document (OpenAPI 3.1)."""
    endpoints = [
        (route.path, verb, declared) for route in routes for verb, declared in declared_on(route.handler).items()
    ]
    schemas = _Schemas(endpoints)
    paths: dict[str, dict[str, Any]] = defaultdict(dict)
    for path, verb, declared in endpoints:
        paths[path][verb] = _operation(path, verb, declared, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "1"},
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": schemas.definitions,
            "securitySchemes": {"session": {"type": "apiKey", "in": "cookie", "name": "tihuo_session"}},
        },
    }


class _Schemas:
    def __init__(self, endpoints: list[tuple[str, str, Endpoint]]) -> None:
        wanted: list[tuple[type[BaseModel], Any]] = []
        for _, _, declared in endpoints:
            if declared.body is not None:
                wanted.append((declared.body, "validation"))
            if isinstance(declared.returns, type) and issubclass(declared.returns, BaseModel):
                wanted.append((declared.returns, "serialization"))
        unique = list(dict.fromkeys(wanted))
        self._refs, top = models_json_schema(unique, ref_template=_REF)
        self.definitions: dict[str, Any] = top.get("$defs", {})

    def of(self, model: Any, mode: Any) -> dict[str, Any]:
        found = self._refs.get((model, mode))
        return dict(found) if found else TypeAdapter(model).json_schema(ref_template=_REF, mode=mode)


def _operation(path: str, verb: str, declared: Endpoint, schemas: _Schemas) -> dict[str, Any]:
    name = re.sub(r"\W+", "_", path.removeprefix("/api/")).strip("_")
    operation: dict[str, Any] = {
        "operationId": f"{verb}_{name}",
        "summary": declared.summary,
        "parameters": _parameters(declared),
        "responses": _responses(declared, schemas),
    }
    if declared.allows == "staff":
        operation["security"] = [{"session": []}]
    if declared.permission:
        operation["x-permission"] = declared.permission
    if declared.body is not None:
        content = {"application/json": {"schema": schemas.of(declared.body, "validation")}}
        operation["requestBody"] = {"required": True, "content": content}
    if declared.raw or declared.streamed:
        content = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _parameters(declared: Endpoint) -> list[dict[str, Any]]:
    parameters: list[dict[str, Any]] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "integer" if kind is int else "string"},
        }
        for name, kind in declared.path.items()
    ]
    if declared.query is not None:
        schema = declared.query.model_json_schema(schema_generator=GenerateJsonSchema)
        required = schema.get("required", [])
        parameters += [
            {"name": name, "in": "query", "required": name in required, "schema": shape}
            for name, shape in schema["properties"].items()
        ]
    if declared.idempotent:
        shape = {"type": "string", "pattern": "^[A-Za-z0-9_-]{8,64}$"}
        parameters.append({"name": "Idempotency-Key", "in": "header", "required": True, "schema": shape})
    return parameters


def _responses(declared: Endpoint, schemas: _Schemas) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": "OK"}
    if declared.media_type:
        answer["content"] = {declared.media_type: {"schema": {"type": "string", "format": "binary"}}}
    elif declared.status != 204:
        answer["content"] = {"application/json": {"schema": schemas.of(declared.returns, "serialization")}}
    responses: dict[str, Any] = {str(declared.status): answer}
    errors: dict[int, list[type[AppError]]] = defaultdict(list)
    takes_shape = declared.body is not None or declared.query is not None
    for error in (*implied_errors(declared), *declared.raises, *((InvalidRequest,) if takes_shape else ())):
        if error not in errors[error.status]:
            errors[error.status].append(error)
    for status, kinds in sorted(errors.items()):
        responses[str(status)] = {
            "description": "、".join(kind.message for kind in kinds),
            "content": {"application/json": {"schema": _error_schema([kind.code for kind in kinds])}},
        }
    return responses


def _error_schema(codes: list[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["error"],
        "additionalProperties": False,
        "properties": {
            "error": {
                "type": "object",
                "required": ["code", "message", "data", "request_id"],
                "additionalProperties": False,
                "properties": {
                    "code": {"type": "string", "enum": codes},
                    "message": {"type": "string"},
                    "data": {"type": "object", "additionalProperties": True},
                    "request_id": {"type": "string"},
                },
            }
        },
    }
