from recording.gateways.base import OutgoingMessage
from recording.gateways.file import FileGateway


def message(**values):
    return OutgoingMessage(
        **{"key": "a" * 32, "kind": "recorded", "channel": "sms", "address": "+6281234567890"}
        | {"subject": "Perihal", "body": "Isi pesan."}
        | values
    )


def test_send_writes_a_readable_file_for_the_owner_only(tmp_path):
    with FileGateway(tmp_path / "messages") as gateway:
        name = gateway.send(message())

    text = (tmp_path / "messages" / name).read_text()
    assert text == "Lewat: sms\nKepada: +62 8•• •••• ••90\nPerihal: Perihal\n\nIsi pesan.\n"
    assert (tmp_path / "messages").stat().st_mode & 0o077 == 0


def test_send_twice_leaves_one_file(tmp_path):
    with FileGateway(tmp_path) as gateway:
        assert gateway.send(message()) == gateway.send(message())
        gateway.send(message(key="b" * 32))

    assert len(list(tmp_path.iterdir())) == 2
