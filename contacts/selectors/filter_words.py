"""What the filters of the list of contacts, and their values, are called."""

from collections.abc import Callable

from contacts.engagement import Level

FILTER_LABELS = {
    "q": "Search",
    "tag": "Tag",
    "is_subscribed": "Subscribed",
    "is_active": "Active",
    "kind": "Kind",
    "engagement": "Engagement",
    "created_in_last": "Added in the last",
    "email": "E-mail",
    "external_id": "External ID",
    "phone": "Phone",
    "city": "City",
    "country": "Country",
    "language": "Language",
    "company_name": "Company",
    "source": "Source",
    "import": "Import",
    "segment": "Segment",
    "created_after": "Added after",
    "created_before": "Added before",
    "id": "Number",
}
SAID = {
    "is_subscribed": {"true": "yes", "false": "no"},
    "is_active": {"true": "yes", "false": "no"},
    "engagement": {level.value: level.label for level in Level},
    "created_in_last": {"1d": "day", "7d": "7 days", "30d": "30 days", "90d": "90 days"},
}


# What upper floors call the values of their filters.
_sayers: dict[str, Callable[[str], str]] = {}


def filter_words_register(name: str, said: Callable[[str], str]) -> None:
    """Let an upper floor say in words what a value of its filter means; called from AppConfig.ready()."""
    _sayers[name] = said


def filter_label(name: str) -> str:
    return FILTER_LABELS.get(name, name.capitalize())


def filter_said(name: str, value: str) -> str:
    if name in _sayers:
        return _sayers[name](value)
    return SAID.get(name, {}).get(value, value)
