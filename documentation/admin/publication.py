from django.contrib import admin

from documentation.models import Publication
from mobipro.admin import PortalAdmin
from regions.admin.search import StoredSearchMixin


@admin.register(Publication)
class PublicationAdmin(StoredSearchMixin, PortalAdmin):
    list_display = ["title", "kind", "year", "publisher", "visibility"]
    list_filter = ["kind", "visibility", "year"]
    prepopulated_fields = {"slug": ["title"]}
