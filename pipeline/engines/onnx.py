"""ONNX Runtime, set up the same way everywhere."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any


def session(path: Path, threads: int | None = None) -> Any:
    """An inference session on the CPU; `threads`: as many as there are processors, unless told."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or os.cpu_count() or 1
    options.enable_mem_pattern = False  # inputs are of several lengths: plans would only pile up
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # do not burn while waiting
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
