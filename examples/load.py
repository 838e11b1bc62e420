"""Loads an example folder into a running server, through the HTTP API and nothing else.

    python examples/load.py examples/pre-collection --token TOKEN --accounts accounts.toml

The accounts are those of `examples/accounts.toml`, filled in. Needs Python 3.11 and its standard library.
"""

import argparse
import datetime as dt
import re
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from api import Api, ApiError
from senders import AccountsError, Senders, make_senders

CONTENT_TYPES = {".csv": "text/csv", ".jsonl": "application/x-ndjson", ".ndjson": "application/x-ndjson"}
ISO_DATE = re.compile(r"(?<![\w-])\d{4}-\d{2}-\d{2}(?![\w-])")


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


def make(
    api: Api, example: Example, accounts: dict[str, dict], say: Callable[[str], None] = lambda line: None
) -> tuple[str, Senders]:
    """Makes integrations, agents, the campaign, its stages and strategies, and activates it. Returns the campaign's id
    and what it sends through.
    """
    spec = example.spec
    senders = make_senders(api, example.folder, spec, accounts, say)
    campaign_id = api.post("/campaigns", spec["campaign"])["id"]
    say(f"campaign       {spec['campaign']['name']}")
    for stage in spec["stages"]:
        alternatives = [senders.named_in(alternative) for alternative in stage.get("alternatives", [])]
        api.post(f"/campaigns/{campaign_id}/stages", senders.named_in(stage) | {"alternatives": alternatives})
        channels = [stage["channel"], *(f"or {alternative['channel']}" for alternative in alternatives)]
        say(f"stage          {stage['name']} ({' '.join(channels)})")
    for strategy in spec["strategies"]:
        source = (example.folder / strategy["file"]).read_text(encoding="utf-8")
        body = {key: strategy[key] for key in ("name", "type", "function")} | {"source": source}
        made = api.post(f"/campaigns/{campaign_id}/strategies", body)
        say(f"strategy       {strategy['name']} ({strategy['type']}, {made['status']})")
    api.post(f"/campaigns/{campaign_id}/activate")
    say("activated")
    return campaign_id, senders


def upload(api: Api, example: Example, campaign_id: str, say: Callable[[str], None] = lambda line: None) -> str:
    """Uploads the contacts and returns the import's id. Does not wait for its end; see `wait_for_import`."""
    path, contacts = example.contacts(dt.datetime.now(dt.UTC).date())
    made = api.call("POST", f"/campaigns/{campaign_id}/imports", contacts, CONTENT_TYPES[path.suffix])
    say(f"uploaded       {path.name} ({len(contacts)} bytes)")
    return made["id"]


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
    parser.add_argument("--accounts", required=True, type=Path, help="a file like accounts.toml beside this one")
    options = parser.parse_args()
    try:
        api = Api(options.url, options.token)
        example = Example.read(options.folder)
        accounts = tomllib.loads(options.accounts.read_text(encoding="utf-8"))
        campaign_id, senders = make(api, example, accounts, say=print)
        for kind, url in senders.webhooks.items():
            print(f"webhook        {url} (to be entered at the provider of {kind})")
        import_id = upload(api, example, campaign_id, say=print)
        for line in describe_import(api, import_id, wait_for_import(api, import_id)):
            print(line)
        print(f"\nGET {api.base}/campaigns/{campaign_id}/summary tells how it goes.")
    except (AccountsError, ApiError, OSError, tomllib.TOMLDecodeError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
