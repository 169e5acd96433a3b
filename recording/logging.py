"""Log lines carry no personal numbers: any run of sixteen digits is masked before it is written."""

import logging
import re

SIXTEEN_DIGITS = re.compile(r"(?<![0-9A-Fa-f])\d{16}(?!\d)")


class MaskPersonalNumbers(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        masked = SIXTEEN_DIGITS.sub("[16 angka]", message)
        if masked != message:
            record.msg, record.args = masked, ()
        return True
