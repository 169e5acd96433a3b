from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from recording import manage_home, messages, navigation, staff_home
from recording.policy.access import Permission, roles

KINDS = {
    "appointment_booked": "Janji dipesan",
    "appointment_changed": "Janji diubah warga",
    "appointment_cancelled": "Janji dibatalkan warga",
    "appointment_missed": "Tidak datang",
    "appointment_tomorrow": "Pengingat sehari sebelumnya",
    "appointment_soon": "Pengingat dua jam sebelumnya",
}


class RecordingConfig(AppConfig):
    name = "recording"
    verbose_name = "Perekaman"

    def ready(self):
        import recording.receivers  # noqa: F401 - connects; models are loaded only now

        _register_accounts()
        navigation.add_resident_item(_("Pesan jadwal"), "schedule", order=10)
        navigation.add_resident_item(_("Kelola janji"), "manage", order=30)
        navigation.add_resident_item(_("Antrean saya"), "place_in_line", order=40)
        for kind, label in KINDS.items():
            messages.register(kind, f"messages/recording/{kind}", label=label)
        # Asked for by the person this very moment, so neither the hour nor other messages hold it up.
        messages.register("code_reissued", "messages/recording/code_reissued", urgent=True, label="Kode baru")
        _register_messages_of_the_office()
        _register_staff_pages()
        _register_manage_sections()


def _register_messages_of_the_office():
    """What the office does to somebody's appointment: whom no message reaches is called."""
    from recording.services.relocation import CANCELLED, MOVED, RESTORED, message_context

    labels = {MOVED: "Dipindah kantor", CANCELLED: "Dibatalkan kantor", RESTORED: "Dikembalikan kantor"}
    for kind, label in labels.items():
        messages.register(kind, f"messages/recording/{kind}", context=message_context, call=True, label=label)


def _register_staff_pages():
    """Menu, search box, cards and alarms of the staff's part. Imported late: views need the models loaded."""
    from recording.views import outage
    from recording.views.staff_home import (
        days_not_closed,
        days_without_hours,
        desk_cards,
        message_cards,
        unsent_alarms,
        unsent_cards,
        visit_cards,
    )

    desk = roles(Permission.DESK)
    navigation.add_staff_item("Beranda", "staff_home", order=0)
    navigation.add_staff_item(
        "Loket",
        "desk",
        roles=desk,
        order=10,
        also=("/petugas/janji/", "/petugas/warga/", "/petugas/cari/", "/petugas/lembar-harian/"),
    )
    navigation.add_staff_item("Antrean", "queue_board", roles=desk, order=11, also=("/petugas/antrean/",))
    navigation.add_staff_item("Datang langsung", "walk_in", roles=desk, order=12)
    navigation.add_staff_item("Tutup hari", "closing", roles=desk, order=14, also=("/petugas/belum-terkirim/",))
    navigation.add_staff_item("Pesankan", "assisted", roles=desk, order=13)
    navigation.add_staff_item("Jemput bola", "rosters", roles=desk, order=15, also=("/petugas/kunjungan/",))
    navigation.add_staff_item("Pesan", "messages", roles=desk, order=16)
    navigation.add_staff_item("Telepon", "call_list", roles=desk, order=17)
    navigation.add_staff_item("Diberi tahu", "told", roles=roles(Permission.DASHBOARDS), order=62)
    navigation.set_staff_search("desk_search", roles=desk)
    staff_home.add_cards(desk_cards, permission=Permission.DESK, order=10)
    staff_home.add_cards(unsent_cards, permission=Permission.DESK, order=11)
    staff_home.add_cards(visit_cards, permission=Permission.DESK, order=12)
    staff_home.add_cards(message_cards, permission=Permission.DESK, order=13)
    staff_home.add_alarms(unsent_alarms, permission=Permission.DESK, order=7)
    for permission in (Permission.DESK, Permission.DASHBOARDS):
        staff_home.add_alarms(days_not_closed, permission=permission, order=8)
    for permission in (Permission.DESK, Permission.DASHBOARDS, Permission.MANAGE):
        staff_home.add_alarms(outage.alarms, permission=permission, order=5)
        staff_home.add_alarms(days_without_hours, permission=permission, order=10)


def _register_manage_sections():
    """What `/kelola/` lists of the ground floor."""
    manage, counts = Permission.MANAGE, Permission.STATION_COUNTS
    for section in (
        ("Jam layanan", "Minggu tiap kantor, aturan jam, istirahat, Ramadan.", "hours", manage, 10, "calendar-days"),
        ("Hari tutup", "Hari libur nasional, setengah hari, penutupan.", "closures", manage, 20, "calendar-off"),
        ("Kantor", "Nama, alamat, dan telepon yang dibaca warga.", "offices", manage, 25, "building-2"),
        ("Jumlah loket", "Berapa loket perekaman yang melayani.", "stations", counts, 30, "monitor"),
        ("Server pusat mati", "Hentikan perekaman sementara, beri waktu baru.", "outages", counts, 40, "server-off"),
        ("Riwayat perubahan jam", "Siapa mengubah apa, dan mengembalikannya.", "hours_changes", counts, 50, "history"),
    ):
        manage_home.register(*section)
    navigation.add_staff_item("Kelola", "manage_home", roles=roles(counts), order=80)


def _register_accounts():
    """Accounts of staff, and who looked at whom."""
    navigation.add_staff_item("Tidak hadir", "no_shows", roles=roles(Permission.DASHBOARDS), order=65)
    navigation.add_staff_item("Akses", "access_log", roles=roles(Permission.DASHBOARDS), order=70)
    manage_home.register(
        "Petugas", "Undang, ubah, dan nonaktifkan akun petugas.", "staff_accounts", Permission.MANAGE, 60, "users"
    )
