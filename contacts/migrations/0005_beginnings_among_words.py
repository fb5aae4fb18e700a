import django.contrib.postgres.search
import django.db.models.expressions
from django.db import migrations, models

BEFORE = 'array_to_tsvector(array_remove(string_to_array(case when octet_length(coalesce(first_name, \'\') || \' \' || coalesce(last_name, \'\') || \' \' || coalesce(company_name, \'\') || \' \' || coalesce(email, \'\') || \' \' || coalesce(external_id, \'\') || \' \' || coalesce(phone, \'\') || \' \' || coalesce(right(phone, 10) || \' \' || right(phone, 9) || \' \' || right(phone, 8), \'\')) > 180 then regexp_replace(regexp_replace(regexp_replace(normalize(lower((coalesce(first_name, \'\') || \' \' || coalesce(last_name, \'\') || \' \' || coalesce(company_name, \'\') || \' \' || coalesce(email, \'\') || \' \' || coalesce(external_id, \'\') || \' \' || coalesce(phone, \'\') || \' \' || coalesce(right(phone, 10) || \' \' || right(phone, 9) || \' \' || right(phone, 8), \'\')) collate "pg_unicode_fast"), NFKD), \'[\\u0300-\\u036f]\', \'\', \'g\'), \'[\\u0040\\u002e\\u005f\\u002b\\u002d\\u002f\\u0027\\u0022\\u0028\\u0029\\u002c\\u003b\\u003a\\u0026\\u003c\\u003e\\u007c\\u0021\\u003f\\u0023\\u002a\\u003d\\u007e\\u005b\\u005d\\u007b\\u007d\\u005c\\u0009\\u000d\\u000a\\u000b\\u000c\\u001c\\u001d\\u001e\\u001f\\u0085\\u1680\\u2028\\u2029]+\', \' \', \'g\'), \'(\\S{50})\\S+\', \'\\1\', \'g\') else regexp_replace(regexp_replace(normalize(lower((coalesce(first_name, \'\') || \' \' || coalesce(last_name, \'\') || \' \' || coalesce(company_name, \'\') || \' \' || coalesce(email, \'\') || \' \' || coalesce(external_id, \'\') || \' \' || coalesce(phone, \'\') || \' \' || coalesce(right(phone, 10) || \' \' || right(phone, 9) || \' \' || right(phone, 8), \'\')) collate "pg_unicode_fast"), NFKD), \'[\\u0300-\\u036f]\', \'\', \'g\'), \'[\\u0040\\u002e\\u005f\\u002b\\u002d\\u002f\\u0027\\u0022\\u0028\\u0029\\u002c\\u003b\\u003a\\u0026\\u003c\\u003e\\u007c\\u0021\\u003f\\u0023\\u002a\\u003d\\u007e\\u005b\\u005d\\u007b\\u007d\\u005c\\u0009\\u000d\\u000a\\u000b\\u000c\\u001c\\u001d\\u001e\\u001f\\u0085\\u1680\\u2028\\u2029]+\', \' \', \'g\') end, \' \'), \'\'))'
AFTER = 'array_to_tsvector(array_remove(string_to_array(case when octet_length(coalesce(first_name, \'\') || \' \' || coalesce(last_name, \'\') || \' \' || coalesce(company_name, \'\') || \' \' || coalesce(email, \'\') || \' \' || coalesce(external_id, \'\') || \' \' || coalesce(phone, \'\') || \' \' || coalesce(right(phone, 10) || \' \' || right(phone, 9) || \' \' || right(phone, 8), \'\')) > 180 then regexp_replace(regexp_replace(regexp_replace(normalize(lower((coalesce(first_name, \'\') || \' \' || coalesce(last_name, \'\') || \' \' || coalesce(company_name, \'\') || \' \' || coalesce(email, \'\') || \' \' || coalesce(external_id, \'\') || \' \' || coalesce(phone, \'\') || \' \' || coalesce(right(phone, 10) || \' \' || right(phone, 9) || \' \' || right(phone, 8), \'\')) collate "pg_unicode_fast"), NFKD), \'[\\u0300-\\u036f]\', \'\', \'g\'), \'[\\u0040\\u002e\\u005f\\u002b\\u002d\\u002f\\u0027\\u0022\\u0028\\u0029\\u002c\\u003b\\u003a\\u0026\\u003c\\u003e\\u007c\\u0021\\u003f\\u0023\\u002a\\u003d\\u007e\\u005b\\u005d\\u007b\\u007d\\u005c\\u0009\\u000d\\u000a\\u000b\\u000c\\u001c\\u001d\\u001e\\u001f\\u0085\\u1680\\u2028\\u2029]+\', \' \', \'g\'), \'(\\S{50})\\S+\', \'\\1\', \'g\') else regexp_replace(regexp_replace(normalize(lower((coalesce(first_name, \'\') || \' \' || coalesce(last_name, \'\') || \' \' || coalesce(company_name, \'\') || \' \' || coalesce(email, \'\') || \' \' || coalesce(external_id, \'\') || \' \' || coalesce(phone, \'\') || \' \' || coalesce(right(phone, 10) || \' \' || right(phone, 9) || \' \' || right(phone, 8), \'\')) collate "pg_unicode_fast"), NFKD), \'[\\u0300-\\u036f]\', \'\', \'g\'), \'[\\u0040\\u002e\\u005f\\u002b\\u002d\\u002f\\u0027\\u0022\\u0028\\u0029\\u002c\\u003b\\u003a\\u0026\\u003c\\u003e\\u007c\\u0021\\u003f\\u0023\\u002a\\u003d\\u007e\\u005b\\u005d\\u007b\\u007d\\u005c\\u0009\\u000d\\u000a\\u000b\\u000c\\u001c\\u001d\\u001e\\u001f\\u0085\\u1680\\u2028\\u2029]+\', \' \', \'g\') end, \' \'), \'\') || array_remove(array[chr(30) || left(left(coalesce(nullif(trim(regexp_replace(normalize(lower((coalesce(first_name, \'\') || \' \' || coalesce(last_name, \'\')) collate "pg_unicode_fast"), NFKD), \'[\\u0300-\\u036f]\', \'\', \'g\')), \'\'), nullif(trim(regexp_replace(normalize(lower((company_name) collate "pg_unicode_fast"), NFKD), \'[\\u0300-\\u036f]\', \'\', \'g\')), \'\')), 200), 2), chr(31) || left(email_key, 2)], null))'


def set_expression(expression):
    return f"alter table contacts alter column search_vector set expression as ({expression})"


class Migration(migrations.Migration):
    """How names and addresses begin joins the words, each behind a separator. Rewrites the table."""

    dependencies = [
        ("contacts", "0004_consent_and_relations"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            # Django can't alter generated columns; PostgreSQL can.
            database_operations=[migrations.RunSQL(set_expression(AFTER), set_expression(BEFORE))],
            state_operations=[
                migrations.AlterField(
                    model_name="contact",
                    name="search_vector",
                    field=models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.expressions.RawSQL(AFTER, ()),
                        output_field=django.contrib.postgres.search.SearchVectorField(null=True),
                    ),
                ),
            ],
        ),
    ]
