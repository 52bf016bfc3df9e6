"""What browsers get of our scripts: lean, under hashed names, whole."""

import gzip
import re
from pathlib import Path
from typing import Any

from django.core.management import call_command

OURS_KB = 60  # of what the board loads before its first drawing


def test_scripts_are_lean_whole_and_import_hashed_names(tmp_path: Path, settings: Any) -> None:
    settings.STATIC_ROOT = tmp_path
    kept = {"BACKEND": "lastmile.staticfiles.ModuleManifestStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": kept}
    call_command("collectstatic", interactive=False, verbosity=0)
    (page,) = tmp_path.glob("js/pages/board.????????????.js")
    sizes = loaded(page, {})
    for name in ("core/strings.de", "core/sentences.de", "core/theme_boot", "pages/frame"):
        (more,) = tmp_path.glob(
            f"js/{name}.????????????.js"
        )  # of the languages the one with the longer words
        loaded(more, sizes)
    assert len(sizes) > 30
    assert all(sizes.values())
    assert sum(sizes.values()) < 1000 * OURS_KB, sorted(sizes.items(), key=lambda one: one[1])


def loaded(path: Path, sizes: dict[str, int]) -> dict[str, int]:
    """The script and all it imports before it runs, with their packed sizes in bytes."""
    text = path.read_text()
    assert not re.search(r"^\s*// ", text, re.MULTILINE), path
    sizes[path.name] = len(gzip.compress(text.encode(), 6))
    for name in re.findall(r"""(?:^|;|\n)(?:import|export)\b[^;("]*?from\s*["']([^"']+)["']""", text):
        other = (path.parent / name).resolve()
        assert re.search(r"\.[0-9a-f]{12}\.js$", name), f"{path.name} imports {name}"
        if other.name not in sizes:
            loaded(other, sizes)
    return sizes
