from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from recording.models import AuditEvent, CallSheet, Notification
from tests.factories import AppointmentFactory, NotificationFactory, OfficeFactory, ResidentFactory, UserFactory
from tests.recording.views.conftest import signed_in

pytestmark = pytest.mark.django_db
LIST, FILE, CALLS, SHEETS = (
    "/petugas/pesan/",
    "/petugas/pesan/unduh.csv",
    "/petugas/telepon/",
    "/petugas/telepon/lembar/",
)
PHONE = "+6281234567890"


def message(office, *, name="Sutrisno", phone=PHONE, **values):
    resident = values.pop("resident", None) or ResidentFactory(name=name, identity__phone=phone)
    return NotificationFactory(**{"resident": resident, "office": office, "kind": "code_reissued"} | values)


def failed(office, **values):
    return message(office, **{"state": "failed", "last_error": "recipient refused, 550"} | values)


def text(response):
    assert response.status_code == 200
    return response.content.decode()


def actions():
    return list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))


def test_the_list_shows_own_messages_newest_first_and_notes_the_look(desk, office):
    message(office, name="Aminah", state="sent")
    failed(office, name="Budi")
    message(OfficeFactory(), name="Orang Lain")

    page = desk.get(LIST)

    assert [row["name"] for row in page.context["rows"]] == ["Budi", "Aminah"]
    assert "Kotak surat menolak" in text(page)
    assert actions() == ["message.read_list"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"keadaan": "failed"}, ["Budi"]),
        ({"saluran": "email"}, ["Aminah"]),
        ({"jenis": "code_reissued"}, ["Budi"]),
        ({"hari": "2001-01-01"}, []),
        ({"hari": "kemarin", "jenis": "\0"}, ["Budi", "Aminah"]),
    ],
)
def test_filters_stand_in_the_address(desk, office, query, names):
    message(office, name="Aminah", channel="email", kind="appointment_booked")
    failed(office, name="Budi")

    assert [row["name"] for row in desk.get(LIST, query).context["rows"]] == names


def test_the_list_is_as_many_queries_for_any_number(desk, office, django_assert_max_num_queries):
    for _n in range(3):
        failed(office)
    desk.get(LIST)
    with django_assert_max_num_queries(12):
        desk.get(LIST)
    for _n in range(60):
        failed(office)
    with django_assert_max_num_queries(12):
        assert len(desk.get(LIST).context["rows"]) == 50


def test_failed_messages_are_sent_again_once(desk, office):
    first, second, other = failed(office), failed(office, phone=""), failed(OfficeFactory())

    answer = desk.post(LIST, {"pesan": [first.pk, second.pk, other.pk]}, follow=True)

    states = dict(Notification.objects.values_list("pk", "state"))
    assert states == {first.pk: "waiting", second.pk: "failed", other.pk: "failed"}
    assert "1 pesan menunggu dikirim lagi" in text(answer) and "2 pesan tidak dikirim" in text(answer)
    assert "tidak lagi gagal" in text(desk.post(LIST, {"pesan": first.pk}, follow=True))
    for nothing in ({}, {"pesan": "x"}, {"pesan": "9" * 30}):
        assert "Centang dulu" in text(desk.post(LIST, nothing, follow=True))


def test_sending_again_says_how_many_and_takes_the_new_contact(desk, office):
    gone = failed(office, channel="email")

    answer = desk.post(f"{LIST}{gone.pk}/", {"pesan": gone.pk}, follow=True)

    gone.refresh_from_db()
    assert "1 pesan menunggu dikirim lagi" in text(answer)
    assert (gone.state, gone.channel, gone.attempts) == ("waiting", "sms", 0)
    assert "message.send_again" in actions()


def test_one_message_shows_its_words_without_code_or_number(desk, office):
    owed = failed(office)

    page = text(desk.get(f"{LIST}{owed.pk}/"))

    assert "(di bukti pesanan)" in page and "+62 8•• •••• ••90" in page
    assert PHONE not in page
    assert AuditEvent.objects.get().resident_id == owed.resident_id


def test_the_demo_shows_what_was_written(desk, office, settings, tmp_path):
    settings.STATE_DIR = tmp_path
    (tmp_path / "messages").mkdir()
    (tmp_path / "messages" / "code-1.txt").write_text("Kode baru Anda: K7QX")
    (tmp_path / "secret.txt").write_text("rahasia")

    assert "K7QX" in text(desk.get(f"{LIST}{message(office, provider_id='code-1.txt').pk}/"))
    assert "rahasia" not in text(desk.get(f"{LIST}{message(office, provider_id='../secret.txt').pk}/"))


def test_the_file_names_nobody_and_asks_for_the_password_again(desk, office):
    failed(office)

    answer = desk.get(FILE)

    content = b"".join(answer.streaming_content).decode()
    assert "Sutrisno" not in content and "Kode baru" in content
    with time_machine.travel(timezone.now() + timedelta(minutes=31)):
        desk.get(LIST)  # a page that shows that somebody is there does not stand for the password
        assert desk.get(FILE).headers["Location"].startswith("/petugas/")


def test_the_call_list_leads_to_the_number_and_takes_what_came_of_it(desk, office):
    owed = message(office, name="Aminah", channel="call")
    message(office, name="Tanpa Nomor", phone="", channel="call")

    page = text(desk.get(CALLS))
    assert "Aminah" in page and "Lewat desa" in page and PHONE not in page
    person = text(desk.get(f"{CALLS}{owed.resident_id}/"))
    assert f'href="tel:{PHONE}"' in person
    answer = desk.post(f"{CALLS}{owed.resident_id}/", {"outcome": "reached"}, follow=True)

    owed.refresh_from_db()
    assert owed.state == "told"
    assert "sudah diberi tahu" in text(answer)
    assert actions()[:3] == ["call.read_list", "call.read_number", "call.reached"]
    assert desk.get(f"{CALLS}{owed.resident_id}/").status_code == 404


def test_the_call_list_is_as_many_queries_for_any_number(desk, office, django_assert_max_num_queries):
    for _n in range(60):
        message(office, channel="call")
    desk.get(CALLS)

    with django_assert_max_num_queries(14):
        assert len(desk.get(CALLS).context["rows"]) == 50


def test_a_call_without_an_outcome_asks_for_one(desk, office):
    owed = message(office, channel="call")

    assert "Pilih hasil telepon." in text(desk.post(f"{CALLS}{owed.resident_id}/", {"outcome": "village"}))


@pytest.mark.parametrize(("way", "names"), [("telepon", ["Aminah"]), ("desa", ["Budi"]), ("", ["Aminah", "Budi"])])
def test_the_call_list_is_filtered_by_way(desk, office, way, names):
    message(office, name="Aminah", channel="call")
    message(office, name="Budi", phone="", channel="call")

    assert [row["name"] for row in desk.get(CALLS, {"cara": way}).context["rows"]] == names


def test_a_sheet_is_printed_for_the_village_and_comes_back_signed(desk, office):
    owed = message(office, name="Aminah", phone="", channel="call", kind="case_stalled", context={"case": 1})

    answer = desk.post(SHEETS, {"village": owed.resident.village.code})
    sheet = CallSheet.objects.get()
    assert answer["Location"] == f"{SHEETS}{sheet.pk}/"
    pdf = desk.get(f"{SHEETS}{sheet.pk}.pdf")
    assert pdf.content.startswith(b"%PDF")
    assert "Aminah" in text(desk.get(f"{SHEETS}{sheet.pk}/"))

    signed = {"signed_by": "Kades", "signed_on": timezone.localdate().isoformat(), "people": [owed.resident_id]}
    answer = desk.post(f"{SHEETS}{sheet.pk}/", signed, follow=True)

    owed.refresh_from_db()
    assert owed.state == "told"
    assert "1 orang sudah diberi tahu" in text(answer)
    assert desk.get(f"{SHEETS}{sheet.pk}/").status_code == 404


@pytest.mark.parametrize("days", [-1, 1])
def test_a_sheet_cannot_be_signed_before_its_printing_or_tomorrow(desk, office, days):
    owed = message(office, phone="", channel="call")
    desk.post(SHEETS, {"village": owed.resident.village.code})
    sheet = CallSheet.objects.get()
    day = timezone.localdate() + timedelta(days=days)

    answer = desk.post(f"{SHEETS}{sheet.pk}/", {"signed_by": "Kades", "signed_on": day.isoformat()})

    assert "tanggal" in text(answer).lower()
    sheet.refresh_from_db()
    assert sheet.returned_at is None


def test_a_village_without_anybody_to_tell_gets_no_sheet(desk, office):
    owed = message(office, channel="call")

    answer = desk.post(SHEETS, {"village": owed.resident.village.code}, follow=True)

    assert "Tidak ada warga desa ini" in text(answer)
    assert not CallSheet.objects.exists()


def test_the_printed_sheet_names_no_cause_and_no_number():
    import io

    from pypdf import PdfReader

    from recording.call_sheet import sheet_pdf
    from tests.factories import CallSheetFactory

    pages = PdfReader(io.BytesIO(sheet_pdf(CallSheetFactory(), [f"Warga {n}" for n in range(50)]))).pages

    words = "".join(page.extract_text() for page in pages)
    assert len(pages) == 3
    assert "Warga 49" in words and "harap datang" in words
    assert "mengendap" not in words.lower() and "rekam ulang" not in words.lower()


def test_the_staff_home_names_whom_to_call_and_what_failed(desk, office):
    assert "Warga perlu ditelepon" not in text(desk.get("/petugas/"))
    message(office, channel="call")
    failed(office)

    page = text(desk.get("/petugas/"))

    assert "Warga perlu ditelepon" in page and "Pesan gagal seminggu ini" in page


def test_people_of_other_offices_look_like_missing_ones(desk):
    appointment = AppointmentFactory()
    theirs = message(OfficeFactory(), resident=appointment.resident, channel="call")

    assert desk.get(f"{CALLS}{theirs.resident_id}/").status_code == 404
    assert desk.post(f"{CALLS}{theirs.resident_id}/", {"outcome": "reached"}).status_code == 404
    assert desk.get(f"{LIST}{theirs.pk}/").status_code == 404


def test_supervisors_see_who_was_told_and_who_never():
    office = OfficeFactory()
    kind = {"kind": "appointment_cancelled_by_office", "channel": "call"}
    message(office, name="Aminah", state="told", told_at=timezone.now(), **kind)
    late = message(office, name="Budi", **kind)
    Notification.objects.filter(pk=late.pk).update(created_at=timezone.now() - timedelta(days=2))
    elsewhere = message(OfficeFactory(), name="Citra", **kind)
    Notification.objects.filter(pk=elsewhere.pk).update(created_at=timezone.now() - timedelta(days=2))

    page = text(signed_in(UserFactory(role="supervisor", office=office)).get("/pengawas/diberitahu/"))

    assert "50%" in page and "Budi" in page and "Aminah" not in page and "Citra" not in page
    rows = b"".join(
        signed_in(UserFactory(role="supervisor")).get("/pengawas/diberitahu/unduh.csv").streaming_content
    ).decode()
    assert "Budi" in rows and "Citra" in rows and "Aminah" not in rows
