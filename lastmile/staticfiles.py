"""Static files: ours, and the few dist files of the npm packages in package.json, served in place."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import rjsmin
from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage

# package -> (folder below it, files); served as vendor/<package>/<file>.
PACKAGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "protomaps-leaflet": ("dist", ("protomaps-leaflet.js", "protomaps-leaflet.js.map")),
}


class NpmFinder(BaseFinder):
    """Finds vendor/<package>/<file> in node_modules."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.storages = {}
        for package, (folder, _) in PACKAGES.items():
            storage = FileSystemStorage(Path(settings.BASE_DIR) / "node_modules" / package / folder)
            storage.prefix = f"vendor/{package}"  # type: ignore[attr-defined]
            self.storages[package] = storage

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        found = [
            storage.path(name)
            for name, storage in self.list([])
            if f"{storage.prefix}/{name}" == path and storage.exists(name)
        ]
        return found if find_all else (found[0] if found else [])

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, Any]]:
        for package, (_, files) in PACKAGES.items():
            for name in files:
                if self.storages[package].exists(name):
                    yield name, self.storages[package]


class ModuleManifestStorage(ManifestStaticFilesStorage):
    """Hashed names, also inside the import lines of our ES modules; our scripts without their comments and indents."""

    support_js_module_import_aggregation = True
    manifest_strict = True

    def _save(self, name: str, content: Any) -> Any:
        """Every file passes here, copied or with its hashed name; the hash is that of the source."""
        if name.startswith("js/") and name.endswith(".js"):
            content.seek(0)  # it was read for its hash
            content = ContentFile(rjsmin.jsmin(content.read()))
        return super()._save(name, content)  # type: ignore[misc]  # the stubs leave it out
