import pytest

from recording.policy.name import clean_name


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Sutrisno", "Sutrisno"),
        ("  Siti   Aminah ", "Siti Aminah"),
        ("Noor Ma'ruf", "Noor Ma'ruf"),
        ("H. Abdul-Rahman, S.Pd.", "H. Abdul-Rahman, S.Pd."),
        ("Rene\u0301", "René"),
    ],
)
def test_clean_name_keeps_how_people_are_called(typed, name):
    assert clean_name(typed) == name


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "A",
        "...",
        "Budi 2",
        "<script>alert(1)</script>",
        "{{7*7}}",
        "${jndi:ldap://x}",
        "=HYPERLINK(1)",
        "Budi\u202eidub",
        "Budi 😀",
        "Bu\x00di",
        "e" + "\u0301" * 1000,
        "x" * 121,
        "3319021708959001",
    ],
)
def test_clean_name_refuses_what_is_no_name(typed):
    with pytest.raises(ValueError):
        clean_name(typed)
