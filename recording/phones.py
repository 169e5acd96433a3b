"""Telephone numbers as people here write them."""

import phonenumbers


def national(phone: str) -> str:
    """ "+6281234567890" as it is dialled here: "0812-3456-7890". What is no number stays as it is."""
    try:
        number = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return phone
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
