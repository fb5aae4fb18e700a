"""Events in words."""

from typing import Any

from contacts.models import ContactEvent
from contacts.models.event import (
    EMAIL_BOUNCED,
    EMAIL_CLICKED,
    EMAIL_DELIVERED,
    EMAIL_OPENED,
    EMAIL_SENT,
    FORM_SUBMITTED,
    KNOWN_EVENTS,
    PAGE_VISITED,
)

WORDS = {
    EMAIL_SENT: "Was sent an e-mail",
    EMAIL_DELIVERED: "Received an e-mail",
    EMAIL_OPENED: "Opened an e-mail",
    EMAIL_CLICKED: "Clicked a link",
    EMAIL_BOUNCED: "An e-mail came back",
    FORM_SUBMITTED: "Submitted a form",
    PAGE_VISITED: "Visited a page",
}
# What senders call the thing that it was about, the best first.
SUBJECTS = ("subject", "title", "name", "form", "url", "path")
# What tells about the program that did it, and not about what was done.
TECHNICAL = ("user_agent", "ip")
DETAILS, LONGEST_NAME, LONGEST_VALUE = 3, 40, 80


def event_words(event_type: str) -> str:
    """What somebody did: “Opened an e-mail”, “Webinar attended”."""
    return WORDS.get(event_type) or event_type.replace("_", " ").strip().capitalize()


def event_subject(event: ContactEvent) -> str:
    """What it was about, as far as its data tell; blank for nothing."""
    return next((text[:200] for text in _subjects(event).values()), "")


def event_details(event: ContactEvent) -> tuple[tuple[str, str], ...]:
    """Up to three small values besides the subject: those of a name of one's own, and where a click led."""
    found, subject = _data(event), next(iter(_subjects(event)), "")
    if event.event_type in KNOWN_EVENTS:
        found = {"url": found.get("url")} if event.event_type == EMAIL_CLICKED else {}
    told = (
        (name.replace("_", " "), _value(value))
        for name, value in found.items()
        if name not in (subject, *TECHNICAL) and len(name) <= LONGEST_NAME
    )
    return tuple((name, value) for name, value in told if value)[:DETAILS]


def _subjects(event: ContactEvent) -> dict[str, str]:
    """What could be the subject, by its name, the best first."""
    found = _data(event)
    told = ((name, found.get(name)) for name in SUBJECTS)
    return {name: text for name, text in told if isinstance(text, str) and text.strip()}


def _data(event: ContactEvent) -> dict[str, Any]:
    return event.event_data if isinstance(event.event_data, dict) else {}


def _value(value: Any) -> str:
    """A small value as people read it; blank for what is large or none."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).strip() if isinstance(value, str | int | float) else ""
    return text if len(text) <= LONGEST_VALUE else ""
