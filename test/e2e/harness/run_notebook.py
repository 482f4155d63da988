"""Runs a notebook on a Jupyter server elsewhere, by nbclient: `run_notebook.py URL TOKEN FILE`.

Prints the notebook with its outputs, as JSON.
"""

import functools
import sys

import nbformat
import websocket
from jupyter_server.gateway.gateway_client import GatewayClient
from nbclient import NotebookClient


def main(url: str, token: str, path: str) -> None:
    gateway = GatewayClient.instance()
    gateway.url = url
    gateway.auth_token = token
    # The gateway's client proves itself in REST alone.
    header = {"Authorization": f"token {token}"}
    websocket.create_connection = functools.partial(websocket.create_connection, header=header)
    notebook = nbformat.read(path, as_version=4)
    manager = "jupyter_server.gateway.managers.GatewayKernelManager"
    client = NotebookClient(
        notebook, timeout=240, startup_timeout=120, kernel_manager_class=manager
    )
    client.execute(kernel_name=notebook.metadata.kernelspec.name)
    print(nbformat.writes(notebook))


main(*sys.argv[1:])
