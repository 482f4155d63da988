"""Runs a notebook on a remote Jupyter server.

    run_notebook.py [--kernel ID] [--allow-errors] URL TOKEN FILE

Uses an existing kernel or a new one. Prints the outputs of each code cell, as JSON. Fails at the
first cell that fails, unless errors are allowed.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from queue import Empty

import nbformat
from jupyter_kernel_client import JupyterKernelClient
from jupyter_kernel_client.client import output_hook

# For hangs only: the caller has its own, lower limit.
SECONDS = 1800


def late(kernel: JupyterKernelClient) -> Iterator[dict]:
    """The kernel's further messages, until there are none for some seconds."""
    while True:
        try:
            yield kernel._manager.client.iopub_channel.get_msg(timeout=4)
        except Empty:
            return


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kernel")
    parser.add_argument("--allow-errors", action="store_true")
    parser.add_argument("url")
    parser.add_argument("token")
    parser.add_argument("file")
    args = parser.parse_args()

    notebook = nbformat.read(args.file, as_version=4)
    limit = {"timeout": SECONDS}
    kernel = JupyterKernelClient(
        server_url=args.url, token=args.token, kernel_id=args.kernel, client_kwargs=limit
    )
    name = notebook.metadata.kernelspec.name
    kernel.start(name=name, timeout=SECONDS)
    outputs = []
    try:
        for cell in notebook.cells:
            if cell.cell_type != "code":
                continue
            reply = kernel.execute(cell.source, timeout=SECONDS)
            if reply["status"] != "ok" and not args.allow_errors:
                sys.exit(f"{cell.source}\n{json.dumps(reply, indent=1)}")
            outputs.append(reply["outputs"])
            # Toree may send output after the message that the cell is done.
            if notebook.metadata.kernelspec.get("language") != "python":
                for message in late(kernel):
                    output_hook(outputs[-1], message)
    finally:
        kernel.stop()
    print(json.dumps(outputs))


main()
