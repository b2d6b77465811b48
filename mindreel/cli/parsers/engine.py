"""Commands about server, workers and this machine."""

from mindreel.cli.parsers import values
from mindreel.cli.parsers.shape import Commands, add_command


def add(commands: Commands) -> None:
    """up, down, doctor."""
    up = add_command(commands, "up", "keep server, workers and Web UI running until Ctrl-C")
    up.add_argument(
        "--when-idle",
        type=values.minutes,
        default=None,
        metavar="MINUTES",
        help="stop after so long without work",
    )
    add_command(commands, "down", "stop the server and the workers that run in the background")
    doctor = add_command(
        commands,
        "doctor",
        "check what is installed and reachable, and whether rows, files and workflows agree",
        json=True,
    )
    doctor.add_argument(
        "--repair",
        action="store_true",
        help="mend what does not agree, and tell each; 1 where something is left for a person",
    )
