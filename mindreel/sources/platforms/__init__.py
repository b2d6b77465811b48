"""The sites we know by name. A new one: one file like its neighbours, and its name in `PLATFORMS`."""

from mindreel.sources.platforms.base import Platform
from mindreel.sources.platforms.facebook import FACEBOOK
from mindreel.sources.platforms.instagram import INSTAGRAM
from mindreel.sources.platforms.tiktok import TIKTOK
from mindreel.sources.platforms.vimeo import VIMEO
from mindreel.sources.platforms.x import X
from mindreel.sources.platforms.youtube import YOUTUBE

PLATFORMS: tuple[Platform, ...] = (YOUTUBE, INSTAGRAM, TIKTOK, FACEBOOK, X, VIMEO)
