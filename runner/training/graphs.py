"""A function of tensors that stay where they are in, all that it asks of a GPU as one CUDA graph out."""

from collections.abc import Callable

import torch

# Calls before a function is recorded: what libraries set up on their first call cannot be, and recording takes as long as some
# calls.
WARM = 10


def recorded(function: Callable[[], None]) -> torch.cuda.CUDAGraph:
    """What `function` would ask of the GPU, which it is not asked yet; each `replay()` does. `function` must have been called."""
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        function()
    return graph
