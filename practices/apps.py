from django.apps import AppConfig


class PracticesConfig(AppConfig):
    name = "practices"
    verbose_name = "Gute Praxis"

    def ready(self) -> None:
        from mobipro import search

        search.register_index("practices_goodpractice")
