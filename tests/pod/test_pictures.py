"""Pictures from outside: what is rubbish or too much is refused, what is kept holds pixels and nothing else."""

import io
import random
import struct
import subprocess
import sys
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from lastmile.kernel.errors import LastmileError
from pod import imaging
from pod.services import pictures

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)


def encoded(image: Image.Image, kind: str, **how: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def colours(size: tuple[int, int] = (400, 300)) -> Image.Image:
    return Image.merge("RGB", [Image.linear_gradient("L").resize(size)] * 3)


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few hundred KiB that says it has (and has) that many pixels."""
    packer = zlib.compressobj(9)
    row = b"\0" * (1 + width * 3)
    data = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def huge_text() -> bytes:
    """A small PNG with compressed text that unpacks to 300 MB."""
    packer = zlib.compressobj(9)
    text = b"".join(packer.compress(b"\0" * 2**20) for _ in range(300)) + packer.flush()
    plain = encoded(colours((10, 10)), "PNG")
    return plain[:33] + chunk(b"zTXt", b"k\0\0" + text) + plain[33:]


JPEG = encoded(colours(), "JPEG")
REFUSED = {
    "nothing": b"",
    "text": b"hello",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "html behind a magic": b"\xff\xd8\xff<html><script>alert(1)</script>",
    "gif": encoded(colours(), "GIF"),
    "bmp": encoded(colours(), "BMP"),
    "tiff": encoded(colours(), "TIFF"),
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "cut off": JPEG[: len(JPEG) // 2],
    "head only": JPEG[:20],
    "png cut off": encoded(colours(), "PNG")[:-200],
    "riff that is no webp": b"RIFF\x10\0\0\0WAVEfmt " + b"\0" * 40,
    "webp cut off": encoded(colours(), "WEBP")[:60],
    "100 million pixels": bomb(10_000, 10_000),
    "lies about its size": b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)),
    "no pixels": b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 0, 0, 8, 2, 0, 0, 0)),
    "300 MB of text": huge_text(),
    "over 12 MiB": JPEG + b"\0" * (12 * 2**20),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_photo_is_refused_in_words(name: str) -> None:
    """Whatever arrives is a 422 with a cause, never a fault of ours, and never kept."""
    with pytest.raises(LastmileError) as refused:
        pictures.reduce_photo(REFUSED[name])
    assert refused.value.status == 422
    assert refused.value.code in ("bad_picture", "picture_too_large")


def exif(orientation: int, size: int = 0) -> bytes:
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x010F] = "Phone of Dan"
    tags[0x8825] = {1: "N", 2: (60.0, 10.0, 11.0)}
    tags[0x927C] = b"x" * size
    return tags.tobytes()


def animated() -> bytes:
    frames = [Image.new("RGB", (200, 100), colour) for colour in ("red", "green", "blue")]
    return encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=50)


KEPT = {
    "jpeg": (JPEG, (400, 300)),
    "grey": (encoded(colours().convert("L"), "JPEG"), (400, 300)),
    "cmyk": (encoded(colours().convert("CMYK"), "JPEG"), (400, 300)),
    "png": (encoded(colours(), "PNG"), (400, 300)),
    "palette": (encoded(colours().quantize(16), "PNG"), (400, 300)),
    "16 bit": (encoded(Image.new("I;16", (400, 300), 40_000), "PNG"), (400, 300)),
    "see-through": (encoded(Image.new("RGBA", (400, 300), (255, 0, 0, 0)), "PNG"), (400, 300)),
    "black and white": (encoded(colours().convert("1"), "PNG"), (400, 300)),
    "webp": (encoded(colours(), "WEBP"), (400, 300)),
    "animated webp": (animated(), (200, 100)),
    "large": (encoded(colours((4000, 3000)), "JPEG"), (1600, 1200)),
    "39 million pixels": (bomb(6500, 6000), (1600, 1477)),
    "one pixel": (encoded(colours((1, 1)), "PNG"), (1, 1)),
    "a line": (encoded(colours((5000, 1)), "PNG"), (1600, 1)),
    "on its side": (encoded(colours(), "JPEG", exif=exif(6)), (300, 400)),
    "huge exif": (encoded(colours(), "JPEG", exif=exif(1, 60_000)), (400, 300)),
    "broken exif": (encoded(colours(), "JPEG", exif=b"Exif\0\0MM\0*" + b"\xff" * 60), (400, 300)),
    "polyglot": (JPEG + b"PK\x03\x04<html><script>alert(1)</script>", (400, 300)),
    "comment": (encoded(colours(), "JPEG", comment=b"<script>"), (400, 300)),
    "profile": (encoded(colours(), "JPEG", icc_profile=b"secret profile" * 100), (400, 300)),
}


@pytest.mark.parametrize("name", KEPT)
def test_what_is_kept_is_a_small_jpeg_with_nothing_but_pixels(name: str) -> None:
    """Camera, place and whatever hides in a file stay outside."""
    data, size = KEPT[name]
    small = pictures.reduce_photo(data)
    assert all(word not in small for word in (b"Exif", b"Phone", b"script", b"PK\x03\x04", b"ICC", b"secret"))
    with Image.open(io.BytesIO(small)) as image:
        image.load()
        assert (image.format, image.mode, image.size) == ("JPEG", "RGB", size)
        assert not image.getexif()


def test_sixteen_bits_are_scaled_and_what_is_seen_through_is_white() -> None:
    """A plain conversion makes a white sheet of the one and a black one of the other."""
    for name, grey in (("16 bit", 156), ("see-through", 255)):
        with Image.open(io.BytesIO(pictures.reduce_photo(KEPT[name][0]))) as image:
            assert image.getpixel((200, 150))[0] == pytest.approx(grey, abs=3)


def test_mutations_never_get_through_as_faults() -> None:
    """Broken files: each is a picture or a refusal."""
    chance = random.Random(3)
    whole = [KEPT[name][0] for name in ("jpeg", "png", "webp", "palette")]
    for turn in range(24):
        data = bytearray(whole[turn % len(whole)])
        for _ in range(chance.randrange(1, 30)):
            data[chance.randrange(12, len(data))] = chance.randrange(256)
        assert outcome(bytes(data)) in ("kept", "refused with 422")


def outcome(data: bytes) -> str:
    try:
        kept = pictures.reduce_photo(data)
    except LastmileError as error:
        return f"refused with {error.status}"
    return "kept" if kept.startswith(b"\xff\xd8\xff") else "not a JPEG"


def test_a_decoder_that_runs_wild_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Processor time is limited inside, the clock outside; the server only hears an exit code."""
    wild = tmp_path / "wild.py"
    source = Path(imaging.__file__).read_text().replace(f"CPU_S = {imaging.CPU_S}", "CPU_S = 1")
    assert "CPU_S = 1 " in source
    source = source.replace("small = reduced(", "while True: pass\n        small = (")
    wild.write_text(source)
    monkeypatch.setattr(pictures.imaging, "__file__", str(wild))
    with pytest.raises(LastmileError) as refused:
        pictures.reduce_photo(JPEG)
    assert refused.value.code == "picture_too_large"
    monkeypatch.setattr(pictures, "TRY_S", 0.2)
    wild.write_text("import time\ntime.sleep(30)\n")
    with pytest.raises(LastmileError) as late:
        pictures.reduce_photo(JPEG)
    assert late.value.cause == "The picture took too long."


def test_the_child_has_a_ceiling_of_memory() -> None:
    """The limit is set before anything is decoded."""
    code = (
        f"import runpy, resource, sys; sys.argv=['x']; m = runpy.run_path({imaging.__file__!r}); m['main']();"
        "print(resource.getrlimit(resource.RLIMIT_AS)[0], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], input=b"", capture_output=True, check=False)
    assert done.stderr.decode().split()[-1] == str(512 * 2**20)


def test_a_picture_is_on_the_disk_whole_or_not_at_all(settings: Any, tmp_path: Path) -> None:
    """Own random names below the month, readable by us alone, no leftovers."""
    settings.MEDIA_ROOT = tmp_path
    kept = pictures.keep_picture(JPEG, suffix=".jpg", now=NOW)
    path = tmp_path / kept.path
    assert kept.path.startswith("proofs/2026/03/")
    assert path.read_bytes() == JPEG == pictures.read_picture(kept.path)
    assert (kept.width, kept.height, kept.bytes) == (400, 300, len(JPEG))
    assert path.stat().st_mode & 0o077 == 0
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    pictures.drop_picture(kept.path)
    pictures.drop_picture(kept.path)
    assert pictures.read_picture(kept.path) is None


@pytest.mark.parametrize("path", ["../secret", "proofs/../../secret", "/etc/passwd", "proofs/../secret.jpg"])
def test_no_path_leads_out_of_the_folder(settings: Any, tmp_path: Path, path: str) -> None:
    """A row from a foreign backup must not read or remove what is not a proof."""
    settings.MEDIA_ROOT = tmp_path / "media"
    (tmp_path / "media" / "proofs").mkdir(parents=True)
    for place in (tmp_path / "secret", tmp_path / "media" / "secret.jpg"):
        place.write_text("secret")
    assert pictures.read_picture(path) is None
    pictures.drop_picture(path)
    assert (tmp_path / "secret").exists()
    assert (tmp_path / "media" / "secret.jpg").exists()


def test_a_nearly_full_disk_is_said(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """507: the phone keeps the photo; the database keeps the room it needs."""
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(pictures, "FREE_LEAST", 2**62)
    with pytest.raises(LastmileError) as refused:
        pictures.keep_picture(JPEG, suffix=".jpg", now=NOW)
    assert (refused.value.status, refused.value.code) == (507, "disk_full")
    assert not list(tmp_path.rglob("*.jpg*"))
