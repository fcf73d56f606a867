from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.db.models.signals import post_migrate
from django.forms import Field

# Set before any form is imported, for those of libraries too: Django's own words do not say what to do.
Field.default_error_messages["required"] = "Füllen Sie dieses Feld aus."


class MobiProConfig(AppConfig):
    name = "mobipro"
    verbose_name = "Portal"

    def ready(self) -> None:
        from mobipro.search import ensure_database_objects

        # Without a sender: this app has no models and would never be one. Idempotent and quick.
        post_migrate.connect(ensure_database_objects, dispatch_uid="search_indexes")


class CoordinationAdminConfig(admin_apps.AdminConfig):
    """Django's admin with our site: the coordinators' work area."""

    default = False  # this module's default is the portal itself; AdminConfig says True for its own module
    default_site = "mobipro.admin.site.CoordinationSite"
