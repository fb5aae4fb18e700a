"""What people call the keys of history that contacts' own facets write: kinds of mail, relations, further keys."""

from collections.abc import Iterable

from contacts.models import (
    Contact,
    ContactHistory,
    IdentifierKind,
    PreferenceType,
    RelationshipType,
)

FURTHER = {
    IdentifierKind.EMAIL: "Further e-mail",
    IdentifierKind.PHONE: "Further phone",
    IdentifierKind.EXTERNAL_ID: "Further external ID",
    IdentifierKind.ANONYMOUS_ID: "Anonymous ID",
}


def key_labels(rows: Iterable[ContactHistory]) -> dict[str, str]:
    """Labels by key, and by `contact:<id>` the names of those whom relations lead to. Three queries."""
    keys = {key for row in rows for key in row.new_value if ":" in key}
    mail = {f"preference:{kind.key}": f"{kind.label} mail" for kind in PreferenceType.objects.all()}
    relations = {kind.key: kind.label for kind in RelationshipType.objects.all()}
    related = {key: key.split(":")[1:] for key in keys if key.startswith("related:")}
    people = Contact.with_deleted.filter(pk__in={int(pk) for _, pk in related.values()})
    return (
        mail
        | {key: relations.get(kind, kind) for key, (kind, _) in related.items()}
        | {f"contact:{each.pk}": each.display_name for each in people.defer("search_vector")}
        | {
            key: FURTHER[IdentifierKind(key.split(":")[1])]
            for key in keys
            if key[:11] == "identifier:"
        }
        | {key: "Suppressed" for key in keys if key.startswith("suppression:")}
    )
