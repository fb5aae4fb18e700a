from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import BigIntegerField, F, Func, Value

from contacts.rules.expressions import compared
from contacts.rules.nodes import Condition, Dependency
from contacts.rules.source import Source
from contacts.rules.world import World
from organizations.scope import CurrentOrganization
from organizations.statements import statement

MOST_EMAILS = 50


class _EngagedWithLast(Func):
    """How many of the last e-mails that were sent to a contact were opened or clicked."""

    arity = 3
    output_field = BigIntegerField()

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> tuple[str, Any]:
        organization, contact, emails = (
            compiler.compile(part) for part in self.get_source_expressions()
        )
        sql = statement(
            "contacts",
            "engaged_with_last",
            organization=organization[0],
            contact=contact[0],
            emails=emails[0],
        )
        # In the order of their places in the statement.
        parts = (organization, contact, emails, organization, contact)
        return f"({sql})", tuple(value for _, values in parts for value in values)


@dataclass(frozen=True, slots=True)
class EngagedWithLast(Condition):
    """{"type": "engaged_with_last", "emails": 3, "at_least": 3}"""

    emails: int
    at_least: int

    kind = "engaged_with_last"

    def holds(self, world: World) -> Any:
        return compared(self.shown(world), ">=", Value(self.at_least))

    def shown(self, world: World) -> Any:
        return _EngagedWithLast(CurrentOrganization(), F("pk"), Value(self.emails))

    def depends_on(self, world: World) -> Iterable[Dependency]:
        kinds = ("event:email_sent", "event:email_opened", "event:email_clicked")
        return tuple(Dependency(kind) for kind in kinds)

    def sentence(self, world: World) -> str:
        if self.emails == 1:
            return "opened or clicked the last e-mail"
        if self.at_least == self.emails:
            return f"opened or clicked each of the last {self.emails} e-mails"
        return f"opened or clicked at least {self.at_least} of the last {self.emails} e-mails"


def engaged_with_last_read(source: Source) -> EngagedWithLast:
    source.only("emails", "at_least")
    emails = source.integer("emails", least=1, most=MOST_EMAILS)
    return EngagedWithLast(emails, source.integer("at_least", least=1, most=emails))
