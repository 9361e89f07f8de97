"""What encoded images and sounds are, told by their first bytes: names and endings may say anything."""

from __future__ import annotations

_STARTS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"fLaC", "audio/flac"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}
_MPEG_SYNC = 0xFFE0  # eleven set bits begin every frame of an MP3


def media_type(content: bytes) -> str:
    """Return the media type, such as `image/png` or `audio/wav`, of an encoded image or sound; else ""."""
    for start, kind in _STARTS:
        if content.startswith(start):
            return kind
    if content.startswith(b"RIFF"):
        return _RIFF.get(content[8:12], "")
    return "audio/mpeg" if _is_mpeg_frame(content[:4]) else ""


def _is_mpeg_frame(head: bytes) -> bool:
    """Whether four bytes are the header of an MPEG audio frame of a known version, layer and bit rate."""
    if len(head) < 4 or int.from_bytes(head[:2]) & _MPEG_SYNC != _MPEG_SYNC:
        return False
    version, layer, rate = head[1] >> 3 & 3, head[1] >> 1 & 3, head[2] >> 4
    return version != 1 and layer != 0 and rate not in (0, 15)


# The headers of the two commonest formats, read without a decoder: a folder may hold many thousands ------


def png_header(content: bytes) -> tuple[tuple[int, int], str, str] | None:
    """Return width and height, Pillow's mode and format of a PNG that ends as one does; else None."""
    is_whole = content[12:16] == b"IHDR" and content[-8:-4] == b"IEND"
    if not content.startswith(_STARTS[0][0]) or not is_whole:
        return None
    mode = {0: "L", 4: "LA"}.get(content[25], "RGB")
    size = int.from_bytes(content[16:20]), int.from_bytes(content[20:24])
    return (size, mode, "PNG") if all(size) else None


def jpeg_header(content: bytes) -> tuple[tuple[int, int], str, str] | None:
    """Return width and height, Pillow's mode and format of a JPEG that says nothing of how to turn it."""
    place = 2
    while content[:2] == b"\xff\xd8" and place + 10 <= len(content) and content[place] == 0xFF:
        marker, length = content[place + 1], int.from_bytes(content[place + 2 : place + 4])
        if marker in _FRAMES:
            size = (
                int.from_bytes(content[place + 7 : place + 9]),
                int.from_bytes(content[place + 5 : place + 7]),
            )
            return (size, "L" if content[place + 9] == 1 else "RGB", "JPEG") if all(size) else None
        if marker in _UNCLEAR or length < 2:
            return None
        place += 2 + length
    return None


_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # the markers of a frame, which say its size
_UNCLEAR = (0xD9, 0xDA, 0xE1, 0xE2)  # the end, pixels, and where EXIF and several pictures are told
