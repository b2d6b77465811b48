"""`python -m tests.support.supabase`: a stack in the foreground, until Ctrl-C.

Prints the four settings as shell exports. `python -m tests.support.supabase again` drops what migrations
made in the database of DATABASE_URL and applies them again, while the stack runs.
"""

import os
import signal
import sys

from tests.support.supabase.migrations import start_over
from tests.support.supabase.stack import Stack


def main() -> None:
    if sys.argv[1:] == ["again"]:
        print("applied:", *start_over(os.environ["DATABASE_URL"]))  # noqa: T201 - its purpose
        return
    with Stack(port=int(os.environ.get("PORT", "0"))) as stack:
        settings = {
            "SUPABASE_URL": stack.url,
            "SUPABASE_SERVICE_ROLE_KEY": stack.service_key,
            "SUPABASE_ANON_KEY": stack.anon_key,
            "DATABASE_URL": stack.dsn,
            "SUPABASE_STACK_FOLDER": str(stack.folder),
        }
        for name, value in settings.items():
            print(f"export {name}='{value}'", flush=True)  # noqa: T201 - its purpose
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


if __name__ == "__main__":
    main()
