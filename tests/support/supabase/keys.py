"""The keys of a project on loopback: known to everybody, good for nothing else."""

import time
from dataclasses import dataclass

import jwt

JWT_SECRET = "a-secret-of-tests-only-with-at-least-32-characters"  # noqa: S105 - guards nothing
STORAGE_SECRET = "sb_secret_testsOnlyTestsOnlyTestsO_12345678"  # noqa: S105 - guards nothing
STORAGE_PUBLISHABLE = "sb_publishable_testsOnlyTestsOnlyTestsO_12345678"
_TEN_YEARS_S = 10 * 365 * 24 * 3600


@dataclass(frozen=True)
class Keys:
    """`service` and `anon` are JWTs as hosted projects hand them out."""

    service: str
    anon: str

    def translation(self) -> dict[str, dict[str, str]]:
        """What stands behind the gateway for each key that a client may hold (old and new style)."""
        service = {"role": "service_role", "jwt": self.service, "storage": STORAGE_SECRET}
        anon = {"role": "anon", "jwt": self.anon, "storage": STORAGE_PUBLISHABLE}
        return {
            self.service: service,
            STORAGE_SECRET: service,
            self.anon: anon,
            STORAGE_PUBLISHABLE: anon,
        }


def new_keys() -> Keys:
    return Keys(service=_signed("service_role"), anon=_signed("anon"))


def _signed(role: str) -> str:
    now = int(time.time())
    claims = {"iss": "supabase", "ref": "mindreeltests", "role": role, "iat": now, "exp": now + _TEN_YEARS_S}
    return jwt.encode(claims, JWT_SECRET, algorithm="HS256")
