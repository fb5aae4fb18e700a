from django.apps import AppConfig


class SegmentsConfig(AppConfig):
    name = "segments"

    def ready(self) -> None:
        from contacts.changes import subscribe
        from contacts.facets import Facet, facet_register
        from contacts.rules.registry import condition_register
        from contacts.rules.usage import words_register
        from contacts.rules.world import vocabulary_register
        from contacts.selectors.contact_list import filter_register
        from contacts.selectors.filter_words import filter_words_register
        from contacts.selectors.key_labels import labels_register, value_words_register
        from organizations.services.leases import leased_work_register
        from organizations.statements import statement
        from segments.jobs import enqueue_refresh
        from segments.models import SegmentRefresh
        from segments.selectors.condition import segment_names, segment_read
        from segments.selectors.members import in_segment, segments_said
        from segments.selectors.pins import PIN_WORDS, pin_labels
        from segments.selectors.usage import usage_register, views_of
        from segments.selectors.wanted import pinned_segments
        from segments.services.following import OWN_KINDS, changes_follow
        from segments.services.refreshing import refresh_given_up
        from segments.services.words import segments_touch, segments_with, word_replace

        facet_register(
            Facet(
                name="segments",
                document=statement("segments", "pins_document"),
                gone=statement("segments", "pins_gone"),
                write=statement("segments", "pins_write"),
                changes="pins_changes",
            )
        )
        labels_register(pin_labels)
        value_words_register("segment", PIN_WORDS)
        vocabulary_register("segments", segment_names)
        vocabulary_register("pinned_segments", pinned_segments)
        condition_register("segment", segment_read)
        filter_register("segment", in_segment)
        filter_words_register("segment", segments_said)
        words_register(segments_with, word_replace, segments_touch)
        usage_register(views_of)
        leased_work_register(SegmentRefresh, enqueue_refresh, refresh_given_up)
        # Whatever happens to a contact can matter to a rule, but for what segments themselves make known.
        subscribe(changes_follow, kinds=[""], but=OWN_KINDS)
