"""The house stands: the ground floor never names the upper one, in code, foreign keys, accessors, templates or links.

import-linter (pyproject.toml) holds the imports; it cannot see strings, reverse accessors and templates. This can.
"""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import CASCADE, PROTECT, SET_NULL

ROOT = Path(settings.BASE_DIR)
GROUND_FLOOR = [
    *sorted((ROOT / "recording").rglob("*.py")),
    *sorted((ROOT / "templates" / "recording").rglob("*.*")),
    *sorted((ROOT / "templates" / "messages" / "recording").rglob("*.*")),
]


def accessors_of_the_upper_floor():
    """Names that issuance's foreign keys add to recording's models, such as `cases`."""
    relations = (
        relation
        for model in apps.get_app_config("recording").get_models()
        for relation in model._meta.related_objects
        if relation.related_model._meta.app_label == "issuance" and not relation.hidden
    )
    return {relation.get_accessor_name() for relation in relations}


def breaches(text):
    """The words in `text` by which the ground floor would know of the upper one."""
    names = "|".join(sorted(accessors_of_the_upper_floor()))
    followed = rf"\.(?:{names})\b|['\"](?:{names})__|_related\([^)]*['\"](?:{names})['\"]"
    return re.findall(rf"\bissuance\b|{followed}", text)


def test_the_ground_floor_never_names_the_upper_one():
    found = {str(path.relative_to(ROOT)): breaches(path.read_text()) for path in GROUND_FLOOR}

    assert {path: words for path, words in found.items() if words} == {}


@pytest.mark.parametrize(
    "planted",
    [
        "from issuance.models import Case",
        'models.ForeignKey("issuance.Case", models.PROTECT)',
        "resident.cases.open()",
        'Resident.objects.filter("cases__status")',
        'residents.prefetch_related("cases")',
        "{% url 'issuance:status' %}",
    ],
)
def test_a_planted_breach_is_noticed(planted):
    assert breaches(planted)


def test_nothing_but_the_two_apps_owns_models():
    owners = {model._meta.app_label for model in apps.get_models() if model.__module__.split(".")[0] in _ours()}

    assert owners == {"recording", "issuance"}


def _ours():
    return {"ektp_portal", "issuance", "recording"}


def test_no_model_hides_rules_in_save():
    hiding = [
        model.__name__
        for model in apps.get_models()
        if model.__module__.split(".")[0] in _ours() and "save" in vars(model)
    ]

    assert hiding == []


def test_foreign_keys_say_on_purpose_what_deletion_does():
    allowed = {PROTECT, CASCADE, SET_NULL}
    for model in apps.get_models():
        if model.__module__.split(".")[0] in _ours():
            for field in model._meta.concrete_fields:
                assert not field.is_relation or field.remote_field.on_delete in allowed


def test_templates_hold_no_inline_style_or_script():
    inline = re.compile(r"<style|\sstyle=|\son[a-z]+=\"|<script(?![^>]*\ssrc=)", re.IGNORECASE)
    found = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "templates").rglob("*.html"))
        if inline.search(path.read_text())
    ]

    assert found == []
