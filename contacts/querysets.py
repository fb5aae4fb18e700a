from typing import Any, Self

from django.contrib.postgres.search import SearchQuery

from contacts.search import search_query
from organizations.models import TenantManager, TenantQuerySet


class WordQuery(SearchQuery):
    """A tsquery taken as it is: PostgreSQL's parser would drop signs (`$1`, emoji) that the vector keeps."""

    def __init__(self, query: str) -> None:
        super().__init__(query, search_type="raw")
        self.query = query

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **kwargs: Any) -> Any:
        return "%s::tsquery", (self.query,)


class ContactQuerySet(TenantQuerySet):
    """Contacts of the organization in scope."""

    def living(self) -> Self:
        return self.filter(deleted_at=None)

    def subscribed(self) -> Self:
        return self.filter(is_subscribed=True, is_active=True)

    def search(self, text: str) -> Self:
        """Contacts whose name, company, address, number or id has words that begin with each word of `text`."""
        query = search_query(text)
        if not query:
            return self.none() if text.strip() else self
        return self.filter(search_vector=WordQuery(query))


class LivingContactManager(TenantManager.from_queryset(ContactQuerySet)):  # type: ignore[misc]
    """The organization's contacts that are not deleted."""

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(deleted_at=None)
