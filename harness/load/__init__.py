"""A crowd of virtual users over HTTP: Locust in a process of its own (:mod:`harness.load.swarm`), told what to send."""
