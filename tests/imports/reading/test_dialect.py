import pytest

from imports.reading.dialect import Dialect, has_header, sample_records, sniff


@pytest.mark.parametrize(
    ("sample", "delimiter"),
    [
        ("email,name\na@b.de,Ana\n", ","),
        ("email;name\na@b.de;Ana\n", ";"),
        ("email\tname\na@b.de\tAna\n", "\t"),
        ("email|name\na@b.de|Ana\n", "|"),
        ("name;amount\nAna;1,5\nBo;2,5\n", ";"),
        ("name;note\nAna;a, b, c\nBo;d, e, f\n", ";"),
        ("name,note\nAna,a; b; c\nBo,d; e; f\n", ","),
        ('name,tags\nAna,"a;b;c"\nBo,"d;e;f"\n', ","),
        ("a,b,c\n1;2,3,4\n5,6;7,8\n", ","),
        ("email\na@b.de\nc@d.de\n", ","),
        ("email", ","),
        ("", ","),
        ("sep=|\nemail|name\n", "|"),
        ("a;b;c\n1;2;3\n\n\n4;5;6\n", ";"),
        ("a;b\rc;d\r", ";"),
        ("first name last name\nAna Ruiz\n", ","),
    ],
)
def test_delimiters_are_found(sample: str, delimiter: str) -> None:
    assert sniff(sample).delimiter == delimiter


def test_apostrophes_quote_where_no_quote_is_used() -> None:
    assert sniff("'1','2','3'\n").quotechar == "'"
    assert sniff("name,city\nO'Hara,L'Aquila\n").quotechar == '"'
    assert sniff("'a',\"b\"\n").quotechar == '"'


def test_a_space_before_quotes_is_skipped() -> None:
    assert sniff('a, b\n1, "x, y"\n').skip_initial_space
    assert not sniff('a,b\n1,"x, ""y"""\n').skip_initial_space


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        ("email,name\na@b.de,Ana\n", True),
        ("email,name\n", True),
        ("a@b.de,Ana\nc@d.de,Bo\n", False),
        ("a@b.de\n", False),
        ("1,2,3\n", False),
        ("1,2,3\n4,5,6\n", False),
        ("a,b,c\n1,2,3\n", True),
        ("id,100022,100025\nid1,TRUE,TRUE\n", True),
        ("foo,2023-03-24\nbar,2023-03-25\n", False),
        ("Ana,Oslo\nBo,Bergen\n", True),
        ("Vorname;Nachname\nAna;Ruiz\n", True),
        ("\n\n\nemail,name\na@b.de,Ana\n", True),
        ("x,y\na@b.de,Ana\n", True),
        ("", False),
    ],
)
def test_headers_are_told_from_values(sample: str, expected: bool) -> None:
    assert has_header(sample_records(sample, sniff(sample))) is expected


def test_a_quote_left_open_does_not_stop_sniffing() -> None:
    sample = "a,b\n" + '1,"x\n' + "2,y\n" * 60_000
    assert sniff(sample).delimiter == ","
    assert sample_records(sample, Dialect(",", '"', False))[0] == ["a", "b"]
