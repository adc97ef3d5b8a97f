"""Rules that every template keeps: no inline script or style, no word that cannot be translated."""

import base64
import hashlib
import re
from pathlib import Path

import django.contrib.admin
import pytest
from django.conf import settings

from patients.pages.middleware import ADMIN_POLICY

FOLDER = settings.BASE_DIR / "templates"
OURS = sorted(
    path.relative_to(FOLDER).as_posix()
    for part in ("base.html", "narrow.html", "pages", "components")
    for path in ([FOLDER / part] if part.endswith("html") else (FOLDER / part).rglob("*.html"))
)

TRANSLATED = re.compile(
    r"{%\s*blocktranslate.*?{%\s*endblocktranslate\s*%}|{%.*?%}|{{.*?}}|{#.*?#}", re.DOTALL
)
SPOKEN_ATTRIBUTE = re.compile(r'\b(?:alt|title|aria-label|placeholder|data-l)="([^"]*)"')


@pytest.fixture(params=OURS)
def template(request):
    return (FOLDER / request.param).read_text()


def test_has_no_text_that_cannot_be_translated(template):
    left = TRANSLATED.sub(" ", template)
    spoken = SPOKEN_ATTRIBUTE.findall(left)
    visible = re.sub(r"<[^>]*>", " ", left)

    assert re.findall(r"[^\W\d_]{2,}", visible + " ".join(spoken)) == []


def test_has_no_inline_script_or_style(template):
    assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]*\ssrc=)", template) == []


def test_marks_nothing_as_safe(template):
    assert re.findall(r"\|\s*safe|autoescape", template) == []


def test_the_admin_has_the_one_style_that_its_policy_allows():
    admin = Path(django.contrib.admin.__file__).parent / "templates/admin"
    styles = [
        style
        for path in admin.rglob("*.html")
        for style in re.findall(r"<style>(.*?)</style>", path.read_text(), re.DOTALL)
    ]

    hashes = [base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() for style in styles]

    assert [f"'self' 'sha256-{hash}'" for hash in hashes] == [ADMIN_POLICY["style-src"]]
