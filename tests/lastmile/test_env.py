"""Readers of environment variables."""

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from lastmile import env


def test_a_secret_may_come_by_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Container platforms mount secrets as files: NAME_FILE is read where NAME is not set, and NAME wins."""
    (tmp_path / "secret").write_text("from the file\n")
    monkeypatch.setenv("DOOR_KEY_FILE", str(tmp_path / "secret"))
    assert env.text("DOOR_KEY") == "from the file"
    monkeypatch.setenv("DOOR_KEY", "direct")
    assert env.text("DOOR_KEY") == "direct"


def test_an_unreadable_secret_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A missing mount must not silently become the default: that could be an empty password."""
    monkeypatch.setenv("DOOR_KEY_FILE", str(tmp_path / "absent"))
    with pytest.raises(env.EnvError, match=r"DOOR_KEY_FILE points at .*absent.*No such file"):
        env.text("DOOR_KEY", "default")


@pytest.mark.parametrize(
    ("word", "meant"),
    [("1", True), ("Yes", True), (" on ", True), ("TRUE", True), ("0", False), ("off", False), ("", False)],
)
def test_switches_are_read_as_people_write_them(
    monkeypatch: pytest.MonkeyPatch, word: str, meant: bool
) -> None:
    monkeypatch.setenv("SWITCH", word)
    assert env.boolean("SWITCH", not meant) is (meant if word else not meant)


def test_a_wrong_switch_or_number_says_what_it_should_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """`PUBLIC=ture` must stop the start, not quietly serve without https."""
    monkeypatch.setenv("SWITCH", "ture")
    monkeypatch.setenv("COUNT", "many")
    with pytest.raises(env.EnvError, match=r"SWITCH must be one of on/off.*'ture'"):
        env.boolean("SWITCH", False)
    with pytest.raises(env.EnvError, match=r"COUNT must be a whole number.*'many'"):
        env.integer("COUNT", 1)


def test_lists_lose_their_blanks(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty host in ALLOWED_HOSTS would be a typing error, never a wish."""
    monkeypatch.setenv("HOSTS", "a.example, b.example,,")
    assert env.words("HOSTS", []) == ["a.example", "b.example"]
    monkeypatch.delenv("HOSTS")
    assert env.words("HOSTS", ["own"]) == ["own"]


def test_the_made_key_is_private_and_stays(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """All processes of an installation must hold the same key, and nobody else may read it."""
    monkeypatch.delenv("SIGNING", raising=False)
    path = tmp_path / "home" / "key"
    first = env.made_secret("SIGNING", path)
    assert len(first) >= 80
    assert env.made_secret("SIGNING", path) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    monkeypatch.setenv("SIGNING", "given")
    assert env.made_secret("SIGNING", path) == "given"


def test_a_key_that_cannot_be_written_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A full disk at the first start: an empty key file would be believed by every start after it."""

    def full(descriptor: int, mode: str) -> None:
        os.close(descriptor)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.delenv("SIGNING", raising=False)
    with monkeypatch.context() as disk:
        disk.setattr(os, "fdopen", full)
        with pytest.raises(env.EnvError, match=r"key cannot be made \(No space left on device\)"):
            env.made_secret("SIGNING", tmp_path / "key")
    assert list(tmp_path.iterdir()) == []
    assert len(env.made_secret("SIGNING", tmp_path / "key")) >= 80


def test_processes_that_start_together_share_one_key(tmp_path: Path) -> None:
    """Web, worker and publisher may all be the first: nobody may read a key half-written or keep another."""
    code = "import sys, pathlib; from lastmile import env; print(env.made_secret('X_KEY', pathlib.Path(sys.argv[1])))"
    command = [sys.executable, "-c", code, str(tmp_path / "key")]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(6)]
    keys = {process.communicate(timeout=60)[0].strip() for process in started}
    assert len(keys) == 1
    assert len(keys.pop()) >= 80


def test_a_wrong_setting_is_one_sentence_at_the_terminal() -> None:
    """Whoever mistypes a variable reads what it should hold, not forty lines of traceback."""
    command = [sys.executable, str(Path(__file__).parents[2] / "manage.py"), "check"]
    done = subprocess.run(
        command, env=os.environ | {"PUBLIC": "ture"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr == "PUBLIC must be one of on/off, true/false, 1/0; it is 'ture'\n"


def test_a_tile_template_becomes_an_origin() -> None:
    """The page's security policy names origins; a template's subdomain letter becomes a wildcard there."""
    assert env.origin("https://{s}.tile.example/{z}/{x}/{y}.png") == ["https://*.tile.example"]
    assert env.origin("") == []
