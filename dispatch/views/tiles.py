"""The map of a city: its tiles, which never change under their address, and what is known about it."""

import gzip
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.views.decorators.http import require_safe

from dispatch.places.city import City, build_folder
from dispatch.places.errors import PlacesError
from dispatch.places.layers import MAX_ZOOM, MIN_ZOOM
from dispatch.places.tiles import TileStore
from dispatch.services.cities import tile_url
from dispatch.services.city import open_city

TILE_TYPE = "application/vnd.mapbox-vector-tile"
FOR_A_YEAR = "public, max-age=31536000, immutable"


@require_safe
def tile(request: HttpRequest, city: str, build: str, z: int, x: int, y: int) -> HttpResponse:
    """One vector tile. No answer here has a body other than a tile: the map library reads any body as one."""
    try:
        store = _store(build_folder(settings.CITIES_HOME, city, build) / "tiles.mbtiles")
    except PlacesError:
        return HttpResponse(status=404)
    etag = f'"{build}-{z}-{x}-{y}"'
    headers = {"ETag": etag, "Cache-Control": FOR_A_YEAR, "Vary": "Accept-Encoding"}
    if etag in request.headers.get("If-None-Match", ""):
        return HttpResponseNotModified(headers=headers)
    data = store.tile(z, x, y)
    if data is None:
        return HttpResponse(status=204, headers=headers)
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        return HttpResponse(data, content_type=TILE_TYPE, headers=headers | {"Content-Encoding": "gzip"})
    return HttpResponse(gzip.decompress(data), content_type=TILE_TYPE, headers=headers)


@lru_cache(maxsize=8)
def _store(path: Path) -> TileStore:
    return TileStore(path)


@require_safe
def city_json(request: HttpRequest, city: str) -> HttpResponse:
    """What a page needs to draw the city: bounds, centre, the address of its tiles, attribution, limits."""
    try:
        found = open_city(settings.CITIES_HOME, city)
    except PlacesError as problem:
        body = {"code": problem.code, "cause": problem.cause, "action": problem.action}
        return JsonResponse(body, status=problem.status, content_type="application/problem+json")
    etag = f'"{found.build}"'
    headers = {"ETag": etag, "Cache-Control": "no-cache"}
    if etag in request.headers.get("If-None-Match", ""):
        return HttpResponseNotModified(headers=headers)
    return JsonResponse(describe(found), headers=headers)


def describe(city: City) -> dict[str, Any]:
    """``city.json`` with the tile address; `tile_url` is None where the background is plain."""
    return city.info.as_json() | {"tile_url": tile_url(city), "min_zoom": MIN_ZOOM, "max_data_zoom": MAX_ZOOM}
