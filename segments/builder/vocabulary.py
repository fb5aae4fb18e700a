"""What conditions can be about in an organization: the choices of the builder, by group."""

from dataclasses import dataclass, field

from contacts.attributes import ATTRIBUTE_LABELS
from contacts.models import (
    ActivityType,
    ContactEvent,
    ContactKind,
    PreferenceType,
    RelationshipType,
)
from contacts.models.event import KNOWN_EVENTS
from contacts.rules.world import vocabulary_of
from contacts.selectors.definitions import custom_field_definitions
from segments.models import Segment
from tags.models import Tag

BOOLEANS = ("is_active", "is_subscribed")
EVENT_LABELS = {
    "email_sent": "Was sent an e-mail",
    "email_delivered": "Had an e-mail delivered",
    "email_opened": "Opened an e-mail",
    "email_clicked": "Clicked in an e-mail",
    "email_bounced": "Had an e-mail bounce",
    "form_submitted": "Submitted a form",
    "page_visited": "Visited a page",
}
ENGAGEMENT = {
    "engagement:score": ("Engagement score", "score"),
    "engagement:level": ("Engagement level", "level"),
    "engagement:total_emails_sent": ("Number of e-mails sent", "sum"),
    "engagement:total_emails_opened": ("Number of e-mails opened", "sum"),
    "engagement:total_emails_clicked": ("Number of e-mails clicked in", "sum"),
    "engagement:last_email_opened_at": ("Last opening of an e-mail", "datetime"),
    "engagement:last_email_clicked_at": ("Last click in an e-mail", "datetime"),
    "engagement:last_engaged_at": ("Last engagement", "datetime"),
    "engaged_with_last": ("Opened the last e-mails", "last_emails"),
}
MOST_IMPORTS = 200
# Names of own events that are offered.
MOST_EVENTS = 200


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that a condition can be about. `shape` says which inputs it takes; `options` are its known values."""

    name: str
    label: str
    shape: str
    options: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Vocabulary:
    """The choices of an organization by group, loaded once for a page."""

    groups: dict[str, list[Choice]] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)

    def find(self, name: str) -> Choice | None:
        found = (choice for group in self.groups.values() for choice in group)
        return next((choice for choice in found if choice.name == name), None)


def vocabulary(*, without: Segment | None = None) -> Vocabulary:
    """What rules of the organization in scope can speak of; a segment does not look at itself. Seven queries."""
    tags = [str(name) for name in Tag.objects.order_by("name_key").values_list("name", flat=True)]
    segments = Segment.objects.order_by("name_key")
    if without is not None:
        segments = segments.exclude(pk=without.pk)
    named = tuple((str(each.pk), each.name) for each in segments)
    imports = tuple((str(pk), name) for pk, name in _imports())
    groups = {
        "Contact": _attributes(),
        "Custom fields": _custom_fields(),
        "Tags and segments": [
            Choice("tag", "Tag", "tags", tuple((name, name) for name in tags)),
            Choice("segment", "Segment", "segment", named),
            Choice("import", "Came with the import", "import", imports),
        ],
        "What they did": _events(),
        "Engagement": [Choice(name, *each) for name, each in ENGAGEMENT.items()],
        "What we did": [
            Choice(f"activity:{value}", f"{label} with them", "happened")
            for value, label in ActivityType.choices
        ],
        "Mail and relations": _kinds(),
    }
    return Vocabulary({name: found for name, found in groups.items() if found}, tags, _own_events())


def _imports() -> list[tuple[int, str]]:
    """The last imports, the newest first: those whom upper floors know by the word of the rules."""
    known: dict[int, tuple[int | None, str]] = vocabulary_of("imports")
    return [(pk, name) for pk, (_, name) in sorted(known.items(), reverse=True)[:MOST_IMPORTS]]


def _attributes() -> list[Choice]:
    found = []
    for name, label in ATTRIBUTE_LABELS.items():
        shape = "text"
        options: tuple[tuple[str, str], ...] = ()
        if name in BOOLEANS:
            shape = "boolean"
        elif name == "kind":
            shape, options = "choice", tuple((str(v), str(n)) for v, n in ContactKind.choices)
        found.append(Choice(f"attribute:{name}", label, shape, options))
    return [*found, Choice("attribute:created_at", "Added to Kith", "datetime")]


SHAPES = {
    "text": "text",
    "url": "text",
    "choice": "choice",
    "number": "number",
    "boolean": "boolean",
    "multi_choice": "several",
    "date": "date",
    "datetime": "datetime",
}


def _custom_fields() -> list[Choice]:
    return [
        Choice(
            f"custom:{each.key}",
            each.label,
            SHAPES[each.type],
            tuple((choice, choice) for choice in each.choices),
        )
        for each in custom_field_definitions()
    ]


def _events() -> list[Choice]:
    known = [Choice(f"event:{name}", EVENT_LABELS[name], "event") for name in KNOWN_EVENTS]
    return [*known, Choice("event", "Another event…", "own_event")]


def _own_events() -> list[str]:
    """The names of events that were received, beside those that everybody has: by jumps in an index."""
    found: list[str] = []
    last = ""
    rows = ContactEvent.objects.order_by("event_type").values_list("event_type", flat=True)
    while len(found) < MOST_EVENTS and (name := rows.filter(event_type__gt=last).first()):
        last = name
        if name not in KNOWN_EVENTS:
            found.append(name)
    return found


def _kinds() -> list[Choice]:
    mail = [
        Choice(f"preference:{each.key}", f"{each.label} mail", "preference")
        for each in PreferenceType.objects.order_by("label")
    ]
    relations = [
        Choice(f"relationship:{each.key}", each.label, "related")
        for each in RelationshipType.objects.order_by("label")
    ]
    return [*mail, *relations]
