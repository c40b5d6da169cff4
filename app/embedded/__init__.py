"""PostgreSQL and Valkey as real servers from wheels, for demo, tests and benchmarks.

`place` decides where they live and as whom they run, `postgres` and `valkey` each run one server,
`servers` puts them together. Who needs servers uses `EmbeddedServers`
(and `pg_bin`), nothing else of this.
"""

from app.embedded.place import EmbeddedError
from app.embedded.programs import pg_bin
from app.embedded.servers import EmbeddedServers

__all__ = ["EmbeddedError", "EmbeddedServers", "pg_bin"]
