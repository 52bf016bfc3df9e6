"""Makes a harmless JPEG of an uploaded picture: ``python pod/imaging.py``, picture in, JPEG out, in a child process.

A picture is read by a decoder of 20 years of C. So this runs apart, within limits of memory and time that it sets on
itself, and knows nothing of us: no Django, no settings, no database. Answers by its exit code and one line of
words on stderr: 0 done, 3 no picture, 4 too large.
"""

import io
import resource
import sys
import warnings
from typing import Any

MIB = 2**20
ADDRESS_SPACE = 512 * MIB
CPU_S = 8  # ten times what the largest picture takes here: a busy or slow machine is no fault of the picture
MOST_PIXELS = 40_000_000
EDGE = 1600
QUALITY = 82
FORMATS = ("JPEG", "PNG", "WEBP")  # the first knows MPO, which some phones write, as well
UNREADABLE, TOO_LARGE = 3, 4


def main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        small = reduced(sys.stdin.buffer.read())
    except MemoryError:
        return _say(TOO_LARGE, "The picture needs more memory than a picture may.")
    except Refused as refused:
        return _say(refused.code, str(refused))
    except Exception as error:  # noqa: BLE001 - whatever a decoder raises on rubbish: to the caller it is no picture
        return _say(UNREADABLE, f"The picture cannot be read ({type(error).__name__}).")
    sys.stdout.buffer.write(small)
    return 0


class Refused(Exception):
    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.code = code


def _say(code: int, words: str) -> int:
    sys.stderr.write(words + "\n")
    return code


def reduced(data: bytes) -> bytes:
    """The picture as a JPEG of at most 1600 px a side, upright, with nothing in it but its pixels."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # judged here, before anything is decoded
    warnings.simplefilter("ignore")
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        width, height = image.size
        if width * height > MOST_PIXELS:
            raise Refused(TOO_LARGE, f"The picture has {width} x {height} pixels, more than 40 million.")
        if min(width, height) < 1:
            raise Refused(UNREADABLE, "The picture has no pixels.")
        image.draft("RGB", (EDGE, EDGE))  # JPEG only: decodes at a fraction of the size
        image.load()
        image.thumbnail((EDGE, EDGE), Image.Resampling.LANCZOS)  # the small one is turned sooner
        turned = _upright(image)
    out = io.BytesIO()
    _on_white(turned).save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()


def _upright(image: Any) -> Any:
    """As the camera was held; what it wrote about that may be rubbish, and is then left out."""
    from PIL import Image

    turns = {
        2: (Image.Transpose.FLIP_LEFT_RIGHT,),
        3: (Image.Transpose.ROTATE_180,),
        4: (Image.Transpose.FLIP_TOP_BOTTOM,),
        5: (Image.Transpose.TRANSPOSE,),
        6: (Image.Transpose.ROTATE_270,),
        7: (Image.Transpose.TRANSVERSE,),
        8: (Image.Transpose.ROTATE_90,),
    }
    try:
        orientation = image.getexif().get(0x0112)
    except Exception:  # noqa: BLE001 - the tags are the phone's own business; the pixels are what counts
        orientation = None
    for turn in turns.get(orientation, ()) if isinstance(orientation, int) else ():
        image = image.transpose(turn)
    return image.copy()


def _on_white(image: Any) -> Any:
    """RGB of whatever it was; what is seen through is white."""
    from PIL import Image

    if image.mode.startswith("I"):  # 16 bits a pixel: plain conversion would cut off, not scale
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    if image.mode in ("P", "PA", "LA", "RGBA", "La", "RGBa"):
        image = image.convert("RGBA")
        ground = Image.new("RGB", image.size, "white")
        ground.paste(image, mask=image.getchannel("A"))
        return ground
    bare = image.convert("RGB")
    bare.info = {}  # no profile, no comment, nothing a save would carry over
    return bare


if __name__ == "__main__":
    sys.exit(main())
