"""What is refused before a byte of it is kept: nginx refuses it too, but the portal also runs without."""

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler


class RefuseHugeRequest(FileUploadHandler):
    """First of FILE_UPLOAD_HANDLERS: a form larger than LARGEST_REQUEST bytes is answered 400, not written to disk."""

    def handle_raw_input(self, input_data, meta, content_length, boundary, encoding=None):
        if content_length > settings.LARGEST_REQUEST:
            raise RequestDataTooBig("larger than LARGEST_REQUEST")

    def receive_data_chunk(self, raw_data, start):
        return raw_data

    def file_complete(self, file_size):
        return None
