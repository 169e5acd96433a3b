import pytest

from recording import messages
from recording.services.notification import _outgoing
from tests.factories import AppointmentFactory, CaseFactory, NotificationFactory, OfficeFactory, TrackingCodeFactory
from tests.factories.letters import LetterFactory

pytestmark = pytest.mark.django_db
TWO_TEXT_MESSAGES = 306  # characters of the GSM alphabet

KINDS = [kind.name for kind in messages.all_kinds()]


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_text_that_fits_and_names_what_to_do(kind, language):
    office = OfficeFactory(name="Disdukcapil Kabupaten Kudus")
    case = CaseFactory(office=office, recording__resident__identity__phone="+6281200000001")
    appointment = AppointmentFactory(resident=case.resident, slot__office=case.office)
    code = TrackingCodeFactory(resident=case.resident)
    owed = NotificationFactory(
        resident=case.resident,
        appointment=appointment,
        kind=kind,
        language=language,
        context={"case": case.pk, "status": "captured", "letter": LetterFactory(case=case).pk, "until": "2026-12-01"},
    )

    message = _outgoing(owed)

    assert message.subject
    assert len(message.body) <= TWO_TEXT_MESSAGES
    assert "{" not in message.body
    assert "  " not in message.body
    assert "None" not in message.body
    assert case.resident.identity.nik not in message.body
    assert case.resident.name not in message.body
    assert code.code not in message.body  # only as it is shown, in groups
    assert "http" not in message.body
