import smtplib
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from recording.gateways.base import OutgoingMessage, Undeliverable


class SmtpGateway:
    """Hands e-mail to the mail server of the settings, over one connection for as many messages as there are."""

    def __enter__(self):
        self.connection = get_connection("django.core.mail.backends.smtp.EmailBackend", timeout=settings.EMAIL_TIMEOUT)
        return self

    def __exit__(self, *exception):
        self.connection.close()

    def send(self, message: OutgoingMessage) -> str:
        message_id = f"<{message.key}@{urlsplit(settings.SITE_URL).hostname}>"
        email = EmailMessage(
            subject=message.subject,
            body=message.body,
            to=[message.address],
            headers={"Message-ID": message_id, "Auto-Submitted": "auto-generated"},
            connection=self.connection,
        )
        try:
            self.connection.open()
            email.send()
        except smtplib.SMTPRecipientsRefused as error:
            self.connection.close()
            code = max((reply[0] for reply in error.recipients.values()), default=0)
            if 500 <= code < 600:
                raise Undeliverable(f"recipient refused, {code}") from None
            raise TemporaryRefusal(f"recipient refused for now, {code}") from None
        except smtplib.SMTPResponseException as error:
            self.connection.close()
            raise TemporaryRefusal(f"{type(error).__name__}, {error.smtp_code}") from None
        except (smtplib.SMTPException, OSError) as error:
            self.connection.close()
            raise TemporaryRefusal(type(error).__name__) from None
        return message_id


class TemporaryRefusal(Exception):
    """The mail server did not take the message this time. The text holds no address."""
