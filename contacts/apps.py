from django.apps import AppConfig

from organizations.statements import statement


class ContactsConfig(AppConfig):
    name = "contacts"

    def ready(self) -> None:
        from contacts.facets import Facet, facet_register
        from contacts.jobs import enqueue_operation
        from contacts.models import ContactOperation
        from contacts.services.kinds import kinds_found
        from organizations.services.leases import leased_work_register
        from organizations.services.organizations import founding_listen

        leased_work_register(ContactOperation, enqueue_operation)
        founding_listen(kinds_found)
        for name in ("preferences", "relationships", "identifiers"):
            facet_register(
                Facet(
                    name=name,
                    document=statement("contacts", f"facets/{name}_document"),
                    gone=""
                    if name == "identifiers"
                    else statement("contacts", f"facets/{name}_gone"),
                    write=statement("contacts", f"facets/{name}_write"),
                    changes=f"{name}_changes",
                )
            )
