"""Bytes as text for a file in UTF-16: fifteen bits in each unit, none of which means anything to HTML.

A file in UTF-16 begins with its byte order mark, which browsers heed before anything that a server or the file says of
its encoding (WHATWG Encoding, "BOM sniff"). So the text is the same from a disk, from any server and in a frame's
`srcdoc`, and takes 16/15 of the bytes; base64 would take 4/3.
"""

import numpy as np

FIRST = 0x4000
"""The unit of fifteen zeros. FIRST to FIRST + 0x7FFF are neither controls, surrogates, white space nor ASCII."""
BITS = 15


def dense(packed: bytes) -> str:
    """Bytes as units, the highest bit of a byte first; the last unit is filled up with zeros."""
    bits = np.unpackbits(np.frombuffer(packed, np.uint8))
    filled = np.concatenate([bits, np.zeros(-len(bits) % BITS, np.uint8)]).reshape(-1, BITS)
    units = filled.astype(np.uint16) @ (1 << np.arange(BITS - 1, -1, -1, dtype=np.uint16))
    return (units + np.uint16(FIRST)).astype("<u2").tobytes().decode("utf-16-le")
