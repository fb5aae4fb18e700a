"""Events in words."""

from contacts.models import ContactEvent
from contacts.models.event import (
    EMAIL_BOUNCED,
    EMAIL_CLICKED,
    EMAIL_DELIVERED,
    EMAIL_OPENED,
    EMAIL_SENT,
    FORM_SUBMITTED,
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


def event_words(event_type: str) -> str:
    """What somebody did: “Opened an e-mail”, “Webinar attended”."""
    return WORDS.get(event_type) or event_type.replace("_", " ").strip().capitalize()


def event_subject(event: ContactEvent) -> str:
    """What it was about, as far as its data tell; blank for nothing."""
    found = event.event_data if isinstance(event.event_data, dict) else {}
    told = (found.get(name) for name in SUBJECTS)
    return next((text[:200] for text in told if isinstance(text, str) and text.strip()), "")
