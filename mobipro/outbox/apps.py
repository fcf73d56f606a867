from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "mobipro.outbox"
    label = "outbox"
    verbose_name = "Postausgang"

    def ready(self) -> None:
        from mobipro.outbox import retention

        retention.register()
