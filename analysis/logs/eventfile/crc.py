"""Records' bytes in, out whether they are as they were written: CRC-32C with TensorFlow's mask, of many records at once."""

from functools import lru_cache

POLYNOMIAL = 0x82F63B78  # Castagnoli's, reflected
ALL = 0xFFFFFFFF
MASK = 0xA282EAD8  # added to what was turned by 15 bits; masking is TensorFlow's, in core/lib/hash/crc32c.h


def _entry(byte: int) -> int:
    for _ in range(8):
        byte = (byte >> 1) ^ (POLYNOMIAL if byte & 1 else 0)
    return byte


TABLE = tuple(map(_entry, range(256)))


def remainder(data: bytes, start: int = 0) -> int:
    """The bare remainder, from a register that holds `start`. It is linear: that of two messages xored is both remainders xored."""
    table = TABLE
    for byte in data:
        start = table[(start ^ byte) & 255] ^ (start >> 8)
    return start


def turned(crc: int) -> int:
    """A checksum turned by 15 bits, which is half of its mask; the other half is to add `MASK`."""
    return (crc >> 15 | crc << 17) & ALL


def masked(data: bytes) -> int:
    """The checksum of `data` as an event file holds it."""
    return (turned(remainder(data, ALL) ^ ALL) + MASK) & ALL


@lru_cache(maxsize=65536)
def offset(length: int) -> int:
    """What a message's length alone adds to its checksum, whatever is in it."""
    return remainder(bytes(length), ALL) ^ ALL


class Tally:
    """Records, each with its checksum, as one sum: whether all are right is known from a single checksum, for it is linear in a
    record and leading zeros change nothing. A wrong one goes unseen only beside a second one with the very same wrong bits."""

    def __init__(self) -> None:
        self.bodies = self.checks = self.offsets = 0

    def add(self, bodies: int, checks: int, offsets: int) -> None:
        """Adds records: their bytes as numbers, their checksums without `MASK`, their `offset`s, each xored into one."""
        self.bodies ^= bodies
        self.checks ^= checks
        self.offsets ^= offsets

    def is_right(self) -> bool:
        """Whether the checksums of all records that were added are right; they are taken out."""
        body = self.bodies.to_bytes((self.bodies.bit_length() + 7) // 8, "big")
        right = turned(remainder(body) ^ self.offsets) == self.checks
        self.bodies = self.checks = self.offsets = 0
        return right
