from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "meetings"
    verbose_name = "Treffen"

    def ready(self) -> None:
        from meetings import checks, retention, rules  # noqa: F401 - rules registers the permissions
        from mobipro import search

        checks.register()
        retention.register()
        search.register_index("meetings_meeting")
