from django.contrib import admin

from documentation.models import Publication
from mobipro.admin import PortalAdmin


@admin.register(Publication)
class PublicationAdmin(PortalAdmin):
    list_display = ["title", "kind", "year", "publisher", "visibility"]
    list_filter = ["kind", "visibility", "year"]
    search_fields = ["search_title", "search_text"]
    prepopulated_fields = {"slug": ["title"]}
    filter_horizontal = ["topics"]
