from django.apps import AppConfig

from organizations.statements import statement


class TagsConfig(AppConfig):
    name = "tags"

    def ready(self) -> None:
        from contacts.changes import subscribe
        from contacts.facets import Facet, facet_register
        from contacts.rules.registry import condition_register
        from contacts.rules.world import vocabulary_register
        from contacts.selectors.contact_list import filter_register
        from contacts.selectors.key_labels import labels_register
        from tags.selectors.condition import tag_vocabulary, tagged_read
        from tags.selectors.tagged import tag_labels, with_tag
        from tags.services.counting import tag_counts_update

        facet_register(
            Facet(
                name="tags",
                document=statement("tags", "document"),
                gone=statement("tags", "gone"),
                write=statement("tags", "write"),
                changes="tags_changes",
            )
        )
        filter_register("tag", with_tag)
        vocabulary_register("tags", tag_vocabulary)
        condition_register("tag", tagged_read)
        labels_register(tag_labels)
        subscribe(tag_counts_update, kinds=["tag_"])
