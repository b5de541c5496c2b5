"""Uses more and more memory, in two processes, until it is stopped. `doctor.py` and the tests start it in a jail."""

import mmap
import os

os.fork()
held = []
while True:
    block = mmap.mmap(-1, 4 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    for page in range(0, 4 << 20, mmap.PAGESIZE):
        block[page] = 1
    held.append(block)
