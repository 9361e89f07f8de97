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
