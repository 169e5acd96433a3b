"""Letters that stand in for a card."""

from django.urls import path

from issuance.views import letter, letter_check, letter_rule

urlpatterns = [
    path("suket/<str:token>/", letter_check.LetterCheckView.as_view(), name="letter_check"),
    path("petugas/suket/", letter.LetterListView.as_view(), name="letters"),
    path("petugas/suket/unduh.csv", letter.LetterCsvView.as_view(), name="letters_csv"),
    path("petugas/suket/baru/<int:pk>/", letter.IssueLetterView.as_view(), name="letter_issue"),
    path("petugas/suket/<int:pk>/", letter.LetterView.as_view(), name="letter"),
    path("petugas/suket/<int:pk>/draf.pdf", letter.LetterPaperView.as_view(), name="letter_paper"),
    path("petugas/suket/<int:pk>/perpanjang/", letter.ExtendLetterView.as_view(), name="letter_extend"),
    path("petugas/suket/<int:pk>/cabut/", letter.RevokeLetterView.as_view(), name="letter_revoke"),
    path("kelola/surat/", letter_rule.LetterRuleListView.as_view(), name="letter_rules"),
    path("kelola/surat/baru/", letter_rule.LetterRuleView.as_view(), name="letter_rule_new"),
    path("kelola/surat/<int:pk>/", letter_rule.LetterRuleView.as_view(), name="letter_rule"),
]
