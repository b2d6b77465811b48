import numpy as np

from mindreel.contracts.analysis import Category
from mindreel.insight.embedded.talk import Talk
from mindreel.insight.embeddings import Embedder

_LEAST_MARGIN = 0.03
_LEAST_NEARNESS = 0.15

CATEGORIES = {
    "technology": "software, programming, computers, networks, data and the internet",
    "science": "science, biology, chemistry, physics and research explained",
    "medicine and health": "health, medicine, illness, nutrition, sleep and fitness",
    "business and finance": "business, money, investing, companies, markets and the economy",
    "news and politics": "news, politics, government, elections and world affairs",
    "history": "history, ancient times, wars, kings and empires",
    "food and drink": "cooking, recipes, food, coffee, drinks and restaurants",
    "travel": "travel, cities, countries, trips and places to visit",
    "sports": "sports, football, games, training, athletes and matches",
    "music": "music, songs, instruments, concerts and musicians",
    "games": "video games, consoles, gameplay and esports",
    "film and entertainment": "movies, television, actors, comedy and celebrities",
    "art and design": "art, painting, design, photography and architecture",
    "religion and philosophy": "religion, faith, philosophy, ethics and the meaning of life",
    "nature and animals": "nature, animals, plants, climate and the environment",
    "home and crafts": "building, repairing, gardening, crafts and tools at home",
    "beauty and fashion": "fashion, clothes, makeup, skin care and style",
    "cars and transport": "cars, engines, motorcycles, trains, planes and driving",
    "family and relationships": "raising children, marriage, dating and family life",
    "education and careers": "school, studying, learning a language, jobs and careers",
}


def category(talk: Talk, embedder: Embedder) -> Category:
    """The category whose description lies nearest to the talk; `other` where two are about as near."""
    labels = list(CATEGORIES)
    vectors = embedder.embed(list(CATEGORIES.values())).astype(np.float64)
    nearness = vectors @ talk.about
    order = np.argsort(-nearness)
    margin = float(nearness[order[0]] - nearness[order[1]])
    clear = margin >= _LEAST_MARGIN and nearness[order[0]] >= _LEAST_NEARNESS
    support = np.argsort(-(talk.vectors @ vectors[order[0]]), kind="stable")[:3]
    return Category(
        label=labels[order[0]] if clear else "other",
        confidence=round(max(0.0, margin), 3),
        segment_ids=talk.segment_ids([int(i) for i in support]),
    )
