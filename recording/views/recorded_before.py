"""`/sudah-rekam/`: the way on for people recorded before the portal. Asks nothing, so it tells everybody the same."""

from django.views.generic import TemplateView


class RecordedBeforeView(TemplateView):
    template_name = "recording/recorded_before/page.html"
