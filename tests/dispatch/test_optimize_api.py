"""VROOM's endpoint: who may, what comes back at once and what later, and that refusals are VROOM's."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dispatch.limits import LIMITS, Limit
from dispatch.models import Shop, ShopToken, Station
from dispatch.models.shop import Scope
from dispatch.services import optimize
from dispatch.services.shop_tokens import make_shop_token
from dispatch.services.solvers import solver
from lastmile import jobs
from lastmile.models import Job, JobState
from lastmile.server import MIB, body_limit
from tests.dispatch.planning.formats.samples import sample, step
from tests.scenarios import make_person, make_shop, make_station

pytestmark = pytest.mark.django_db
URL = "/api/v1/optimize/"
LATER = {"HTTP_PREFER": "respond-async"}


@pytest.fixture
def station() -> Station:
    return make_station()


@pytest.fixture
def client(station: Station) -> Client:
    client = Client()
    client.force_login(make_person("dora", "dispatcher", station))
    return client


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that takes the job while the caller waits."""

    def work(job: Job) -> Job:
        jobs.run(job.pk)
        job.refresh_from_db()
        return job

    monkeypatch.setattr(optimize, "wait_for", work)


def ask(client: Client, data: Any, url: str = URL, **headers: Any) -> Any:
    return client.post(url, data, content_type="application/json", **headers)


def quick(**changes: Any) -> dict[str, Any]:
    """A problem with half a second of search."""
    return sample(options={"l": 0.5}, **changes)


def token_for(shop: Shop, *scopes: Scope) -> str:
    made = make_shop_token(
        shop=shop,
        name="planner",
        now=timezone.now(),
        actor="user:test",
        scopes=[str(scope) for scope in scopes],
    )
    return made[1]


def test_a_problem_is_solved_while_the_caller_waits(client: Client, worker: None) -> None:
    """The usual VROOM client: one request, one answer, searched in the warm solver program."""
    answer = ask(client, quick())
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert body["code"] == 0
    assert sorted(s["id"] for s in body["routes"][0]["steps"] if s["type"] == "job") == [1, 2]
    assert solver().pid, "the search ran in a program of its own"
    job = Job.objects.get(kind=optimize.KIND)
    assert "problem" not in job.payload, "megabytes of no more use"


def test_given_steps_are_judged(client: Client, worker: None) -> None:
    """options.c, as vroom-express passes it on."""
    data = sample(options={"c": True})
    data["vehicles"][0]["steps"] = [step("job", 2), step("job", 1)]
    body = ask(client, data).json()
    assert [s.get("id") for s in body["routes"][0]["steps"]] == [None, 2, 1, None]


def test_coordinates_lie_on_the_streets_of_ones_stations(
    client: Client, worker: None, station: Station
) -> None:
    """Here no city was added: straight lines, and still an answer."""
    Station.objects.update(city="nowhere")
    data = {
        "vehicles": [{"id": 1, "profile": "driving-car", "start": [24.94, 60.17]}],
        "jobs": [{"id": 1, "location": [24.95, 60.17]}],
        "options": {"l": 0.5, "g": True},
    }
    body = ask(client, data).json()
    assert body["code"] == 0, body
    assert 500 < body["summary"]["distance"] < 1000
    assert Job.objects.get(kind=optimize.KIND).payload["cities"] == ["nowhere"]


def test_what_is_wrong_with_a_problem_is_code_two(client: Client, worker: None) -> None:
    """Found in the worker: the answer is VROOM's, and the job is no failure of ours."""
    data = quick()
    data["jobs"][0]["location_index"] = 99
    answer = ask(client, data)
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json()["code"] == 2
    assert "jobs[0].location_index is 99" in answer.json()["error"]
    assert set(answer.json()) == {"code", "error"}


@pytest.mark.parametrize(
    "body",
    ["[]", "5", "{", "{}", '{"vehicles": [1], "jobs": []}', '{"vehicles": 3, "jobs": [1]}', '{"a": NaN}',
     '{"vehicles": [1], "jobs": [1], "options": 7}', '{"vehicles": [1], "jobs": [1], "options": {"l": -1}}'],
)  # fmt: skip
def test_what_is_no_problem_is_refused_at_the_door(client: Client, body: str) -> None:
    """No job is queued for it, and no worker is asked."""
    answer = ask(client, body)
    assert answer.status_code == 400
    assert answer.json()["code"] == 2
    assert answer.json()["error"]
    assert not Job.objects.filter(kind=optimize.KIND).exists()


def test_later_means_an_address_to_ask_at(client: Client) -> None:
    """202 at once; then how far it is; then the answer; and nobody else's business."""
    answer = ask(client, quick(), **LATER)
    assert answer.status_code == 202
    assert answer.headers["Preference-Applied"] == "respond-async"
    where = answer.headers["Location"]
    assert answer.json() == {"job": where, "state": "queued"}
    assert client.get(where).status_code == 202
    job = Job.objects.get(kind=optimize.KIND)
    other = Client()
    other.force_login(make_person("emil", "manager", Station.objects.get()))
    assert other.get(where).status_code == 404
    assert other.delete(where).status_code == 404
    jobs.run(job.pk)
    done = client.get(where)
    assert done.status_code == 200
    assert done.json()["code"] == 0


def test_a_search_can_be_stopped(client: Client) -> None:
    """DELETE on the job; the answer is then a refusal in VROOM's shape."""
    where = ask(client, quick(), **LATER).headers["Location"]
    assert client.delete(where).status_code == 204
    assert Job.objects.get(kind=optimize.KIND).state == JobState.CANCELLED
    answer = client.get(where)
    assert answer.status_code == 409
    assert answer.json()["code"] == 1


def test_a_large_or_long_problem_is_not_waited_for(client: Client) -> None:
    """500 tasks and 10 s are the most for a caller who waits; with Prefer both go."""
    many = sample(jobs=[{"id": i, "location_index": 1} for i in range(501)])
    assert ask(client, many).status_code == 413
    assert ask(client, sample(options={"l": 11})).status_code == 413
    assert "respond-async" in ask(client, many).json()["error"]
    assert ask(client, many, HTTP_PREFER="wait=5, respond-async").status_code == 202
    assert ask(client, sample(options={"l": 11}), **LATER).status_code == 202
    limits = [job.payload["limit_s"] for job in Job.objects.filter(kind=optimize.KIND).order_by("pk")]
    assert limits == [pytest.approx(501 * optimize.PER_JOB_S), 11]


def test_nobody_keeps_more_than_two_solvers_busy(client: Client) -> None:
    """Stations want to plan, too."""
    for _ in range(optimize.AT_ONCE):
        assert ask(client, quick(), **LATER).status_code == 202
    answer = ask(client, quick(), **LATER)
    assert answer.status_code == 429
    assert answer.json()["code"] == 2


@pytest.mark.usefixtures("valkey")
def test_who_asks_too_often_is_told_when_to_come_again(
    client: Client, worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same limit as the board's own Optimize."""
    monkeypatch.setitem(LIMITS, "optimize", Limit(1, 60))
    data = sample(options={"c": True})
    data["vehicles"][0]["steps"] = [step("job", 1)]
    assert ask(client, data).status_code == 200
    answer = ask(client, data)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"]
    assert answer.json()["code"] == 2


def test_a_caller_is_not_kept_waiting_for_ever(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker at all: 503, and the job does not run later for nobody."""
    monkeypatch.setattr(optimize, "PATIENCE_S", -0.4)
    answer = ask(client, quick())
    assert answer.status_code == 503
    assert answer.json()["code"] == 1
    assert Job.objects.get(kind=optimize.KIND).state == JobState.CANCELLED


def test_a_crash_is_code_one(client: Client, worker: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of ours does not read as a mistake of the caller's."""

    def broken(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("boom")

    monkeypatch.setattr(optimize, "_solved", broken)
    where = ask(client, quick(), **LATER).headers["Location"]
    job = Job.objects.get(kind=optimize.KIND)
    for _ in range(2):
        Job.objects.update(run_after=timezone.now())
        with pytest.raises(RuntimeError):
            jobs.run(job.pk)
    answer = client.get(where)
    assert answer.status_code == 500
    assert answer.json()["code"] == 1


def test_answers_live_for_a_day(client: Client) -> None:
    """Not longer: they are other people's addresses."""
    where = ask(client, quick(), **LATER).headers["Location"]
    job = Job.objects.get(kind=optimize.KIND)
    jobs.run(job.pk)
    now = timezone.now()
    assert optimize.sweep(now=now + timedelta(hours=23)) == 0
    assert client.get(where).status_code == 200
    assert optimize.sweep(now=now + timedelta(hours=25)) == 1
    assert client.get(where).status_code == 404


@pytest.mark.parametrize("role", ["driver", "floor", "auditor"])
def test_other_roles_may_not(station: Station, role: str) -> None:
    """Planning is the dispatchers' and managers'."""
    client = Client()
    client.force_login(make_person("max", role, station))
    answer = ask(client, quick())
    assert answer.status_code == 403
    assert answer.json()["code"] == 2
    assert client.get(f"{URL}jobs/1/").status_code == 403


def test_nobody_and_unknown_tokens_may_not() -> None:
    """And they are told so in VROOM's words."""
    assert ask(Client(), quick()).status_code in (401, 403)
    assert ask(Client(), quick(), HTTP_AUTHORIZATION="Bearer lms_wrong").status_code == 401
    assert ask(Client(), quick(), HTTP_AUTHORIZATION="lms_wrong").json()["code"] == 2


def test_a_shop_s_token_may_only_with_the_scope(station: Station, worker: None) -> None:
    """What a shop gets by default is about its orders; solving is said apart, and never for trials."""
    shop = make_shop(station)
    usual, _ = make_shop_token(shop=shop, name="web", now=timezone.now(), actor="user:test")
    assert Scope.OPTIMIZE not in usual.scopes
    plain, planner = token_for(shop, Scope.ORDERS_READ, Scope.ORDERS_WRITE), None
    assert ask(Client(), quick(), HTTP_AUTHORIZATION=f"Bearer {plain}").status_code == 403
    ShopToken.objects.filter(name="planner").delete()
    planner = token_for(shop, Scope.OPTIMIZE)
    assert ask(Client(), quick(), HTTP_AUTHORIZATION=f"Bearer {planner}").status_code == 200
    # openrouteservice's clients: the bare key, and one word more in the address
    assert ask(Client(), quick(), f"{URL}optimization", HTTP_AUTHORIZATION=planner).status_code == 200
    ShopToken.objects.filter(name="planner").delete()
    trial = token_for(make_shop(station, "trial", sandbox_of=shop), Scope.OPTIMIZE)
    assert ask(Client(), quick(), HTTP_AUTHORIZATION=f"Bearer {trial}").status_code == 403


def test_a_page_of_somebody_else_cannot_ask(station: Station) -> None:
    """A session alone is not enough: the CSRF token must come along, or a bearer token instead."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_person("dora", "dispatcher", station))
    assert ask(client, quick()).status_code == 403


def test_large_bodies_may_come_here() -> None:
    """A matrix of 1,500 places has some 15 MB."""
    assert body_limit(b"/api/v1/optimize/") == 24 * MIB
    assert body_limit(b"/api/v1/optimize/optimization") == 24 * MIB
