"""Telegram describes its Bot API in prose alone. This makes OpenAPI of the table that others keep of it (telegram-bot-api-spec)."""

import json
from pathlib import Path

PLAIN = {
    "Integer": {"type": "integer"},
    "String": {"type": "string"},
    "Boolean": {"type": "boolean"},
    "Float": {"type": "number"},
    "InputFile": {"type": "string"},
}


def schema(name: str) -> dict:
    """What a type of the table comes to."""
    if name.startswith("Array of "):
        return {"type": "array", "items": schema(name.removeprefix("Array of "))}
    return PLAIN.get(name) or {"$ref": f"#/components/schemas/{name}"}


def any_of(names: list[str]) -> dict:
    schemas = [schema(name) for name in names]
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


def fields_of(described: dict) -> dict:
    fields = described.get("fields", [])
    made = {"type": "object", "properties": {field["name"]: any_of(field["types"]) for field in fields}}
    required = [field["name"] for field in fields if field["required"]]
    return made | ({"required": required} if required else {})


def method(described: dict) -> dict:
    """One call, whose parameters are a JSON object. Telegram passes over unknown ones without a word: here they are faults."""
    result = {"type": "object", "required": ["ok", "result"], "properties": {"result": any_of(described["returns"])}}
    fault = {"type": "object", "required": ["ok", "error_code", "description"]}
    answer = {"200": ("What it gives.", result), "default": ("Why not.", fault)}
    return {
        "operationId": described["name"],
        "requestBody": {"content": {"application/json": {"schema": fields_of(described) | {"additionalProperties": False}}}},
        "responses": {
            status: {"description": words, "content": {"application/json": {"schema": body}}}
            for status, (words, body) in answer.items()
        },
    }


def openapi(table: Path) -> dict:
    """The whole description. `{bot}` is `bot` and the token."""
    told = json.loads(table.read_text(encoding="utf-8"))
    bot = {"name": "bot", "in": "path", "required": True, "schema": {"type": "string", "pattern": "^bot[0-9]+:.+$"}}
    types = told["types"].items()
    return {
        "openapi": "3.0.3",
        "info": {"title": "Telegram", "version": told["version"]},
        "servers": [{"url": "https://api.telegram.org"}],
        "paths": {
            f"/{{bot}}/{name}": {"parameters": [bot], "post": method(described)}
            for name, described in told["methods"].items()
        },
        "components": {
            "schemas": {
                name: any_of(described["subtypes"]) if described.get("subtypes") else fields_of(described)
                for name, described in types
                if name not in PLAIN
            }
        },
    }
