"""Accounts of staff, the way in beside name and password, and who looked at whom."""

from django.urls import path

from recording.views import access_log, own_data, staff_account, staff_factor, staff_password, staff_session

urlpatterns = [
    path("petugas/terkunci/", staff_session.LockedView.as_view(), name="staff_locked"),
    path("petugas/kunci/", staff_session.LockView.as_view(), name="staff_lock"),
    path("petugas/konfirmasi/", staff_session.ConfirmPasswordView.as_view(), name="staff_confirm_password"),
    path("petugas/kode/", staff_factor.FactorView.as_view(), name="staff_factor"),
    path("petugas/lupa-sandi/", staff_password.ForgotPasswordView.as_view(), name="staff_forgot_password"),
    path("petugas/tautan/<str:token>/", staff_password.LinkView.as_view(), name="staff_link"),
    path("petugas/sandi-baru/", staff_password.NewPasswordView.as_view(), name="staff_new_password"),
    path("petugas/akun/", staff_password.OwnAccountView.as_view(), name="staff_own_account"),
    path("petugas/akun/sandi/", staff_password.ChangePasswordView.as_view(), name="staff_change_password"),
    path("petugas/akun/kode/", staff_factor.FactorSetupView.as_view(), name="staff_factor_setup"),
    path("petugas/akun/kode-cadangan/", staff_factor.RecoveryCodesView.as_view(), name="staff_recovery_codes"),
    path("pengawas/akses/", access_log.AccessLogView.as_view(), name="access_log"),
    path("pengawas/akses/unduh.csv", access_log.AccessLogCsvView.as_view(), name="access_log_csv"),
    path("pengawas/akses/mencolok/", access_log.AccessWeekView.as_view(), name="access_week"),
    path("data-saya/", own_data.OwnDataView.as_view(), name="own_data"),
    path("data-saya/pesan/", own_data.MessageWishView.as_view(), name="message_wish"),
    path("kelola/petugas/", staff_account.AccountListView.as_view(), name="staff_accounts"),
    path("kelola/petugas/unduh.csv", staff_account.AccountCsvView.as_view(), name="staff_accounts_csv"),
    path("kelola/petugas/undang/", staff_account.InviteView.as_view(), name="staff_invite"),
    path("kelola/petugas/<int:pk>/", staff_account.AccountView.as_view(), name="staff_account"),
    path("kelola/petugas/<int:pk>/undang-lagi/", staff_account.InviteAgainView.as_view(), name="staff_invite_again"),
    path("kelola/petugas/<int:pk>/nonaktifkan/", staff_account.DisableView.as_view(), name="staff_disable"),
    path("kelola/petugas/<int:pk>/aktifkan/", staff_account.EnableView.as_view(), name="staff_enable"),
    path("kelola/petugas/<int:pk>/keluarkan/", staff_account.EndSessionsView.as_view(), name="staff_end_sessions"),
    path("kelola/petugas/<int:pk>/hapus-kode/", staff_account.RemoveFactorView.as_view(), name="staff_remove_factor"),
]
