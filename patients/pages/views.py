"""The pages for clinicians: find a patient, read the chart.

A view translates and asks `patients.interactions`; what a page says stands in the presenters.
"""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views import View

from patients.access import Actor, actor_for
from patients.fhir.outcomes import FhirError
from patients.pages.chart import ChartReader
from patients.pages.context import request_id
from patients.pages.errors import failure_page
from patients.pages.forms import SearchForm
from patients.pages.search import find_patients
from patients.pages.sections import KIND_OF_SLUG


class RecordPage(View):
    """A page that shows records; a failure that was foreseen is answered with a page of its own."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().dispatch(request, *args, **kwargs)
        except FhirError as error:
            return failure_page(request, error.status, error)

    @property
    def actor(self) -> Actor:
        return actor_for(
            self.request.user,
            channel="session",
            request_id=request_id(self.request),
            address=self.request.META.get("REMOTE_ADDR", ""),
        )


class SearchPage(RecordPage):
    """Find a patient by what is known of them."""

    def get(self, request: HttpRequest) -> HttpResponse:
        form = SearchForm(request.GET)
        search = find_patients(form, actor=self.actor, today=timezone.localdate())
        context = {
            "form": form,
            "search": search,
            "query": request.GET.get("q", ""),
            "next_query": urlencode(search.next_parameters) if search.next_parameters else "",
            "request_id": request_id(request),
            "now": timezone.localtime(),
        }
        return render(request, "pages/search.html", context, status=search.status)


class ChartPage(RecordPage):
    """Read a patient's chart."""

    def get(self, request: HttpRequest, id: str) -> HttpResponse:
        reader = ChartReader(actor=self.actor, patient_id=id, zone=timezone.get_current_timezone())
        context = {
            "chart": reader.chart(),
            "is_chart": True,
            "request_id": request_id(request),
            "now": timezone.localtime(),
        }
        return render(request, "pages/chart.html", context)


class SectionPage(RecordPage):
    """Read one section of a chart, page by page."""

    def get(self, request: HttpRequest, id: str, section: str) -> HttpResponse:
        kind = KIND_OF_SLUG.get(section)
        if kind is None:
            raise Http404(section)
        reader = ChartReader(actor=self.actor, patient_id=id, zone=timezone.get_current_timezone())
        chart = reader.section(kind, request.GET.get("cursor") or None)
        context = {
            "chart": chart,
            "section": chart.sections[0],
            "request_id": request_id(request),
            "now": timezone.localtime(),
        }
        return render(request, "pages/section.html", context)
