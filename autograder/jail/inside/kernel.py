"""A Jupyter kernel on sockets that the grader has made: it needs no folder, no network and no connection file.

    python kernel.py CONNECTION SHELL IOPUB STDIN CONTROL

CONNECTION is the key of the messages and their signature's scheme, as JSON; the others are numbers of open sockets.
"""

import json
import sys

import zmq
from ipykernel.kernelapp import IPKernelApp

PORTS = ("shell_port", "iopub_port", "stdin_port", "control_port")


class KernelOnSockets(IPKernelApp):
    """ipykernel's own program, which takes the sockets that it is given."""

    def use(self, connection, files):
        """Take the sockets, in the order of PORTS, and the key of the messages."""
        self.files = dict(enumerate(files, start=1))
        self.transport, self.ip = "ipc", "/run/kernel"  # a name for messages; no such file is made
        for port, name in enumerate(PORTS, start=1):
            setattr(self, name, port)
        self.session.key = connection["key"].encode()
        self.session.signature_scheme = connection["signature_scheme"]

    def _try_bind_socket(self, s, port):
        s.setsockopt(zmq.USE_FD, self.files[port])
        s.bind(f"ipc://{self.ip}-{port}")
        return port

    def init_connection_file(self):
        """There is none."""

    def write_connection_file(self, **options):
        """There is none."""

    def init_heartbeat(self):
        """The grader looks at the process itself."""


def main(connection, files):
    """Serve until the end."""
    application = KernelOnSockets.instance()
    application.use(json.loads(connection), files)
    application.initialize(["--HistoryManager.enabled=False"])
    application.start()


if __name__ == "__main__":
    main(sys.argv[1], [int(number) for number in sys.argv[2:]])
