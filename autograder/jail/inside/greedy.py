"""Two processes that take so many bytes of memory each, and hold them for a while. `doctor.py` starts it in a jail."""

import os
import sys
import time

BLOCK = 4 << 20

os.fork()
held = [b"x" * BLOCK for _ in range(int(sys.argv[1]) // BLOCK)]
time.sleep(1)
