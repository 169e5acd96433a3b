"""What opens a resident's own appointment."""

from recording.forms.base import PortalForm
from recording.forms.fields import CodeField, NikField


class ProofForm(PortalForm):
    """NIK and tracking code; both are only sent by POST."""

    nik = NikField()
    code = CodeField()
