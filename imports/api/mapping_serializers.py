"""Shapes of mappings: what each column of a file holds, and what holds for all of it."""

from rest_framework import serializers

from imports.models import ImportMapping, ImportMode, Matching
from imports.models.mapping import NAME_LENGTH
from imports.services.mapping_rules import WRITES
from organizations.api.serializers import SparseFields, StrictSerializer


class MappingColumnSerializer(StrictSerializer):
    index = serializers.IntegerField(min_value=0)
    target = serializers.CharField(
        allow_null=True,
        help_text="An attribute, full_name, tags, further_email, further_phone, opted_out (a yes or a date there means no "
        "mail), preference:<kind>, custom:<key>, or "
        "null to leave it out.",
    )
    type = serializers.CharField(required=False, help_text="Of a custom field that is to be made.")
    label = serializers.CharField(required=False, allow_blank=True, max_length=200)  # type: ignore[assignment]
    separator = serializers.CharField(
        required=False, help_text="Of tags: , ; or |", trim_whitespace=False
    )
    write = serializers.ChoiceField(
        WRITES,
        required=False,
        help_text="What becomes of a value that the contact has: overwrite (by default), fill only blanks, never touch.",
    )
    erase_blanks = serializers.BooleanField(
        required=False, help_text="Blank cells empty the field; by default they say nothing."
    )
    leave_out = serializers.BooleanField(
        required=False,
        help_text="Cells that can't be read are left out; by default they fail their line.",
    )
    link = serializers.BooleanField(
        required=False,
        help_text="company_name: make each company a contact, and relate its people.",
    )
    day_first = serializers.BooleanField(
        required=False,
        help_text="Of dates such as 03/04/2026; by default what the whole column shows.",
    )
    decimal_comma = serializers.BooleanField(
        required=False,
        help_text="Of numbers such as 1.234,5; by default what the whole column shows.",
    )
    choices = serializers.DictField(
        child=serializers.CharField(allow_null=True),
        required=False,
        help_text="Which choice of the field a value of the file stands for; null for none.",
    )
    new_choices = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="Choices that the field gets."
    )


class ConsentSerializer(StrictSerializer):
    """A declaration that everybody in the file agreed to get mail. It is kept with each of them as the proof."""

    types = serializers.ListField(child=serializers.CharField(), help_text="Kinds of mail.")
    source = serializers.CharField(max_length=500, help_text="Where and when they agreed.")  # type: ignore[assignment]
    text = serializers.CharField(
        required=False, allow_blank=True, max_length=5000, help_text="What they agreed to."
    )


class MappingSerializer(StrictSerializer):
    columns = MappingColumnSerializer(many=True)
    match = serializers.ChoiceField(Matching.choices, required=False)
    mode = serializers.ChoiceField(ImportMode.choices, required=False)
    source = serializers.CharField(required=False, allow_blank=True, max_length=200)  # type: ignore[assignment]
    tags = serializers.ListField(child=serializers.CharField(), required=False)
    consent = ConsentSerializer(required=False)
    country = serializers.CharField(
        required=False,
        allow_blank=True,
        help_text="Of telephone numbers without a country code, such as NO; by default the organization's.",
    )
    subscribes_new = serializers.BooleanField(
        required=False,
        help_text="False: new people get no mail until they agree. Not beside a column that says who gets mail.",
    )


class SavedMappingSerializer(SparseFields, serializers.ModelSerializer):
    """What the columns of a kind of file hold, kept for the next one."""

    mapping = MappingColumnSerializer(many=True)
    columns = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = ImportMapping
        fields = ["id", "name", "columns", "mapping", "match", "mode", "created_at", "updated_at"]
        read_only_fields = fields


class SavedMappingWriteSerializer(StrictSerializer):
    import_job = serializers.IntegerField(help_text="The import whose mapping is kept.")
    name = serializers.CharField(max_length=NAME_LENGTH, help_text="One of this name is replaced.")
