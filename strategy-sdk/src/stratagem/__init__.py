"""What a campaign strategy works with: contacts, communications, messages, and HTTP through the host.

The same names are there without an import when a strategy runs on Stratagem; importing them works in both places.
"""

from stratagem import http
from stratagem.campaign import Campaign, Session, Stage
from stratagem.communication import Communication
from stratagem.contact import Contact
from stratagem.message import Message, MessageRole
from stratagem.status import CommunicationStatus, Delivery, Status

__version__ = "1.0.0"

__all__ = [
    "Campaign",
    "Communication",
    "CommunicationStatus",
    "Contact",
    "Delivery",
    "Message",
    "MessageRole",
    "Session",
    "Stage",
    "Status",
    "http",
]
