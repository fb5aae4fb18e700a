from collections.abc import Collection
from typing import Any, Self

from django.contrib.postgres.search import SearchQuery
from django.db.models import BooleanField, F, Func

from contacts.search import search_queries
from organizations.models import TenantManager, TenantQuerySet


class WordQuery(SearchQuery):
    """A tsquery taken as it is: PostgreSQL's parser would drop signs (`$1`, emoji) that the vector keeps."""

    def __init__(self, query: str) -> None:
        super().__init__(query, search_type="raw")
        self.query = query

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **kwargs: Any) -> Any:
        return "%s::tsquery", (self.query,)


class HasWords(Func):
    """Whether a vector has words, as the operator `@@` tells, but never by an index."""

    function = "ts_match_vq"
    arity = 2
    output_field = BooleanField()


class ContactQuerySet(TenantQuerySet):
    """Contacts of the organization in scope."""

    def living(self) -> Self:
        return self.filter(deleted_at=None)

    def subscribed(self) -> Self:
        return self.filter(is_subscribed=True, is_active=True)

    def search(self, text: str, *, common: Collection[str] = ()) -> Self:
        """Contacts whose name, company, address, number or id has words that begin with each word of `text`.

        Those that are `common` are looked up in the rows that the others leave.
        """
        few, many = search_queries(text, common)
        if not few and not many:
            return self.none() if text.strip() else self
        found = self.filter(search_vector=WordQuery(few)) if few else self
        return found.filter(HasWords(F("search_vector"), WordQuery(many))) if many else found


class LivingContactManager(TenantManager.from_queryset(ContactQuerySet)):  # type: ignore[misc]
    """The organization's contacts that are not deleted."""

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(deleted_at=None)
