"""What the operating system must allow for thousands of sockets."""

import resource


def allow_many_sockets() -> None:
    """Raise this process's soft limit of open files to the hard one; children inherit it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
