import contextlib
import subprocess

import psycopg2
import pytest

from ektp_portal.embedded import process
from ektp_portal.embedded.errors import CannotStart
from ektp_portal.embedded.place import server_account, sockets_directory
from ektp_portal.embedded.postgres import PostgresServer


@pytest.fixture
def server():
    """A server of its own (not started), in a place that its account can reach."""
    account = server_account()
    home = sockets_directory(account)
    made = PostgresServer(home, home, home / "log", account)
    yield made
    made.stop()
    subprocess.run(["rm", "-rf", str(home)], check=True)


def ask(server, statement):
    with contextlib.closing(psycopg2.connect(server.url)) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        connection.commit()
        return cursor.fetchone() if cursor.description else None


def kill(server):
    server.child.kill()
    server.child.wait()


def test_data_survive_a_kill_and_a_stale_pid_file(server):
    server.start()
    ask(server, "CREATE TABLE kept (number int)")
    ask(server, "INSERT INTO kept VALUES (7)")
    kill(server)
    assert (server.data / "postmaster.pid").exists()

    server.start()

    assert ask(server, "SELECT number FROM kept") == (7,)


def test_a_pid_file_that_names_another_program_is_stale(server):
    server.start()
    server.stop()
    (server.data / "postmaster.pid").write_text("1\nsomewhere\n")

    server.start()

    assert ask(server, "SELECT 1") == (1,)


def test_it_listens_at_no_network_address(server):
    server.start()

    assert ask(server, "SHOW listen_addresses") == ("",)
    assert ask(server, "SHOW server_encoding") == ("UTF8",)


def test_the_log_keeps_no_value_of_a_refused_statement(server):
    server.start()
    ask(server, "CREATE TABLE declared (guardian text PRIMARY KEY)")
    ask(server, "INSERT INTO declared VALUES ('somebody')")

    with pytest.raises(psycopg2.errors.UniqueViolation):
        ask(server, "INSERT INTO declared VALUES ('somebody')")

    log = server.log.read_text()
    assert "declared_pkey" in log
    assert "somebody" not in log


def test_a_server_that_cannot_start_shows_the_end_of_its_log(server):
    server.settings = {"shared_buffers": "nonsense"}

    with pytest.raises(CannotStart, match="shared_buffers"):
        server.start()

    assert process.has_ended(server.child)
