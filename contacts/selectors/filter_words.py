"""What the filters of the list of contacts, and their values, are called."""

FILTER_LABELS = {
    "q": "Search",
    "tag": "Tag",
    "is_subscribed": "Subscribed",
    "is_active": "Active",
    "kind": "Kind",
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
    "created_after": "Added after",
    "created_before": "Added before",
    "id": "Number",
}
SAID = {
    "is_subscribed": {"true": "yes", "false": "no"},
    "is_active": {"true": "yes", "false": "no"},
    "created_in_last": {"1d": "day", "7d": "7 days", "30d": "30 days", "90d": "90 days"},
}


def filter_label(name: str) -> str:
    return FILTER_LABELS.get(name, name.capitalize())


def filter_said(name: str, value: str) -> str:
    return SAID.get(name, {}).get(value, value)
