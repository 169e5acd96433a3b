from django import forms

from recording.forms.base import PortalForm
from recording.forms.desk import NoteField
from recording.forms.fields import FamilyCardField
from recording.models import User
from recording.policy.access import Permission, allows


class EarlierRecordingForm(PortalForm):
    """What the clerk compares before the case of somebody recorded before the portal is opened."""

    family_card = FamilyCardField(label="Nomor Kartu Keluarga", help_text="16 angka di kanan atas KK yang dibawa.")
    papers_checked = forms.BooleanField(
        label="Orangnya sudah dicocokkan dengan Kartu Keluarga",
        error_messages={"required": "Cocokkan orangnya dengan Kartu Keluarga, lalu centang."},
    )
    reason = NoteField(
        label="Alasan bila nomor KK berbeda",
        required=False,
        max_length=150,
        help_text="Isi hanya bila nomornya tidak sama dengan data kami, misalnya: KK baru karena menikah.",
    )

    def __init__(self, *args, by: User, **kwargs):
        super().__init__(*args, **kwargs)
        if not allows(by, Permission.DECIDE_CASES):
            del self.fields["reason"]
