from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "contacts"

    def ready(self) -> None:
        from contacts.jobs import enqueue_operation
        from contacts.models import ContactOperation
        from organizations.services.leases import leased_work_register

        leased_work_register(ContactOperation, enqueue_operation)
