from django.apps import AppConfig

from organizations.statements import statement


class ContactsConfig(AppConfig):
    name = "contacts"

    def ready(self) -> None:
        from contacts.changes import subscribe
        from contacts.facets import Facet, facet_register
        from contacts.jobs import enqueue_flat_view, enqueue_operation, enqueue_slot_job
        from contacts.models import ContactOperation, FlatView, SlotJob
        from contacts.rules.conditions import READERS
        from contacts.rules.registry import condition_register
        from contacts.selectors.leaders import leaders_follow
        from contacts.selectors.timeline import SOURCES
        from contacts.services.kinds import kinds_found
        from contacts.services.telling import operation_given_up
        from contacts.timeline import timeline_register
        from organizations.services.leases import leased_work_register
        from organizations.services.organizations import founding_listen

        leased_work_register(
            ContactOperation,
            enqueue_operation,
            lambda operation: operation_given_up(operation=operation),
        )
        leased_work_register(SlotJob, enqueue_slot_job)
        leased_work_register(FlatView, enqueue_flat_view)
        founding_listen(kinds_found)
        subscribe(leaders_follow, kinds=["event:", "engagement", "created", "deleted", "restored"])
        for source in SOURCES:
            timeline_register(source)
        for kind, read in READERS.items():
            condition_register(kind, read)
        # Whether what its keys speak of can be gone.
        facets = {
            "preferences": True,
            "relationships": True,
            "identifiers": False,
            "suppressions": False,
        }
        for name, can_be_gone in facets.items():
            facet_register(
                Facet(
                    name=name,
                    document=statement("contacts", f"facets/{name}_document"),
                    gone=statement("contacts", f"facets/{name}_gone") if can_be_gone else "",
                    write=statement("contacts", f"facets/{name}_write"),
                    changes=f"{name}_changes",
                )
            )
