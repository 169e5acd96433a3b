"""`/kelola/cetak/`: how offices print, and who comes first when blanks are short."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.generic import View

from issuance.forms.print_rule import PrintRuleForm
from issuance.services import print_rule
from recording.models import Office
from recording.policy.access import Permission
from recording.views.mixins import StaffRequired


class PrintRuleView(StaffRequired, View):
    permission = Permission.MANAGE

    def get(self, request):
        return self._page(self._form())

    def post(self, request):
        form = self._form(request.POST)
        if not form.is_valid():
            return self._page(form)
        print_rule.decide(policies=form.policies(), order=form.order(), by=request.user, now=timezone.now())
        messages.success(request, "Disimpan. Daftar cetak berikutnya memakai aturan ini.")
        return redirect("print_rules")

    def _form(self, data=None) -> PrintRuleForm:
        return PrintRuleForm(data, offices=list(Office.objects.active()), order=print_rule.current_order())

    def _page(self, form: PrintRuleForm):
        return render(self.request, "issuance/print_run/rules.html", {"form": form})
