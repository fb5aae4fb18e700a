from typing import Any

from django import forms


def offer(form: forms.Form, name: str, choices: list[Any]) -> None:
    """Fill a select with what is only known when the form is made."""
    select = form.fields[name]
    if isinstance(select, forms.ChoiceField):
        select.choices = choices
