from datetime import date

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.template import Context, Template
from django.utils.translation import override

from recording.forms.base import PortalForm
from recording.forms.fields import BirthDateField, CodeField, FamilyCardField, NikField, PhoneField, month_number
from recording.policy import code as tracking_code


def message(field, value):
    with override("id"), pytest.raises(ValidationError) as caught:
        field.clean(value)
    return caught.value.messages


@pytest.mark.parametrize("typed", ["3319021708950001", "3319 0217 0895 0001", "33.19.02-170895-0001"])
def test_nik_field_cleans_to_sixteen_digits(typed):
    assert NikField().clean(typed) == "3319021708950001"


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "Isi NIK."),
        ("33190217", "NIK harus 16 angka. Lihat di Kartu Keluarga, lalu tulis lagi."),
        ("9919021708950001", "Dua angka pertama NIK bukan kode provinsi. Periksa lagi di Kartu Keluarga."),
        ("3319024008950001", "Angka ke-7 dan ke-8 NIK bukan tanggal lahir (01-31, perempuan 41-71). Periksa lagi."),
        ("3319021713950001", "Angka ke-9 dan ke-10 NIK bukan bulan (01-12). Periksa lagi di Kartu Keluarga."),
        ("3319023104950001", "Angka ke-7 sampai ke-12 NIK bukan tanggal yang ada. Periksa lagi di Kartu Keluarga."),
        ("3319021708950000", "Empat angka terakhir NIK tidak boleh 0000. Periksa lagi di Kartu Keluarga."),
    ],
)
def test_nik_field_says_what_to_mend(typed, says):
    assert message(NikField(), typed) == [says]


def test_nik_field_never_repeats_the_number_in_its_messages():
    assert "331902" not in "".join(message(NikField(), "331902170895000X"))


def test_family_card_field_knows_no_offset_for_women():
    assert FamilyCardField().clean("3319 0217 0805 0007") == "3319021708050007"
    assert message(FamilyCardField(), "3319025708050007") == [
        "Angka ke-7 dan ke-8 nomor KK bukan tanggal (01-31). Periksa lagi."
    ]


@pytest.mark.parametrize("month", ["8", "08", "Agustus", "agt", "AGU", "august", "Ags."])
def test_birth_date_field_takes_the_month_as_number_or_word(month):
    assert BirthDateField().clean(["17", month, "1995"]) == date(1995, 8, 17)


@pytest.mark.parametrize(
    ("word", "number"), [("mar", 3), ("mei", 5), ("may", 5), ("jun", 6), ("jul", 7), ("peb", 2), ("nop", 11)]
)
def test_month_number_tells_similar_names_apart(word, number):
    assert month_number(word) == number


@pytest.mark.parametrize("word", ["", "ju", "0", "13", "xyz", "٨"])
def test_month_number_refuses_what_names_no_month(word):
    assert month_number(word) is None


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        (["", "", ""], "required"),
        (None, "required"),
        (["17", "", "1995"], "incomplete"),
        (["32", "8", "1995"], "day"),
        (["1a", "8", "1995"], "day"),
        (["17", "13", "1995"], "month"),
        (["17", "8", "95"], "year"),
        (["31", "2", "1995"], "date"),
        (["29", "2", "2001"], "date"),
        (["17", "8", "2999"], "future"),
        (["17", "8", "1850"], "too_old"),
    ],
)
def test_birth_date_field_names_the_part_to_mend(parts, code):
    field = BirthDateField()

    assert message(field, parts) == [field.error_messages[code]]


def test_birth_date_field_may_stay_empty_when_optional():
    assert BirthDateField(required=False).clean(["", " ", ""]) is None


@pytest.mark.parametrize(
    "typed", ["081228280123", "6281228280123", "+6281228280123", "0812 2828 0123", "(0812) 2828-0123"]
)
def test_phone_field_cleans_to_one_form(typed):
    assert PhoneField().clean(typed) == "+6281228280123"


@pytest.mark.parametrize("typed", ["12", "halo", "0812"])
def test_phone_field_shows_how_to_write_it(typed):
    assert message(PhoneField(), typed) == ["Nomor HP ini belum benar. Tulis seperti 0812 3456 7890."]


def test_phone_field_may_stay_empty_when_optional():
    assert PhoneField(required=False).clean("") == ""


def test_code_field_accepts_how_people_copy_a_code():
    code = tracking_code.new_code()
    copied = f" {code[:4]}-{code[4:8]} {code[8:]} ".lower().replace("0", "o").replace("1", "l")

    assert CodeField().clean(copied) == code


def test_code_field_refuses_a_mistyped_code():
    code = tracking_code.new_code()
    wrong = ("2" if code[0] != "2" else "3") + code[1:]

    assert message(CodeField(), wrong) == [
        "Kode ini belum benar. Kode terdiri dari 11 huruf dan angka, seperti K7QX-4M2P-9TH."
    ]


class PersonForm(PortalForm):
    nik = NikField()
    name = forms.CharField(label="Nama lengkap", help_text="Seperti di Kartu Keluarga.")
    birth_date = BirthDateField()
    sex = forms.ChoiceField(label="Jenis kelamin", choices=[("L", "Laki-laki")], widget=forms.RadioSelect)
    phone = PhoneField(required=False)


def drawn(form):
    with override("id"):
        return Template("{% load crispy_forms_tags %}{% crispy form %}").render(Context({"form": form}))


def test_form_lists_each_error_with_the_input_it_belongs_to():
    form = PersonForm({"birth_date_0": "31", "birth_date_1": "feb", "birth_date_2": "1995"})

    with override("id"):
        lines = [(line.anchor, str(line.text)) for line in form.error_list]

    assert lines == [
        ("id_nik", "Isi NIK."),
        ("id_name", "Isi nama lengkap."),
        ("id_birth_date_0", "Tanggal itu tidak ada. Periksa tanggal dan bulannya."),
        ("id_sex_0", "Pilih jenis kelamin."),
    ]


def test_form_puts_hint_then_error_then_input():
    html = drawn(PersonForm({}))

    places = [
        html.index(part) for part in ('for="id_name"', 'id="id_name_helptext"', 'id="id_name_error"', 'name="name"')
    ]
    assert places == sorted(places)
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'aria-invalid="true"' in html


def test_form_marks_optional_fields_and_draws_three_labelled_date_boxes():
    html = drawn(PersonForm())

    assert html.count("(boleh dikosongkan)") == 1
    for position, label in enumerate(["Tanggal", "Bulan", "Tahun"]):
        assert f'<label for="id_birth_date_{position}">{label}</label>' in html
        assert f'name="birth_date_{position}"' in html
    assert "<form" not in html


def test_form_keeps_what_was_typed_in_the_date_boxes():
    html = drawn(PersonForm({"birth_date_0": "31", "birth_date_1": "feb", "birth_date_2": "1995"}))

    assert all(f'value="{typed}"' in html for typed in ["31", "feb", "1995"])
