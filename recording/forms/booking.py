"""The questions of a booking, one form for each page, and the time that is chosen.

Every form cleans to plain values that survive in the session; `views.draft` joins them into what the service takes.
"""

import re
from datetime import date
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recording import dates
from recording.enums import HelperRelation, Sex
from recording.forms.base import PortalForm
from recording.forms.fields import BirthDateField, NikField, PhoneField
from recording.models import Slot, Village
from recording.policy import booking as rules
from recording.policy import name as name_policy
from recording.policy import nik as nik_policy
from recording.policy.nik import NikMismatch
from recording.policy.visit import Visit
from recording.services.timetable import with_places_left

OUTSIDE_KUDUS = "luar"
GUARDIANS = (HelperRelation.PARENT, HelperRelation.GUARDIAN, HelperRelation.SIBLING, HelperRelation.OTHER)
LARGEST_ID = 2**63 - 1
_LONG_NUMBER = re.compile(r"(?:\d[\s.\-]?){16,}")


class NameField(forms.CharField):
    """A person's name; one word is normal. Cleans to single spaces."""

    default_error_messages = {
        "invalid": _("Tulis nama dengan huruf saja, seperti di Kartu Keluarga. Satu kata boleh."),
        "max_length": _("Nama terlalu panjang. Tulis paling banyak 120 huruf."),
    }

    def __init__(self, **kwargs):
        super().__init__(max_length=name_policy.LONGEST, **kwargs)

    def widget_attrs(self, widget):
        return super().widget_attrs(widget) | {
            "autocomplete": "off",
            "autocapitalize": "words",
            "spellcheck": "false",
        }

    def clean(self, value):
        text = super().clean(value)
        if not text:
            return ""
        try:
            return name_policy.clean_name(text)
        except ValueError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error


class IdentityForm(PortalForm):
    """Who is to be recorded. What differs between NIK and birth date or sex is asked once, never refused.

    `last_day`: last local day that may be booked.
    """

    nik = NikField(help_text=_("16 angka, ada di Kartu Keluarga (KK)."))
    name = NameField(label=_("Nama lengkap"), help_text=_("Seperti di Kartu Keluarga. Satu kata boleh."))
    birth_date = BirthDateField()
    sex = forms.ChoiceField(label=_("Jenis kelamin"), choices=Sex.choices, widget=forms.RadioSelect)
    married = forms.BooleanField(
        label=_("Sudah menikah atau pernah menikah"),
        help_text=_("Hanya berpengaruh untuk yang belum 18 tahun."),
        required=False,
    )

    def __init__(self, *args, last_day: date, **kwargs):
        super().__init__(*args, **kwargs)
        self.last_day = last_day
        self.unconfirmed: list[str] = []
        if self.initial.get("warnings"):
            self._ask_to_confirm()

    def clean(self):
        answers = super().clean()
        birth_date, married = answers.get("birth_date"), bool(answers.get("married"))
        if birth_date:
            self._require_age(birth_date, married=married)
        if answers.get("nik") and birth_date and answers.get("sex"):
            number = nik_policy.parse(answers["nik"])
            answers["warnings"] = [
                mismatch.value for mismatch in nik_policy.mismatches(number, birth_date=birth_date, sex=answers["sex"])
            ]
            self._look_for_confirmation(number, answers["warnings"])
        return answers

    def _require_age(self, birth_date: date, *, married: bool) -> None:
        first_day = rules.recordable_from(birth_date, married=married)
        if first_day > self.last_day:
            text = gettext(
                "Perekaman boleh mulai umur 16 tahun, atau bila sudah menikah. "
                "Menurut tanggal lahir ini, baru boleh mulai %(day)s."
            )
            self.add_error("birth_date", text % {"day": dates.plain_date(first_day)})

    def _look_for_confirmation(self, number: nik_policy.Nik, warnings: list[str]) -> None:
        self.fields.pop("mismatch_confirmed", None)
        if not warnings:
            return
        self._ask_to_confirm()
        if not self.data.get(self.add_prefix("mismatch_confirmed")):
            self.unconfirmed = [_difference(number, mismatch) for mismatch in warnings]

    def _ask_to_confirm(self) -> None:
        self.fields["mismatch_confirmed"] = forms.BooleanField(
            label=_("Sudah saya periksa: data di atas sama dengan Kartu Keluarga"),
            help_text=_("Petugas akan mencocokkannya dengan KK di kantor."),
            required=False,
            initial=bool(self.initial.get("warnings")),
        )


def _difference(number: nik_policy.Nik, mismatch: str) -> str:
    """What the NIK says where it differs from what was typed."""
    if mismatch == NikMismatch.SEX:
        return gettext("Menurut angka dalam NIK, jenis kelaminnya %(sex)s.") % {"sex": Sex(number.sex).label.lower()}
    born = gettext(" atau ").join(dates.plain_date(day) for day in number.birth_dates if day <= timezone.localdate())
    return gettext("Menurut angka dalam NIK, tanggal lahirnya %(day)s.") % {"day": born}


class VillageField(forms.ChoiceField):
    """A desa or kelurahan of Kudus by its official code, or OUTSIDE_KUDUS; drawn by kecamatan."""

    default_error_messages = {
        "required": _('Pilih desa atau kelurahan. Tinggal di kabupaten lain? Pilih "Di luar Kabupaten Kudus".'),
        "invalid_choice": _("Pilih desa atau kelurahan dari daftar."),
    }

    def __init__(self, **kwargs):
        super().__init__(choices=_villages, **kwargs)


def _villages() -> list:
    districts: dict[str, list] = {}
    for code, name, district in Village.objects.order_by("district__code", "name").values_list(
        "code", "name", "district__name"
    ):
        districts.setdefault(gettext("Kecamatan %(name)s") % {"name": district}, []).append((code, name))
    return [
        ("", gettext("Pilih desa/kelurahan")),
        (OUTSIDE_KUDUS, gettext("Di luar Kabupaten Kudus")),
        *districts.items(),
    ]


class ResidenceForm(PortalForm):
    """Where the person lives, and what the office should prepare."""

    village = VillageField(
        label=_("Desa atau kelurahan"),
        help_text=_("Sesuai Kartu Keluarga. Perekaman boleh di kantor kecamatan mana pun."),
    )
    special_needs = forms.BooleanField(
        label=_("Perlu bantuan atau waktu lebih lama"),
        help_text=_(
            "Misalnya kursi roda, tunanetra, tuli, jari terluka, lanjut usia. Kami sediakan waktu dua kali lebih lama."
        ),
        required=False,
    )
    special_needs_note = forms.CharField(
        label=_("Apa yang perlu kami siapkan?"),
        max_length=200,
        required=False,
        widget=forms.Textarea({"rows": 2}),
        error_messages={"max_length": _("Tulis paling banyak 200 huruf.")},
    )

    def clean_special_needs_note(self):
        note = " ".join(self.cleaned_data["special_needs_note"].split())
        if _LONG_NUMBER.search(note):
            raise ValidationError(_("Jangan tulis NIK atau nomor KK di sini. Hapus nomor itu."))
        return note

    def clean(self):
        answers = super().clean()
        if answers.get("special_needs_note"):
            answers["special_needs"] = True
        return answers


class ContactForm(PortalForm):
    """Where messages go, and who is typing when it is not the person."""

    phone = PhoneField(required=False, help_text=_("Untuk mengirim kode dan kabar kartu. Contoh: 0812 3456 7890"))
    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        max_length=120,
        help_text=_("Contoh: nama@contoh.id"),
        error_messages={
            "invalid": _("Alamat e-mail ini belum benar. Tulis seperti nama@contoh.id, atau kosongkan."),
            "max_length": _("Alamat e-mail terlalu panjang. Pakai alamat lain, atau kosongkan."),
        },
        widget=forms.EmailInput({"autocomplete": "email", "spellcheck": "false"}),
    )
    helper_name = NameField(
        label=_("Nama Anda"),
        required=False,
        help_text=_("Hanya bila memesan untuk orang lain."),
    )
    helper_relation = forms.ChoiceField(
        label=_("Hubungan Anda dengan orang yang direkam"),
        required=False,
        choices=[("", _("Pilih hubungan")), *HelperRelation.choices],
    )

    def clean(self):
        answers = super().clean()
        named = bool(answers.get("helper_name")) or "helper_name" in self.errors
        related = bool(answers.get("helper_relation")) or "helper_relation" in self.errors
        if related and not named:
            self.add_error("helper_name", _("Isi nama Anda, atau kosongkan juga hubungannya."))
        if named and not related:
            self.add_error("helper_relation", _("Pilih hubungan Anda dengan orang yang direkam."))
        return answers


class GuardianFields(PortalForm):
    """Consent for somebody under 18 who never married; nothing is required until `require_consent`."""

    guardian_name = NameField(label=_("Nama orang tua atau wali"), required=False)
    guardian_relation = forms.ChoiceField(
        label=_("Hubungan dengan anak"),
        required=False,
        widget=forms.RadioSelect,
        choices=[(relation.value, relation.label) for relation in GUARDIANS],
    )
    guardian_consent = forms.BooleanField(
        label=_("Orang tua atau wali ini menyetujui perekaman KTP-el"),
        required=False,
    )
    mark_optional = False
    asked = ("guardian_name", "guardian_relation", "guardian_consent")

    def require_consent(self) -> bool:
        """Mark what is missing of the consent. Whether nothing is."""
        missing = {
            "guardian_name": _("Isi nama orang tua atau wali."),
            "guardian_relation": _("Pilih hubungan dengan anak."),
            "guardian_consent": _(
                "Beri tanda centang bila orang tua atau wali sudah setuju. Tanpa itu, anak belum boleh direkam."
            ),
        }
        for field, text in missing.items():
            if not self.cleaned_data.get(field) and field not in self.errors:
                self.add_error(field, text)
        return not any(field in self.errors for field in missing)


class GuardianForm(GuardianFields):
    """The consent alone."""

    def needs_consent(self) -> bool:
        return True

    def clean(self):
        answers = super().clean()
        if not self.needs_consent():
            return answers | {"guardian_name": "", "guardian_relation": "", "guardian_consent": False}
        self.require_consent()
        return answers


class DeskGuardianFields(GuardianFields):
    """The consent among other questions at the desk: shown once it turns out that the person is under 18."""

    @property
    def guardian_fields(self):
        """The questions, once they are asked; none before."""
        shown = any(name in self.errors or self.data.get(name) for name in self.asked)
        return [self[name] for name in self.asked] if shown else []

    def require_consent_if_young(self, birth_date: date | None, *, married: bool) -> bool:
        """Ask for the consent where the rule wants it, and forget it otherwise. Whether nothing is missing."""
        if birth_date and rules.needs_guardian(birth_date, married=married, on=timezone.localdate()):
            return self.require_consent()
        self.cleaned_data |= {"guardian_name": "", "guardian_relation": ""}
        return True

    def consent(self) -> dict[str, str]:
        """Name and relation of who agreed, as the services take them; empty when nobody was asked."""
        return {name: self.cleaned_data[name] for name in ("guardian_name", "guardian_relation")}


class AllAnswersForm(IdentityForm, ResidenceForm, ContactForm, GuardianForm):
    """Every question at once, for those who send them together."""

    mark_optional = True
    field_order = [
        *IdentityForm.base_fields,
        *ResidenceForm.base_fields,
        *ContactForm.base_fields,
        *GuardianForm.base_fields,
    ]

    def __init__(self, *args, today: date, **kwargs):
        self.today = today
        super().__init__(*args, **kwargs)

    def needs_consent(self) -> bool:
        birth_date = self.cleaned_data.get("birth_date")
        married = bool(self.cleaned_data.get("married"))
        return bool(birth_date) and rules.needs_guardian(birth_date, married=married, on=self.today)


class SlotForm(PortalForm):
    """The time that was chosen. Cleans `slot` to a Slot that can be booked now for `visit`."""

    slot = forms.CharField(label=_("Jam"), max_length=20, error_messages={"required": _("Pilih salah satu jam.")})
    office = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    def __init__(self, *args, visit: Visit, **kwargs):
        super().__init__(*args, **kwargs)
        self.visit = visit

    def clean_slot(self) -> Slot:
        text = self.cleaned_data["slot"]
        number = int(text) if re.fullmatch(r"[0-9]{1,19}", text) else 0
        slot = None
        if 0 < number <= LARGEST_ID:
            slot = (
                with_places_left(Slot.objects, pool=self.visit.pool).select_related("office").filter(pk=number).first()
            )
        problem = self._problem(slot)
        if problem:
            raise ValidationError(problem)
        return slot

    def clean(self):
        answers = super().clean()
        slot, office = answers.get("slot"), answers.get("office")
        if slot and office and slot.office.code != office:
            self.add_error("slot", _("Jam itu milik kantor lain. Pilih jam dari daftar kantor ini."))
        return answers

    def _problem(self, slot: Slot | None) -> str:
        """Why `slot` cannot be chosen, "" when it can."""
        if slot is None or not slot.office.active:
            return gettext("Jam itu tidak ada. Pilih salah satu jam dari daftar.")
        problems = [
            (slot.starts_at <= self.visit.now, gettext("Jam itu sudah lewat. Pilih jam lain.")),
            (not slot.open, gettext("Kantor tidak melayani pada jam itu. Pilih jam lain.")),
            (
                slot.day > self.visit.last_day,
                gettext("Pemesanan baru dibuka sampai %(day)s. Pilih hari yang lebih dekat.")
                % {"day": dates.day_in_words(self.visit.last_day)},
            ),
            (
                self.visit.is_too_early(slot.day),
                gettext("Pada hari itu umurnya belum 16 tahun. Pilih %(day)s atau sesudahnya.")
                % {"day": dates.day_in_words(self.visit.not_before or slot.day)},
            ),
            (slot.places_left < 1, gettext("Jam itu sudah penuh. Pilih jam lain.")),
            (
                slot.places_left < self.visit.places,
                gettext("Jam itu tinggal satu tempat, padahal kebutuhan khusus perlu dua. Pilih jam lain."),
            ),
        ]
        return next((text for holds, text in problems if holds), "")


class ConfirmForm(PortalForm):
    """The last step: the key that makes sending twice harmless, and a fingerprint of the answers that were shown."""

    idempotency_key = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages={
            "required": _("Halaman ini tidak lengkap terkirim. Periksa lagi, lalu tekan tombolnya sekali lagi."),
            "invalid": _("Halaman ini tidak lengkap terkirim. Periksa lagi, lalu tekan tombolnya sekali lagi."),
        },
    )
    shown = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args, fingerprint: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.fingerprint = fingerprint

    def clean_shown(self):
        shown = self.cleaned_data["shown"]
        if shown and shown != self.fingerprint:
            raise ValidationError(_("Jawaban berubah sejak halaman ini dibuka. Periksa lagi sebelum memesan."))
        return shown

    @property
    def key(self) -> UUID:
        return self.cleaned_data["idempotency_key"]
