from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "imports"

    def ready(self) -> None:
        from contacts.models import OperationKind
        from contacts.rules.registry import condition_register
        from contacts.rules.world import vocabulary_register
        from contacts.selectors.contact_list import filter_register
        from contacts.selectors.places import places_register
        from contacts.services.undo import undo_listen
        from imports.jobs import enqueue_export, enqueue_import
        from imports.models import ExportJob, ImportJob
        from imports.selectors.condition import import_vocabulary, imported_read
        from imports.selectors.imported import from_import
        from imports.selectors.places import import_places
        from imports.services.telling import export_stopped, import_given_up
        from imports.services.undoing import import_undo_followed
        from organizations.services.leases import leased_work_register

        leased_work_register(ImportJob, enqueue_import, lambda job: import_given_up(job=job))
        leased_work_register(ExportJob, enqueue_export, lambda job: export_stopped(job=job))
        filter_register("import", from_import)
        vocabulary_register("imports", import_vocabulary)
        condition_register("import", imported_read)
        places_register(OperationKind.IMPORT, import_places)
        undo_listen(import_undo_followed)
