"""What is kept about a contact in tables of its own, and written together with it: tags, preferences, …

A facet gives contacts' statements three pieces of SQL, so that one statement writes a batch whole: its rows,
its part of the history, its announcements. Registered in AppConfig.ready().
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Facet:
    """`document`: a scalar query of contact `c`'s keys (those of document `i.patch` do) as one jsonb object, such as
    {"tag:12": true}.
    `gone`: a scalar query of those keys of document `i.patch`, as text[], whose thing does not exist (any more);
    empty where that can't be.
    `write`: common table expressions over `facet_keys` (contact_id, facet, name, value) and `written` (contact_id, old,
    new, existing_id, was_living, will_live), ending in a comma.
    `changes`: the name of the one that gives (contact_id, kind, reference) for the change feed.
    """

    name: str
    document: str
    gone: str
    write: str
    changes: str


_facets: dict[str, Facet] = {}


def facet_register(facet: Facet) -> None:
    _facets[facet.name] = facet


def documents_sql() -> str:
    return "".join(f"\n      || coalesce(({facet.document}), '{{}}')" for facet in _facets.values())


def gone_sql() -> str:
    return "".join(
        f"\n      - coalesce(({facet.gone}), '{{}}'::text[])"
        for facet in _facets.values()
        if facet.gone
    )


def facets_sql() -> str:
    return "".join(facet.write for facet in _facets.values())


def changes_sql() -> str:
    return "".join(
        f"\n    union all\n    select contact_id, kind, reference from {facet.changes}"
        for facet in _facets.values()
    )
