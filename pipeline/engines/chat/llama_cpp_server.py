"""llama.cpp's server, as a program of its own that ends with the one that started it.

It is asked in one line on standard input, `{"model": path, "context": tokens, "key": …}`, answers in one on
standard output, `{"address": …}` or `{"error": …}`, and stays until its standard input ends. In the process
that asks, loading a model would hold up everything else, Ctrl-C included, for as long as that takes; and what
ends llama.cpp, as a want of memory may, would end the whole run.
"""

from __future__ import annotations

import json
import os
import signal
import sys


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one that started this decides
    asked, told = json.loads(sys.stdin.readline()), os.dup(1)
    os.dup2(2, 1)  # what llama.cpp prints is no answer
    _end_with_input()
    try:
        import xllamacpp

        params = xllamacpp.CommonParams()
        params.model.path = asked["model"]
        params.n_ctx, params.n_parallel = asked["context"], 1
        params.hostnames, params.port = ["127.0.0.1"], 0
        params.api_keys, params.ui, params.verbosity = [asked["key"]], False, 0
        server = xllamacpp.Server(params)
        answer = {"address": server.listening_address}
    except Exception as error:  # the binding raises RuntimeError and others for any failure to load
        answer = {"error": str(error)}
    os.write(told, f"{json.dumps(answer)}\n".encode())
    sys.stdin.read()
    os._exit(0)


def _end_with_input() -> None:
    """Have the system end this process with its input, even while a library holds the interpreter."""
    if sys.platform == "linux":
        import fcntl

        signal.signal(signal.SIGIO, signal.SIG_DFL)
        fcntl.fcntl(0, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(0, fcntl.F_SETFL, fcntl.fcntl(0, fcntl.F_GETFL) | os.O_ASYNC)


if __name__ == "__main__":
    main()
