import re
import smtplib
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from recording.crypto import blind_index
from recording.gateways.base import OutgoingMessage, TemporaryRefusal, Undeliverable
from recording.policy.bounce import is_bad_address, return_path


class SmtpGateway:
    """Hands e-mail to the mail server of the settings, over one connection for as many messages as there are.

    What comes back goes to an address that names the message (`settings.BOUNCE_ADDRESS`), so that it is understood.
    """

    reports = False

    def __enter__(self):
        self.connection = get_connection("django.core.mail.backends.smtp.EmailBackend", timeout=settings.EMAIL_TIMEOUT)
        return self

    def __exit__(self, *exception):
        self.connection.close()

    def send(self, message: OutgoingMessage) -> str:
        known_as = message_id(message.key)
        email = EmailMessage(
            subject=message.subject,
            body=message.body,
            from_email=_return_path(message.key),
            to=[message.address],
            headers={
                "From": settings.DEFAULT_FROM_EMAIL,
                "Message-ID": known_as,
                "Auto-Submitted": "auto-generated",
            },
            connection=self.connection,
        )
        try:
            self.connection.open()
            email.send()
        except smtplib.SMTPRecipientsRefused as error:
            self.connection.close()
            code, text = max(error.recipients.values(), default=(0, b""))
            if 500 <= code < 600:
                raise Undeliverable(f"recipient refused, {code}", bad_address=_is_nobody(code, text)) from None
            raise TemporaryRefusal(f"recipient refused for now, {code}") from None
        except smtplib.SMTPResponseException as error:
            self.connection.close()
            raise TemporaryRefusal(f"{type(error).__name__}, {error.smtp_code}") from None
        except (smtplib.SMTPException, OSError) as error:
            self.connection.close()
            raise TemporaryRefusal(type(error).__name__) from None
        return known_as


def message_id(key: str) -> str:
    """By what mail servers know the message with this key."""
    return f"<{key}@{urlsplit(settings.SITE_URL).hostname}>"


def _return_path(key: str) -> str:
    if not settings.BOUNCE_ADDRESS:
        return settings.DEFAULT_FROM_EMAIL
    return return_path(settings.BOUNCE_ADDRESS, key=key, proof=bounce_proof(key))


def bounce_proof(key: str) -> str:
    """What shows that a returned mail answers one of ours: nobody else can make it for `key`."""
    return blind_index(key, purpose="mail.bounce").hex()


def _is_nobody(code: int, text: bytes) -> bool:
    """Whether a refusal means that nobody has this mailbox: by the extended code, where the server gives one."""
    extended = re.match(rb"\s*([245]\.\d{1,3}\.\d{1,3})\b", text)
    return is_bad_address(extended[1].decode()) if extended else code in (550, 551, 553)
