"""The cluster of commands that steer what is going on, and start nothing."""

from mindreel.bootstrap.cluster import Cluster, find_cluster
from mindreel.cli.invocation import invocation
from mindreel.errors import SetupError
from mindreel.settings import Settings


async def running_cluster(settings: Settings) -> Cluster:
    """What is running. Raises `SetupError` where nothing is."""
    cluster = await find_cluster(settings)
    if cluster is None:
        raise SetupError(f"No engine is running for {settings.home}; `{invocation()} up` starts one.")
    return cluster
