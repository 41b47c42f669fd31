"""llama.cpp's server, as a program of its own that ends with the one that started it.

It reads one line on standard input, `{"model": path, "context": tokens, "key": …}`, answers with one on
standard output, `{"address": …}` or `{"error": …}`, and runs until its standard input ends. In the calling
process, loading a model would block everything else, Ctrl-C included, for as long as that takes; and whatever
kills llama.cpp, as lack of memory may, would kill the whole run.
"""

from __future__ import annotations

import json
import os
import signal
import sys


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the program that started this one decides
    request, answer_fd = json.loads(sys.stdin.readline()), os.dup(1)
    os.dup2(2, 1)  # keep what llama.cpp prints out of the answer
    _end_with_input()
    try:
        import xllamacpp

        params = xllamacpp.CommonParams()
        params.model.path = request["model"]
        params.n_ctx, params.n_parallel = request["context"], 1
        params.hostnames, params.port = ["127.0.0.1"], 0
        params.api_keys, params.ui, params.verbosity = [request["key"]], False, 0
        server = xllamacpp.Server(params)
        answer = {"address": server.listening_address}
    except Exception as error:  # the binding raises RuntimeError and others for any failure to load
        answer = {"error": str(error)}
    os.write(answer_fd, f"{json.dumps(answer)}\n".encode())
    sys.stdin.read()
    os._exit(0)


def _end_with_input() -> None:
    """Have the system end this process when its input ends, even while a library holds the interpreter."""
    if sys.platform == "linux":
        import fcntl

        signal.signal(signal.SIGIO, signal.SIG_DFL)
        fcntl.fcntl(0, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(0, fcntl.F_SETFL, fcntl.fcntl(0, fcntl.F_GETFL) | os.O_ASYNC)


if __name__ == "__main__":
    main()
