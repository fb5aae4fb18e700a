import pytest

from contacts.cleaning.booleans import _FALSE, _TRUE, clean_boolean
from contacts.cleaning.errors import CleaningError
from contacts.cleaning.texts import fold_key


@pytest.mark.parametrize(
    "text",
    ["true", "TRUE", " True ", "yes", "Y", "1", "on", "ja", "Subscribed", "opted in", "Opt-In",
     "OPTED_IN", "oPtEd-In", "oui", "VRAI", "Abonné", "abonnee", "abonné(e)", "sí", "si", "SÍ",
     "Si\u0301", "VERDADERO", "suscrito", "Activo", "sim", "Verdadeiro", "inscrito", "ativo", "sì",
     "Vero", "iscritta", "WAAR", "geabonneerd", "Aangemeld"],
)  # fmt: skip
def test_yes(text: str) -> None:
    assert clean_boolean(text) is True


@pytest.mark.parametrize(
    "text",
    ["false", "FALSE", "no", "N", "0", "off", "nein", "Unsubscribed", "opted out", "opt-out", "non",
     "FAUX", "Désabonné", "desabonnée", "non inscrit", "falso", "Inactivo", "no suscrito", "não",
     "NAO", "Não inscrito", "descadastrado", "disiscritto", "nee", "ONWAAR", "uitgeschreven"],
)  # fmt: skip
def test_no(text: str) -> None:
    assert clean_boolean(text) is False


@pytest.mark.parametrize(
    "text", ["", " ", "maybe", "o", "alta", "baja", "2", "-1", "-", "not_boolean", "\udce9", "10"]
)
def test_neither_is_refused(text: str) -> None:
    with pytest.raises(CleaningError) as refusal:
        clean_boolean(text)
    assert refusal.value.code == "invalid_boolean"


def test_no_word_is_yes_and_no() -> None:
    folded = [{fold_key(word) for word in words.split()} for words in (_TRUE, _FALSE)]
    assert not folded[0] & folded[1]
