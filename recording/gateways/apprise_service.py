from recording.gateways.base import OutgoingMessage, TemporaryRefusal
from recording.gateways.text import TextGatewaySettings, fill


class AppriseGateway:
    """Hands messages to one of the services that apprise knows, such as `clickatell://<apikey>/{to_digits}`.

    Apprise says neither why nothing was sent nor the other side's id, so every failure is tried again.
    """

    reports = False

    def __init__(self, options: TextGatewaySettings):
        self.options = options

    def __enter__(self):
        from apprise import Apprise  # a hundred services: only the worker that sends pays for loading them

        self.apprise = Apprise
        return self

    def __exit__(self, *exception):
        pass

    def send(self, message: OutgoingMessage) -> str:
        service = self.apprise()
        if not service.add(fill(self.options.url, message)):
            raise TemporaryRefusal("apprise does not know the service that is set")
        if not service.notify(body=message.body, body_format="text"):
            raise TemporaryRefusal("the service did not take the message")
        return message.key
