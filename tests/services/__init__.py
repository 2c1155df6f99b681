"""Real servers for tests and benches: MariaDB, Redis, nginx and Tihuo's own processes.

Each is a context manager that starts a private server in a folder of its own, on free loopback ports,
and ends it by its own process id. Nothing here touches a server that was already running.
"""
