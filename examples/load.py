"""Loads an example folder into a running server, through the HTTP API and nothing else.

    python examples/load.py examples/pre-collection --token TOKEN --smtp-host HOST --smtp-port PORT

Needs Python 3.11 and its standard library.
"""

import argparse
import datetime as dt
import json
import re
import sys
import time
import tomllib
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CONTENT_TYPES = {".csv": "text/csv", ".jsonl": "application/x-ndjson", ".ndjson": "application/x-ndjson"}
ISO_DATE = re.compile(r"(?<![\w-])\d{4}-\d{2}-\d{2}(?![\w-])")


class ApiError(Exception):
    """The server said no, in its own words; or there is no server."""


class Api:
    """The calls of `/api/v1`, with the token that decides tenant and role."""

    def __init__(self, url: str, token: str, timeout: float = 60) -> None:
        self.base = url.rstrip("/") + "/api/v1"
        self.token = token
        self.timeout = timeout

    def call(self, method: str, path: str, body: Any = None, content_type: str = "application/json") -> Any:
        """One call. `body` is sent as JSON unless it is bytes already."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data=data, method=method)
        request.add_header("Authorization", f"Bearer {self.token}")
        if data is not None:
            request.add_header("Content-Type", content_type)
        try:
            with urllib.request.urlopen(request, timeout=self.timeout) as response:
                text = response.read()
        except urllib.error.HTTPError as error:
            raise ApiError(f"{method} {path} was answered {error.code}: {problem(error.read())}") from None
        except (urllib.error.URLError, OSError) as error:
            raise ApiError(f"{method} {path} failed: {getattr(error, 'reason', error)}") from None
        return json.loads(text) if text else None

    def get(self, path: str) -> Any:
        return self.call("GET", path)

    def post(self, path: str, body: Any = None) -> Any:
        return self.call("POST", path, body)

    def list(self, path: str) -> Iterator[dict]:
        """All items of a list, page by page."""
        cursor = None
        while True:
            query = {"limit": "100"} | ({"cursor": cursor} if cursor else {})
            page = self.get(f"{path}{'&' if '?' in path else '?'}{urllib.parse.urlencode(query)}")
            yield from page["items"]
            cursor = page.get("next_cursor")
            if not cursor:
                return


def problem(body: bytes) -> str:
    """A problem document (RFC 9457) as one line and one more for each field."""
    try:
        document = json.loads(body)
        lines = [document.get("detail") or document.get("title") or ""]
        for error in document.get("errors") or []:
            place = error.get("field") or ":".join(str(error[key]) for key in ("line", "column") if key in error)
            lines.append(f"  {place}: {error.get('message')}")
        return "\n".join(lines)
    except (ValueError, AttributeError):
        return body[:500].decode(errors="replace")


@dataclass
class Example:
    """A folder with campaign.toml, strategies, contacts and the expected outcome."""

    folder: Path
    spec: dict
    expected: dict

    @classmethod
    def read(cls, folder: Path) -> "Example":
        spec = tomllib.loads((folder / "campaign.toml").read_text(encoding="utf-8"))
        expected = tomllib.loads((folder / "expected.toml").read_text(encoding="utf-8"))
        return cls(folder, spec, expected)

    def contacts(self, today: dt.date) -> tuple[Path, bytes]:
        """The contact file, its dates moved along so that they lie from `today` as they lay from `written_for`."""
        path = self.folder / self.spec["contacts"]["file"]
        written_for = self.spec["contacts"].get("written_for")
        if written_for is None:
            return path, path.read_bytes()
        days = today - written_for.date()

        def moved(found: re.Match) -> str:
            return (dt.date.fromisoformat(found[0]) + days).isoformat()

        return path, ISO_DATE.sub(moved, path.read_text(encoding="utf-8")).encode()


@dataclass
class Loaded:
    """What was made on the server, by id."""

    campaign_id: str
    import_id: str


def load(
    api: Api,
    example: Example,
    smtp_host: str,
    smtp_port: int,
    today: dt.date | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Loaded:
    """Makes the integration, the campaign, its stages and strategies, activates it and uploads the contacts.

    Does not wait for the import to end; see `wait_for_import`.
    """
    spec = example.spec
    settings = spec["integration"]["settings"] | {"host": smtp_host, "port": smtp_port}
    integration = api.post("/integrations", spec["integration"] | {"settings": settings, "secrets": {}})
    say(f"integration  {spec['integration']['name']} ({smtp_host}:{smtp_port})")

    campaign_id = api.post("/campaigns", spec["campaign"])["id"]
    say(f"campaign     {spec['campaign']['name']}")
    for stage in spec["stages"]:
        sends_mail = stage["channel"] == "email_notification"
        body = stage | ({"integration_id": integration["id"]} if sends_mail else {})
        api.post(f"/campaigns/{campaign_id}/stages", body)
        say(f"stage        {stage['name']} ({stage['channel']})")
    for strategy in spec["strategies"]:
        source = (example.folder / strategy["file"]).read_text(encoding="utf-8")
        body = {key: strategy[key] for key in ("name", "type", "function")} | {"source": source}
        made = api.post(f"/campaigns/{campaign_id}/strategies", body)
        say(f"strategy     {strategy['name']} ({strategy['type']}, {made['status']})")

    api.post(f"/campaigns/{campaign_id}/activate")
    say("activated")
    path, contacts = example.contacts(today or dt.datetime.now(dt.UTC).date())
    upload = api.call("POST", f"/campaigns/{campaign_id}/imports", contacts, CONTENT_TYPES[path.suffix])
    say(f"uploaded     {path.name} ({len(contacts)} bytes)")
    return Loaded(campaign_id, upload["id"])


def wait_for_import(api: Api, import_id: str, seconds: float = 60) -> dict:
    """Waits until the import has ended and returns its report."""
    deadline = time.monotonic() + seconds
    while True:
        report = api.get(f"/imports/{import_id}")
        if report["status"] in ("completed", "failed"):
            break
        if time.monotonic() > deadline:
            raise ApiError(f"the import has not ended after {seconds:.0f} s: {report}")
        time.sleep(0.05)
    if report["status"] == "failed":
        raise ApiError(f"the import failed: {report}")
    return report


def describe_import(api: Api, import_id: str, report: dict) -> Iterator[str]:
    """The report in lines, with each row that was rejected or warned about."""
    counts = ", ".join(f"{report[key]} {key}" for key in ("created", "updated", "rejected", "warned"))
    yield f"{report['rows']} rows: {counts}"
    for outcome in ("rejected", "warned"):
        for receipt in api.list(f"/imports/{import_id}/receipts?outcome={outcome}"):
            yield f"  {outcome}: row {receipt['row']}, {receipt['field']} {receipt['value']!r} {receipt['reason']}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--url", default="http://127.0.0.1:8080")
    parser.add_argument("--token", required=True, help="of a tenant's admin")
    parser.add_argument("--smtp-host", required=True)
    parser.add_argument("--smtp-port", required=True, type=int)
    options = parser.parse_args()
    try:
        api = Api(options.url, options.token)
        loaded = load(api, Example.read(options.folder), options.smtp_host, options.smtp_port, say=print)
        for line in describe_import(api, loaded.import_id, wait_for_import(api, loaded.import_id)):
            print(line)
        print(f"\nGET {api.base}/campaigns/{loaded.campaign_id}/summary tells how it goes.")
    except (ApiError, OSError, tomllib.TOMLDecodeError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
