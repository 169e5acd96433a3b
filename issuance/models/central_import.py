"""The national centre's lists as they reached us, line by line, and what each line meant."""

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from issuance.enums import CaseStatus, ImportResult, ImportState
from recording.fields import BlindIndexField, CiphertextField, Sealed


class ColumnMapping(models.Model):
    """Which column is which, remembered for every file with the same headings."""

    headings = models.BinaryField(max_length=32, unique=True, help_text="SHA-256 of the headings, in order.")
    columns = models.JSONField(help_text="Field name to column number, from 0.")
    saved_by = models.ForeignKey("recording.User", models.PROTECT, related_name="+")
    saved_at = models.DateTimeField(auto_now=True)

    def __str__(self):
        return f"pemetaan {self.pk}"


class CentralImport(models.Model):
    """One list of the centre. The preview is its rows; nothing moves before it is applied."""

    as_of = models.DateTimeField(help_text="Until when the list speaks: the end of the day its verifier stated.")
    complete = models.BooleanField(
        default=False, help_text="Whether everybody is on it, so that absence means something."
    )
    state = models.CharField(max_length=9, choices=ImportState, default=ImportState.READING)
    digest = models.BinaryField(max_length=32, help_text="SHA-256 of the file.")
    size = models.PositiveIntegerField(help_text="Bytes.")
    kind = models.CharField(max_length=4, blank=True, help_text="xlsx or csv.")
    headings = models.JSONField(
        default=list, help_text="Of each sheet: headings, the first lines masked; never a value."
    )
    columns = models.JSONField(default=dict)
    counts = models.JSONField(default=dict, help_text="Rows by result, messages by kind.")
    problem = models.CharField(max_length=300, blank=True, help_text="Why the whole file was refused, for the screen.")
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    reading_key = models.UUIDField(null=True, editable=False, help_text="Whose reading counts: the last begun.")
    touched_at = models.DateTimeField(
        null=True, editable=False, help_text="Last sign of life of whoever reads; long ago: read it again."
    )
    uploaded_by = models.ForeignKey("recording.User", models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(auto_now_add=True)
    applied_by = models.ForeignKey("recording.User", models.PROTECT, null=True, blank=True, related_name="+")
    applied_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey("recording.User", models.PROTECT, null=True, blank=True, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            CheckConstraint(condition=Q(state__in=ImportState.values), name="central_import_state_known"),
            CheckConstraint(
                condition=~Q(state=ImportState.REFUSED) | ~Q(problem=""), name="central_import_refused_says_why"
            ),
            CheckConstraint(
                condition=~Q(state__in=[ImportState.APPLIED, ImportState.UNDOING, ImportState.UNDONE])
                | Q(applied_at__isnull=False),
                name="central_import_applied_wholly",
            ),
        ]
        indexes = [models.Index(fields=["-as_of"], name="central_import_by_date")]

    def __str__(self):
        return f"daftar pusat {self.pk}"


class CentralImportFile(models.Model):
    """One piece of the file itself, sealed; deleted seven days after it came."""

    central_import = models.ForeignKey(CentralImport, models.CASCADE, related_name="pieces")
    position = models.PositiveSmallIntegerField(help_text="From 0.")
    content_ct = CiphertextField()
    content_key = models.UUIDField(unique=True, help_text="What the seal is bound to, with the position.")

    class Meta:
        constraints = [
            UniqueConstraint(fields=["central_import", "position"], name="central_import_file_piece_once"),
        ]

    def __str__(self):
        return f"berkas daftar {self.central_import_id}/{self.position}"


class CentralImportRow(models.Model):
    """One line: who (by our id), what the centre said, what it means, and what was before.

    The NIK is kept, sealed, only where we know nobody by it, so that the person can be admitted from the preview.
    """

    central_import = models.ForeignKey(CentralImport, models.CASCADE, related_name="rows")
    sheet = models.PositiveSmallIntegerField(default=1)
    line = models.PositiveIntegerField(help_text="As the spreadsheet counts; 0: a case missing from the list.")
    resident = models.ForeignKey("recording.Resident", models.CASCADE, null=True, blank=True, related_name="+")
    case = models.ForeignKey("issuance.Case", models.CASCADE, null=True, blank=True, related_name="+")
    raw_status = models.CharField(max_length=60, blank=True)
    status = models.CharField(max_length=12, choices=CaseStatus, blank=True)
    reported_on = models.DateField(null=True, blank=True, help_text="The row's own national date.")
    result = models.CharField(max_length=14, choices=ImportResult)
    problem = models.CharField(max_length=200, blank=True, help_text="What is wrong and how to mend it; no values.")
    message_kind = models.CharField(max_length=40, blank=True, help_text="What the resident would be told.")
    before = models.JSONField(null=True, blank=True, help_text="The case's columns before this row was applied.")
    change = models.ForeignKey("issuance.StatusChange", models.PROTECT, null=True, blank=True, related_name="+")
    applied = models.BooleanField(default=False)
    undone = models.BooleanField(null=True, blank=True, help_text="False: the case has moved since, left as it is.")
    key = models.UUIDField(null=True, blank=True, help_text="What the sealed values are bound to.")
    nik_ct = CiphertextField()
    nik_bi = BlindIndexField()
    name_ct = CiphertextField()

    nik = Sealed(row="key", indexed=True)
    name = Sealed(row="key")

    class Meta:
        constraints = [
            CheckConstraint(condition=Q(result__in=ImportResult.values), name="central_import_row_result_known"),
            CheckConstraint(
                condition=~Q(result=ImportResult.MALFORMED) | ~Q(problem=""),
                name="central_import_row_malformed_says_why",
            ),
            UniqueConstraint(
                fields=["central_import", "sheet", "line"], condition=Q(line__gt=0), name="central_import_row_once"
            ),
            UniqueConstraint(
                fields=["central_import", "case"], condition=Q(line=0), name="central_import_row_missing_once"
            ),
        ]
        indexes = [models.Index(fields=["central_import", "result", "line"], name="central_import_row_result")]

    def __str__(self):
        return f"baris {self.sheet}:{self.line}"
