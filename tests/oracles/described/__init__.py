"""The providers' descriptions of their APIs, and what has to be amended in them."""

import json
import re
from pathlib import Path

import yaml

from described.telegram import openapi

FILES = {
    "whatsapp_meta": "meta-whatsapp-cloud-v23.yaml",
    "twilio": "twilio-api-v2010.json",
    "telegram": "telegram-bot-api-10.1.json",
}
"""Their names, by the kind of integration."""


def description(kind: str, file: Path) -> dict:
    """A provider's description, with what is amended in it."""
    if kind == "telegram":
        return openapi(file)
    text = file.read_text(encoding="utf-8")
    if kind == "twilio":
        return twilio(json.loads(text))
    # Letters in two halves, which YAML has not: they are in examples.
    told = yaml.load(re.sub(r"(\\u[dD][89a-fA-F][0-9a-fA-F]{2})+", "?", text), Loader=yaml.CSafeLoader)
    # Dates are texts in JSON.
    return json.loads(json.dumps(meta(told), default=str))


def meta(told: dict) -> dict:
    """Meta's own pages say more of messages than its description of 23.0 does."""
    schemas = told["components"]["schemas"]
    message = schemas["BaseMessageProperties"]
    # Known to it from calls only; statuses bring it back.
    message["properties"]["biz_opaque_callback_data"] = {"type": "string", "maxLength": 512}
    # Users without a number, since 2026: one of both names the contact.
    message["properties"]["recipient"] = {"type": "string"}
    message["required"].remove("to")
    # "Position index of the button (0-9)" beside the pattern ^[2-6, 11-14]$, which its own examples do not fit.
    schemas["TemplateComponent"]["properties"]["index"]["pattern"] = "^[0-9]$"
    schemas["ButtonComponent"]["allOf"][1]["properties"]["index"]["pattern"] = "^[0-9]$"
    return told


def twilio(told: dict) -> dict:
    """Prism reads a list from a form only where its style is written down, although it is the usual one."""
    for calls in told["paths"].values():
        for call in calls.values():
            content = call.get("requestBody", {}).get("content", {}) if isinstance(call, dict) else {}
            for form in content.values():
                fields = form["schema"].get("properties", {}).items()
                lists = [name for name, schema in fields if schema.get("type") == "array"]
                form["encoding"] = {name: {"style": "form", "explode": True} for name in lists}
    return told
