"""Compares how a campaign ended with an example's expected.toml; for `demo.py`."""

import collections


def differences(
    expected: dict, report: dict, status: str, summary: dict, contacts: list[dict], mails: list[dict]
) -> list[str]:
    """What is not as expected.toml has it, which uses the API's own names."""
    found = []

    def compare(what: str, want: object, got: object) -> None:
        if want != got:
            found.append(f"{what}: expected {want}, got {got}")

    for key, want in expected["import"].items():
        compare(f"import, {key}", want, report.get(key))
    compare("campaign", "completed", status)
    compare("mails", expected["mails"], len(mails))
    for key, want in expected["summary"].items():
        compare(key, want, {name: count for name, count in summary[key].items() if count})
    compare("steps left", {"waiting": 0, "dead": 0}, summary["steps"])
    by_object = {contact["object_id"]: contact for contact in contacts}
    sent = collections.Counter(mail["to"] for mail in mails)
    for wanted in expected["contacts"]:
        name = wanted["object_id"]
        contact = by_object.get(name)
        if contact is None:
            found.append(f"{name}: expected, but not there")
            continue
        for key, want in wanted.items():
            compare(f"{name}, {key}", want, sent[contact["email"]] if key == "mails" else contact[key])
    return found
