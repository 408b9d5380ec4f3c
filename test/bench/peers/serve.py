"""How a program of Python answers: see `openProgram`."""

import json
import sys
import time


def serve(greeting, step_of):
    """Says a line about itself, and answers "name count sizes…" with the milliseconds of a step: where count is 0, with its result."""
    print(greeting, flush=True)
    for line in sys.stdin:
        name, count, *sizes = line.split()
        step, times = step_of(name, *map(int, sizes)), int(count)
        if times == 0:
            answer = step()
        else:
            start = time.perf_counter()
            for _ in range(times):
                step()
            answer = (time.perf_counter() - start) * 1e3 / times
        print(json.dumps(answer), flush=True)
