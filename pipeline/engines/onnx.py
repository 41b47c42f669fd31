"""ONNX Runtime, set up the same way everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def session(path: Path, threads: int = 1, arena: bool = True) -> Any:
    """An inference session on the CPU. With one thread, the number of processors changes no result.

    Without an `arena` it gives memory back after each run, and is a little slower.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # errors are raised: they need not be printed, too
    options.intra_op_num_threads = threads
    options.enable_mem_pattern = False  # inputs are of several lengths: plans would only pile up
    options.enable_cpu_mem_arena = arena
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # do not burn while waiting
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
