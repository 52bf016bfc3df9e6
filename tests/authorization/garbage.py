"""Nasty inputs, drawn from a seeded generator: queries, ids, headers, JSON, forms and files."""

import json
import random
import sys
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import resolve
from rest_framework import serializers

QUERIES = (
    "day=2026-13-45", "day=9999-12-31", "day=0001-01-01", "day=", "day=%00", "day=%ff", "day=2026-03-10&day=x",
    "page=-1", "page=1e9", "page=99999999999999999999", "page=0", "page_size=-1", "page_size=1e999", "page=%00",
    "q=%00", "q=%ff%fe", "q=" + "x" * 3000, "q=%F0%9F%92%A9'\"%25_\\", "q=%ed%a0%80", "search=%00",
    "of=__class__", "of=%00", "state=%00", "state=x&state=y", "sort=-__x", "cursor=%00", "cursor=x",
    "driver=9223372036854775808", "shop=%00", "shop=-1", "shop=340282366920938463463374607431768211456",
    "from=9999-12-31&to=0001-01-01", "from=x&to=%00", "before=1e9", "after=%00", "since=-1", "noise[]=1&=&&&",
    "lat=NaN&lng=Infinity", "lat=1e999&lng=-1e999", "lat=91&lng=181", "lat=%00&lng=x", "who=%00", "what=%ff",
    "next=//evil.example/", "next=%00", "next=https:evil.example", "back=javascript:alert(1)", "bounds=x,y",
    "format=xml", "zone=%00", "day=%D9%A2%D9%A0%D9%A2%D9%A6-01-01", "a=" + "b=&" * 400, "order=%00&order=-1",
)  # fmt: skip
IDS = ("0", str(2**31), str(2**63 - 1), str(2**63), str(2**70), "9" * 400)
TEXTS = ("%00", "x%00y", "%ff%fe", "x" * 500, "%F0%9F%92%A9", "..%2f..%2fetc%2fpasswd", "%ed%a0%80", "'%22--")
HEADERS: tuple[dict[str, str], ...] = (
    {}, {}, {},
    {"If-Match": "garbage"}, {"If-Match": '"\x00"'}, {"If-Match": "*"}, {"If-Match": 'W/"99999999999999999999"'},
    {"If-Match": '"' + "9" * 300 + '"'}, {"If-Match": '"-1"'}, {"If-None-Match": "\xff"},
    {"Idempotency-Key": "\x00"}, {"Idempotency-Key": "k" * 5000}, {"Idempotency-Key": "\xff\xfe"},
    {"Range": "bytes=5-1"}, {"Range": "bytes=-99999999999999999999"}, {"Range": "lines=x"},
    {"Accept-Language": "de;q=NaN,*;;,\x00"}, {"Accept-Language": "x" * 5000}, {"Accept": "no/such"},
    {"X-Forwarded-For": "garbage, \x00, 1.2.3.4.5"}, {"X-Forwarded-For": "," * 500}, {"X-Forwarded-Proto": "x"},
    {"Authorization": "Bearer \x00"}, {"Authorization": "Bearer"}, {"Authorization": "Bearer \xff a b"},
    {"Content-Encoding": "gzip"}, {"If-Modified-Since": "Mon, 99 Foo 99999"}, {"Cookie": "\x00=\xff; sessionid=x"},
    {"X-Requested-With": "\x00"}, {"Content-Language": "\xff"}, {"Referer": "//\x00"}, {"User-Agent": "\xff" * 2000},
)  # fmt: skip
RAW = (
    b"", b"[]", b'"x"', b"17", b"null", b"{", b"\xff\xfe{}", b"[" * 100_000, b'{"a":' * 5000 + b"1" + b"}" * 5000,
    b'{"day": NaN}', b'{"lat": Infinity, "lng": 1e999}', b'{"name": "\\ud800"}', b'{"\\u0000": "\\u0000"}',
    b'{"a": 1, "a": 2}', b"\x1f\x8b\x08\x00garbage", b"[" + b"1," * 10_000 + b"1]", b'{"x": ' + b"9" * 6000 + b"}",
    b"\x00", b"a=%ff&b=%00", b'{"orders": [null, 1, [], {}]}', b'{"fixes": {"a": 1}}', b'{"moves": "x"}',
)  # fmt: skip
TYPES = (
    "application/json", "application/json", "application/json; charset=no-such", "text/plain", "",
    "multipart/form-data", "multipart/form-data; boundary=\xff", "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=no-such", "application/xml", "a/b/c;;",
)  # fmt: skip
JUNK_TEXT = (
    "", " ", "\x00", "a\x00b", "x" * 70_000, "\ud800", "‮", "💩", "NaN", "-Infinity", "1e999", "1e9",
    "-1", "0", str(2**31), str(2**63), str(2**70), "9" * 5000, "1,5", "½", "٣", "2026-13-45", "9999-12-31",
    "0001-01-01", "2026-03-29T02:30", "9999-12-31T23:59:59+14:00", "25:61", "0001-01-01T00:00:00-14:00",
    "../../etc/passwd", "=1+1", "<script>", "{{ 7|add:7 }}", "%s%n", "on", "true", "None", "__class__",
)  # fmt: skip
JUNK: tuple[Any, ...] = (
    *JUNK_TEXT, None, True, False, 0, -1, 2**31, 2**63, 2**70, 1e308, -0.0, 1.5, [], {}, [[]], [None], {"a": {"b": []}},
    [1] * 10_000, ["x"], [{}], "2026-03-10", [True, "x", None],
)  # fmt: skip
NAMES = (
    "day", "name", "email", "role", "driver", "driver_id", "vehicle_id", "shift_id", "route_id", "stop_id", "order_ids",
    "orders", "order_id", "start", "end", "from", "to", "reason", "note", "text", "lat", "lng", "phone", "shop", "mode",
    "do", "what", "who", "next", "password", "code", "digits", "version", "seconds", "until", "changes", "moves",
    "accuracy", "fixes", "sent_at", "signature", "received_by", "client_id", "at", "url", "time_zone", "section",
)  # fmt: skip


@dataclass
class Shot:
    """One request to make: everything but who makes it."""

    method: str
    path: str
    data: bytes = b""
    content_type: str = "application/octet-stream"
    headers: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method} {self.path[:160]} {self.content_type} {self.headers} {self.data[:400]!r}"


def fields_of(url: str) -> dict[str, Any]:
    """The fields of every form and serializer that the module behind an address knows, by name."""
    view = resolve(url).func
    module = sys.modules.get(getattr(view, "view_class", getattr(view, "cls", view)).__module__)
    found: dict[str, Any] = {}
    for value in vars(module).values():
        if not isinstance(value, type):
            continue
        if issubclass(value, forms.BaseForm):
            found |= getattr(value, "base_fields", {})
        elif issubclass(value, serializers.Serializer):
            found |= value._declared_fields
    return found


def plausible(draw: random.Random, known: Any, name: str, rows: dict[str, Any]) -> Any:
    """A value that gets past the first gate, so that the next one is tried too."""
    if name in rows:
        return rows[name]
    choices = _values(known.choices) if _listed(known) else []
    if choices:
        return draw.choice(choices)
    kind = type(known).__name__
    plain = {
        "DateField": "2026-03-10", "TimeField": "09:30", "IntegerField": 3, "DecimalField": "2.5", "FloatField": 24.9,
        "BooleanField": True, "DateTimeField": "2026-03-10T09:30:00Z", "EmailField": "a@example.org",
        "ListField": [1], "ListSerializer": [{}], "UUIDField": "0190b5a4-0000-7000-8000-000000000001",
    }  # fmt: skip
    return plain.get(
        kind, {"day": "2026-03-10", "lat": 60.17, "lng": 24.94, "phone": "+358401234567"}.get(name, "x")
    )


def _listed(known: Any) -> bool:
    """Whether its choices are a plain list; those of the database are asked for by the form itself."""
    return isinstance(known, (forms.ChoiceField, serializers.ChoiceField)) and not isinstance(
        known, forms.ModelChoiceField
    )


def _values(choices: Any) -> list[Any]:
    """Django's are pairs, those of the REST framework a mapping."""
    return list(choices) if isinstance(choices, dict) else [value for value, _ in choices]


def filled(
    draw: random.Random, known: dict[str, Any], rows: dict[str, Any], junk: tuple[Any, ...]
) -> dict[str, Any]:
    """All plausible but one to three; or every one the same garbage."""
    names = list(known) or draw.sample(NAMES, 12)
    if draw.random() < 0.2:
        bad = draw.choice(junk)
        return dict.fromkeys(names, bad)
    spoilt = set(draw.sample(names, min(len(names), draw.randint(1, 3))))
    return {
        name: draw.choice(junk) if name in spoilt else plausible(draw, known.get(name), name, rows)
        for name in names
        if draw.random() > 0.1
    }


def files(draw: random.Random, known: dict[str, Any]) -> dict[str, Any]:
    names = [name for name, one in known.items() if isinstance(one, forms.FileField)] or ["file", "photo"]
    content = draw.choice(
        (b"", b"x", b"PK\x03\x04junk", b"\x89PNG\r\n\x1a\njunk", b"\xff\xd8\xff\xe0", b"a;b\n1;2\n")
    )
    called = draw.choice(("../../x.csv", "a\x00.csv", "x" * 400 + ".png", "", "con.svg", "‮gpj.exe"))
    kind = draw.choice(("text/csv", "image/png", "image/svg+xml", "no/such", ""))
    upload = SimpleUploadedFile("x", content, content_type=kind)
    upload._name = called  # as a client may write it: not cleaned
    return {draw.choice(names): upload}


def body(draw: random.Random, shot: Shot, known: dict[str, Any], rows: dict[str, Any]) -> None:
    """Fill the shot's body: raw bytes, JSON with garbage in it, or a form."""
    api, luck = shot.path.startswith("/api/"), draw.random()
    if luck < 0.25:
        shot.data, shot.content_type = draw.choice(RAW), draw.choice(TYPES)
    elif api and luck < 0.9:
        text = json.dumps(filled(draw, known, rows, JUNK))
        shot.data, shot.content_type = text.encode(), "application/json"
    else:
        data = {k: str(v) for k, v in filled(draw, known, rows, JUNK_TEXT).items() if v is not None}
        if luck > 0.7:
            data |= files(draw, known)
        shot.data = encode_multipart(BOUNDARY, {k: _text(v) for k, v in data.items()})
        shot.content_type = MULTIPART_CONTENT


def _text(value: Any) -> Any:
    return (
        value.encode("utf-8", "surrogatepass").decode("utf-8", "replace") if isinstance(value, str) else value
    )
