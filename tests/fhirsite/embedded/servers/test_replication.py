"""Reading where a server's files are in history."""

from fhirsite.embedded.servers.replication import ControlData, parse_control_data

_OUTPUT = """\
pg_control version number:            1800
Database system identifier:           7571111111111111111
Database cluster state:               in archive recovery
Latest checkpoint location:           0/2000080
Latest checkpoint's REDO location:    0/2000028
Latest checkpoint's TimeLineID:       3
Time of latest checkpoint:            Tue Nov 24 05:41:21 2026
Minimum recovery ending location:     1A/3000000
"""


def test_control_data_is_read():
    assert parse_control_data(_OUTPUT) == ControlData(
        system_identifier="7571111111111111111", timeline=3, wal_position=0x1A_0300_0000
    )
