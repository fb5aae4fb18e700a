import pytest

from contacts.cleaning.booleans import clean_boolean
from contacts.cleaning.errors import CleaningError


@pytest.mark.parametrize(
    "text",
    ["true", "TRUE", " True ", "yes", "Y", "1", "on", "ja", "Subscribed", "opted in", "Opt-In",
     "OPTED_IN", "oPtEd-In"],
)  # fmt: skip
def test_yes(text: str) -> None:
    assert clean_boolean(text) is True


@pytest.mark.parametrize(
    "text",
    ["false", "FALSE", "no", "N", "0", "off", "nein", "Unsubscribed", "opted out", "opt-out"],
)
def test_no(text: str) -> None:
    assert clean_boolean(text) is False


@pytest.mark.parametrize("text", ["", " ", "maybe", "2", "-1", "-", "not_boolean", "\udce9", "10"])
def test_neither_is_refused(text: str) -> None:
    with pytest.raises(CleaningError) as refusal:
        clean_boolean(text)
    assert refusal.value.code == "invalid_boolean"
