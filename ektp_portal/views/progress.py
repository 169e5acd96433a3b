import csv

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from ektp_portal.progress import progress
from issuance.services.outlook import public_stock


def public_progress(request):
    """`/capaian/`: recorded of target, in all and per kecamatan, and what each office can print on. No personal data."""
    now = timezone.localtime()
    return render(request, "progress.html", {"progress": progress(now=now), "stocks": public_stock(), "now": now})


def public_progress_csv(request):
    """`/capaian.csv`: the same table for machines; column names never change with the language."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="capaian-ktp-el-kudus.csv"'
    table = csv.writer(response)
    table.writerow(["kecamatan", "terekam", "wajib_ktp", "persen", "dihitung_pada"])
    standing = progress(now=timezone.localtime())
    for share in [*standing.districts, standing.total] if standing else []:
        name = "Kabupaten Kudus" if share is standing.total else share.name
        table.writerow(
            [name, share.recorded, share.target, share.percent, standing.as_of.isoformat(timespec="minutes")]
        )
    return response
