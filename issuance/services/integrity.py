"""What must always hold on the upper floor. Each check returns the broken cases; an empty list means that it holds."""

from datetime import timedelta

from django.utils import timezone

from issuance.enums import ENDED_STATUSES, CaseStatus, LetterStatus
from issuance.models import Case
from issuance.policy.entitlement import entitlement_for
from issuance.policy.observation import UNDONE
from issuance.services import progress
from issuance.services.case import STALLED_KIND
from recording.enums import Entitlement, NotificationState, ResidentSource
from recording.services.integrity import Check, lines

ENDED = [status.value for status in ENDED_STATUSES]
TOLD_OR_WAITING = [state.value for state in NotificationState if state not in ("failed", "withdrawn")]


def residents_have_one_open_case() -> list[str]:
    return lines(
        """
        SELECT format('warga %%s: %%s berkas terbuka', resident_id, count(*)) FROM issuance_case
        WHERE status <> ALL (%s) GROUP BY resident_id HAVING count(*) > 1 ORDER BY resident_id
        """,
        [ENDED],
    )


def recordings_have_a_case() -> list[str]:
    return lines("""
        SELECT format('perekaman %s tanpa berkas', id) FROM recording_recording recording
        WHERE NOT EXISTS (SELECT FROM issuance_case WHERE issuance_case.resident_id = recording.resident_id)
        ORDER BY id
    """)


def statuses_equal_the_history() -> list[str]:
    """A case's status and attempt are those of the last line of its history."""
    return lines("""
        WITH last AS (
            SELECT DISTINCT ON (case_id) case_id, to_status, attempt FROM issuance_statuschange
            ORDER BY case_id, id DESC
        )
        SELECT format('berkas %s: %s, riwayat %s', id, status, coalesce(to_status, 'kosong'))
        FROM issuance_case LEFT JOIN last ON last.case_id = issuance_case.id
        WHERE (status, issuance_case.attempt) IS DISTINCT FROM (to_status, last.attempt) ORDER BY id
    """)


def entitlements_agree_with_the_cases() -> list[str]:
    """The open case decides, else the last ended one, else whether the register says recorded. A case that a national
    list opened by mistake, and that was closed with it, decides nothing.

    Somebody whose case has ended, or who was recorded before, may besides be entitled to a replacement.
    """
    rules = [(status.value, str(entitlement_for(status)[0])) for status in CaseStatus]
    return lines(
        """
        WITH latest AS (
            SELECT DISTINCT ON (resident_id) resident_id, status FROM issuance_case
            WHERE NOT (status = 'closed' AND closed_reason = %(undone)s)
            ORDER BY resident_id, status = ANY (%(ended)s), id DESC
        ), expected AS (
            SELECT resident.id, resident.entitlement, latest.status,
                   CASE WHEN rule.status IS NOT NULL THEN rule.entitlement
                        WHEN recorded_before_portal OR source = %(central)s THEN %(none)s ELSE %(first)s END AS wanted
            FROM recording_resident resident
            LEFT JOIN latest ON latest.resident_id = resident.id
            LEFT JOIN unnest(%(statuses)s::text[], %(entitlements)s::text[]) AS rule (status, entitlement)
                      ON rule.status = latest.status
        )
        SELECT format('warga %%s: %%s, seharusnya %%s', id, entitlement, wanted) FROM expected
        WHERE entitlement <> wanted
              AND NOT (entitlement = %(replacement)s AND wanted = %(none)s
                       AND (status IS NULL OR status = ANY (%(ended)s)))
        ORDER BY id
        """,
        {
            "ended": ENDED,
            "undone": UNDONE,
            "central": ResidentSource.CENTRAL.value,
            "none": Entitlement.NONE.value,
            "first": Entitlement.FIRST.value,
            "replacement": Entitlement.REPLACEMENT.value,
            "statuses": [status for status, _entitlement in rules],
            "entitlements": [entitlement for _status, entitlement in rules],
        },
    )


def stalled_people_are_told() -> list[str]:
    """Every stalled case has its own message for this very stall: sent, waiting, or on the call list."""
    return lines(
        """
        SELECT format('berkas %%s mengendap, warga %%s belum diberi tahu', stalled.id, resident_id)
        FROM (SELECT id, resident_id, format('%%s:%%s:%%s:%%s', %(kind)s::text, id, attempt,
                                             floor(extract(epoch FROM status_since))::bigint) AS key
              FROM issuance_case WHERE stalled_since IS NOT NULL AND status <> ALL (%(ended)s)) stalled
        WHERE NOT EXISTS (SELECT FROM recording_notification
                          WHERE dedup_key IN (key, key || ':call') AND state = ANY (%(states)s))
        ORDER BY stalled.id
        """,
        {"kind": STALLED_KIND, "ended": ENDED, "states": TOLD_OR_WAITING},
    )


def letters_end_with_their_cases() -> list[str]:
    """A letter is valid only while its case is open."""
    return lines(
        """
        SELECT format('surat %%s berlaku, berkas %%s sudah %%s', letter.id, issuance_case.id, issuance_case.status)
        FROM issuance_interimletter letter JOIN issuance_case ON issuance_case.id = letter.case_id
        WHERE letter.status = %s AND issuance_case.status = ANY (%s) ORDER BY letter.id
        """,
        [LetterStatus.VALID.value, ENDED],
    )


def rollups_equal_the_rows() -> list[str]:
    """Every past day that is not noted to be made anew is counted as its rows say."""
    first, yesterday = progress.first_day(), timezone.localdate() - timedelta(days=1)
    if first is None:
        return []
    return progress.differences(days=[first + timedelta(days=n) for n in range((yesterday - first).days + 1)])


def balances_equal_their_movements() -> list[str]:
    """Every balance, spoiled ones in custody too, is the sum of its ledger, and none is negative."""
    return lines("""
        WITH moved AS (
            SELECT office_id, item, sum(change) AS quantity, sum(spoiled_change) AS spoiled
            FROM issuance_supplymovement GROUP BY office_id, item
        )
        SELECT format('%s %s: catatan %s (rusak %s), buku %s (rusak %s)', office.code, item, balance.quantity,
                      balance.spoiled, coalesce(moved.quantity, 0), coalesce(moved.spoiled, 0))
        FROM issuance_supplybalance balance FULL JOIN moved USING (office_id, item)
        JOIN recording_office office ON office.id = office_id
        WHERE coalesce(balance.quantity, 0) <> coalesce(moved.quantity, 0)
              OR coalesce(balance.spoiled, 0) <> coalesce(moved.spoiled, 0)
              OR balance.quantity < 0 OR balance.spoiled < 0
        ORDER BY office.code, item
    """)


def prints_used_one_blank() -> list[str]:
    """Every card printed by us took exactly one blank, at its own office; a spoiled one is in custody once.

    Cards that the centre says are printed, without a print of ours, are not broken: `prints_observed_only`.
    """
    return lines("""
        SELECT format('cetakan %s: %s blanko dipakai, %s disimpan', print.id, coalesce(used, 0), coalesce(kept, 0))
        FROM issuance_cardprint print
        LEFT JOIN (
            SELECT card_print_id, office_id, -sum(change) FILTER (WHERE kind = 'used') AS used,
                   sum(spoiled_change) FILTER (WHERE kind = 'spoiled') AS kept
            FROM issuance_supplymovement WHERE item = 'blank' AND card_print_id IS NOT NULL
            GROUP BY card_print_id, office_id
        ) booked ON booked.card_print_id = print.id AND booked.office_id = print.office_id
        WHERE coalesce(used, 0) <> 1 OR coalesce(kept, 0) <> CASE WHEN spoiled_at IS NULL THEN 0 ELSE 1 END
        ORDER BY print.id
    """)


def conflicts_with_the_centre() -> int:
    """How many cases differ from the centre's list until a verifier says who was right: work, not a broken rule."""
    return Case.objects.filter(conflict_since__isnull=False).count()


def prints_observed_only() -> int:
    """How many cases are printed or further without a print of ours: printed elsewhere, as the centre says."""
    printed = [CaseStatus.PRINTED, CaseStatus.SHIPPED, CaseStatus.READY, CaseStatus.ISSUED]
    return Case.objects.filter(status__in=printed, prints=None).count()


CHECKS: dict[str, Check] = {
    "2 satu berkas terbuka": residents_have_one_open_case,
    "3 perekaman punya berkas": recordings_have_a_case,
    "3 status sama dengan riwayat": statuses_equal_the_history,
    "3 hak rekam sesuai berkas": entitlements_agree_with_the_cases,
    "4 persediaan sama dengan buku": balances_equal_their_movements,
    "5 satu blanko tiap cetakan": prints_used_one_blank,
    "6 yang mengendap diberi tahu": stalled_people_are_told,
    "7 surat berlaku selama berkas terbuka": letters_end_with_their_cases,
    "10 hitungan harian sama dengan barisnya": rollups_equal_the_rows,
}
