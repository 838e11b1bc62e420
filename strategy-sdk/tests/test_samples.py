"""The specification's own samples, without an import, indented as they were meant."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from conftest import Run

DATA_LOAD = """
async def run(contact: Contact, existing_contact: Contact | None, logger, **kwargs) -> Contact:
    # Check if contact already exists
    if existing_contact is not None:
        # Handle existing contact logic
        pass

    # Plan first communication
    first_comm = Communication(
        name="Initial Message",
        stage_name="First Contact",
        start_date=datetime.now() + timedelta(hours=1),
        # ... other settings
    )
    contact.communications.append(first_comm)

    # Set initial stage
    contact.current_stage = "First Contact"

    return contact
"""

AGGREGATION = """
async def run(contact: Contact, session_results: dict | None, logger, **kwargs) -> Contact:
    # Mark current communication as completed
    for comm in contact.communications:
        if comm.flagged:
            comm.status.status = CommunicationStatus.COMPLETED

    # Check conversation outcome
    outcome = session_results.get("OutcomeStatus", "NO_RESPONSE")

    # Plan next action based on outcome
    if outcome == "NO_RESPONSE":
        # Schedule follow-up
        next_comm = Communication(
            name="Follow-up",
            stage_name="Second Attempt",
            start_date=datetime.now() + timedelta(days=1),
            # ... other settings
        )
        contact.communications.append(next_comm)

    return contact
"""

ANSWER_ANALYSIS = """
async def on_agent_answer(contact: Contact, message: Message, **kwargs) -> Contact | None:
    # Update last interaction time
    contact.internal_data["last_message_time"] = datetime.now()

    # Check message content and update stage if needed
    if "promise to pay" in message.content.lower():
        contact.current_stage = "Payment Promised"

    return contact
"""


def test_data_load_plans_the_first_communication(run: Run) -> None:
    contact, _ = run(DATA_LOAD)
    planned = contact["communications"][-1]
    assert planned["id"] is None
    assert (planned["name"], planned["stage_name"], planned["status"]) == ("Initial Message", "First Contact", "planned")
    assert timedelta(minutes=59) < datetime.fromisoformat(planned["start_date"]) - datetime.now() < timedelta(hours=1)
    assert contact["current_stage"] == "First Contact"


@pytest.mark.parametrize(("results", "planned"), [({}, 1), ({"OutcomeStatus": "NO_RESPONSE"}, 1), ({"OutcomeStatus": "PAID"}, 0)])
def test_aggregation_completes_and_follows_up(run: Run, results: dict[str, str], planned: int) -> None:
    contact, _ = run(AGGREGATION, "aggregation", session_results=results)
    assert contact["communications"][0]["status"] == "completed"
    assert len(contact["communications"]) == 1 + planned


def test_answer_analysis_keeps_the_time_and_sets_a_stage_of_its_own(run: Run) -> None:
    contact, _ = run(ANSWER_ANALYSIS, "answer_analysis")
    assert contact["internal_data"]["last_message_time"]["$"] == "datetime"
    assert contact["current_stage"] == "Payment Promised"
