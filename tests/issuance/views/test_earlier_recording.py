import pytest

from issuance.models import Case
from tests.factories import AppointmentFactory, CaseFactory, ResidentFactory, SlotFactory, UserFactory
from tests.recording.views.conftest import signed_in

pytestmark = pytest.mark.django_db
CARD, OTHER_CARD = "3319010203040001", "3319010203040002"
GIVEN = {"family_card": CARD, "papers_checked": "on"}


@pytest.fixture
def desk():
    user = UserFactory()
    browser = signed_in(user)
    browser.office = user.office
    return browser


def found_at_desk(browser, **values):
    """Somebody recorded before the portal, whom this clerk found by the full NIK."""
    resident = ResidentFactory(recorded_before=True, identity__family_card=CARD, **values)
    browser.post("/petugas/cari/", {"q": resident.identity.nik})
    return resident, f"/petugas/warga/{resident.pk}/berkas/"


def test_the_desk_leads_from_the_nik_to_a_printed_code(desk):
    resident, page = found_at_desk(desk)

    person = desk.get(f"/petugas/warga/{resident.pk}/").content.decode()
    asked = desk.get(page).content.decode()
    answer = desk.post(page, GIVEN)
    printed = desk.get(answer.headers["Location"]).content.decode()

    assert "Direkam sebelum ada portal" in person and page in person
    assert "Buka berkas dan beri kode" in asked
    assert "Kode siap dicetak" in printed
    assert Case.objects.values_list("status", "office").get() == ("sent", desk.office.pk)
    after = desk.get(f"/petugas/warga/{resident.pk}/").content.decode()
    assert "Buka berkas</a>" in after and page not in after


def test_an_unknown_family_card_opens_nothing(desk):
    _resident, page = found_at_desk(desk)

    answer = desk.post(page, GIVEN | {"family_card": OTHER_CARD})

    assert "minta verifikator" in answer.content.decode()
    assert not Case.objects.exists()


def test_guessing_family_cards_ends_soon(desk):
    _resident, page = found_at_desk(desk)

    answers = [desk.post(page, GIVEN | {"family_card": OTHER_CARD}).status_code for _ in range(6)]

    assert answers == [200] * 5 + [429]


def test_a_verifier_goes_on_with_a_reason(desk):
    verifier = signed_in(UserFactory(role="verifier"))
    resident, page = found_at_desk(verifier)

    verifier.post(page, GIVEN | {"family_card": OTHER_CARD, "reason": "KK baru karena menikah"})

    assert Case.objects.get().resident == resident


def test_the_person_has_to_be_compared(desk):
    _resident, page = found_at_desk(desk)

    assert "Cocokkan orangnya" in desk.post(page, {"family_card": CARD}).content.decode()
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    ("values", "said"),
    [({"card_held": True}, "sudah memegang KTP-el"), ({"recorded_before_portal": False}, "belum pernah direkam")],
)
def test_others_are_told_why_not(desk, values, said):
    resident, page = found_at_desk(desk, **values)

    for answer in (desk.get(page, follow=True), desk.post(page, GIVEN, follow=True)):
        assert said in answer.content.decode()
        assert answer.redirect_chain == [(f"/petugas/warga/{resident.pk}/", 302)]
    assert "Direkam sebelum ada portal" not in desk.get(f"/petugas/warga/{resident.pk}/").content.decode()


def test_nobody_is_opened_by_guessing_numbers(desk):
    stranger = ResidentFactory(recorded_before=True, identity__family_card=CARD)

    assert desk.post(f"/petugas/warga/{stranger.pk}/berkas/", GIVEN).status_code == 404


class TestPanel:
    def panel(self, desk, case):
        AppointmentFactory(slot=SlotFactory(office=desk.office), resident=case.resident, status="done")
        return desk.get(f"/petugas/warga/{case.resident_id}/").content.decode()

    def test_says_where_the_card_stands(self, desk):
        case = CaseFactory(recording__operator=UserFactory(office=desk.office), status="print_ready")

        shown = self.panel(desk, case)

        assert "Lolos pemeriksaan pusat" in shown and f"/petugas/berkas/{case.pk}/" in shown

    def test_another_offices_card_is_said_and_not_linked(self, desk):
        case = CaseFactory(status="duplicate")

        shown = self.panel(desk, case)

        assert f"Dikerjakan {case.office.name}" in shown
        assert f"/petugas/berkas/{case.pk}/" not in shown


class TestHome:
    def test_counts_what_rests_and_what_differs(self, desk):
        operator = UserFactory(office=desk.office)
        for values in ({"stalled_since": "2026-11-01T00:00Z"}, {"conflict_since": "2026-11-01T00:00Z"}):
            CaseFactory(recording__operator=operator, **values)
        CaseFactory(stalled_since="2026-11-01T00:00Z")

        home = desk.get("/petugas/")
        cards = {card.label: (card.value, card.url) for card in home.context["cards"]}

        assert cards["Berkas mengendap atau terlambat"] == (1, "/petugas/berkas/?tanda=mengendap")
        assert cards["Berkas berbeda dari data pusat"] == (1, "/petugas/berkas/?tanda=beda")

    def test_a_supervisor_sees_what_is_not_sent(self):
        CaseFactory()

        home = signed_in(UserFactory(role="supervisor")).get("/petugas/")
        cards = {card.label: (card.value, card.url) for card in home.context["cards"]}

        assert cards["Sudah direkam, belum terkirim"] == (1, "/petugas/berkas/?status=captured")
