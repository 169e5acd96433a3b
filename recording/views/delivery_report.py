"""`/pesan/laporan/<gateway>/`: where the gateways of text messages say what arrived. For machines only."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from recording.exceptions import TooManyTries
from recording.gateways import text_gateway
from recording.services import delivery, rate_limit
from recording.services.delivery import NotReadable, NotSigned
from recording.views.public import address_of

LONGEST = 256 * 1024  # bytes
REPORTS_PER_ADDRESS = {"capacity": 1200, "per_seconds": 60}


@csrf_exempt  # signed by the gateway's secret instead; no session, no cookie
@require_POST
def take_report(request: HttpRequest, gateway: str) -> HttpResponse:
    """204: noted. 404: no reports are expected here, or none of a message known here (yet): send it again. 401: not
    signed. 400, 413, 429."""
    if not text_gateway(gateway).report_secret:
        return HttpResponse(status=404)
    now = timezone.now()
    try:
        rate_limit.take(scope="delivery_report.address", key=address_of(request), now=now, **REPORTS_PER_ADDRESS)
        if len(request.body) > LONGEST:
            return HttpResponse(status=413)
        taken = delivery.take_reports(
            gateway=gateway,
            timestamp=request.headers.get("X-Timestamp", ""),
            signed=request.headers.get("X-Signature", ""),
            body=request.body,
            now=now,
        )
    except TooManyTries as error:
        return HttpResponse(status=429, headers={"Retry-After": f"{error.retry_after}"})
    except NotSigned:
        return HttpResponse(status=401)
    except NotReadable:
        return HttpResponse(status=400)
    return HttpResponse(status=404 if taken.unknown else 204)
