from mindreel.contracts.sites import site_of
from mindreel.errors import InputError
from mindreel.sources.platforms import PLATFORMS
from mindreel.sources.platforms.base import covers
from mindreel.sources.urls import normalise_url


def site_of_url(url: str) -> str:
    """The site that an address is fetched from, as its gate is named; what is no address is given back.

    Asks nobody; the same for a playlist as for the videos of its platform.
    """
    try:
        address = normalise_url(url)
    except InputError:
        return url
    platform = next((each.name for each in PLATFORMS if covers(each, address)), "generic")
    return site_of(platform, address)
