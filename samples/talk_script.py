"""The words of the sample talk: four parts, a few slides each, and what each sentence puts on its slide."""

from dataclasses import dataclass

TITLE = "From Bean to Brain: The Story of a Cup of Coffee"
LANGUAGE = "en"


@dataclass(frozen=True)
class Said:
    """One spoken sentence, and the line that appears on the slide when it begins."""

    text: str
    line: str = ""


@dataclass(frozen=True)
class Slide:
    """A heading, the name of a drawing in `talk_slides`, and the sentences spoken over it."""

    heading: str
    drawing: str
    said: tuple[Said, ...]


@dataclass(frozen=True)
class Part:
    """One of the four chapters."""

    title: str
    slides: tuple[Slide, ...]


FRUIT = Part(
    "The fruit",
    (
        Slide(
            "From Bean to Brain",
            "cup",
            (
                Said("Every day, people around the world drink about 2 billion cups of coffee."),
                Said(
                    "In the next 3 minutes, we will follow one of those cups, "
                    "from a tree on a mountain to the cells of your brain."
                ),
            ),
        ),
        Slide(
            "A bean is a seed",
            "cherries",
            (
                Said("Coffee begins as a fruit.", "Coffee is a fruit"),
                Said(
                    "What we call beans are the seeds of a "
                    "small red cherry that grows on trees in the tropics.",
                    "The bean is its seed",
                ),
                Said("An old legend tells of a goat herder in Ethiopia.", "Found by goats?"),
                Said(
                    "One evening his goats ate the red berries of "
                    "a wild bush, and they danced until the morning."
                ),
                Said(
                    "We do not know if the story is true, but the wild coffee forests of Ethiopia "
                    "are real, and they still grow today."
                ),
            ),
        ),
        Slide(
            "Two kinds of tree",
            "mountain",
            (
                Said("Farmers grow two main kinds of coffee tree.", "Nearly all coffee: two kinds"),
                Said(
                    "The arabica tree likes cool mountain slopes, and its coffee tastes sweet and gentle.",
                    "Arabica: mountains, sweet",
                ),
                Said(
                    "The robusta tree grows in hot lowlands, and "
                    "its seeds hold about twice as much caffeine.",
                    "Robusta: lowlands, 2 × caffeine",  # noqa: RUF001 - the sign is meant
                ),
                Said(
                    "A young tree needs about three years before its first "
                    "harvest, and most of the cherries are picked by hand."
                ),
            ),
        ),
    ),
)

FIRE = Part(
    "The fire",
    (
        Slide(
            "Roasting makes the flavor",
            "roast",
            (
                Said("Now we travel to the roaster.", "Raw: green, smells of grass"),
                Said("A raw bean is green and hard, and it smells like grass."),
                Said(
                    "Inside a hot spinning drum, the temperature climbs to more than 200 degrees Celsius.",
                    "Drum: over 200 °C",
                ),
                Said(
                    "There the sugars and proteins react with each other and turn the bean brown, "
                    "with the same chemistry that browns toast and steak.",
                    "Sugar + protein = brown",
                ),
            ),
        ),
        Slide(
            "The first crack",
            "crack",
            (
                Said("Then comes the most exciting moment in roasting.", "Steam builds inside"),
                Said(
                    "Water inside the bean has turned into steam, the pressure rises, "
                    "and suddenly the bean cracks open, just like popcorn."
                ),
                Said(
                    "Roasters have a name for this sound, they call it the first crack.",
                    "Pop! The first crack",
                ),
                Said(
                    "If you stop the heat soon after it, you "
                    "get a light roast that tastes fruity and bright.",
                    "Stop early: light, fruity",
                ),
                Said(
                    "If you wait a few minutes longer, you get a dark roast that tastes bitter and smoky.",
                    "Stop late: dark, smoky",
                ),
                Said("In those few minutes, the fire creates more than 800 different aromas."),
            ),
        ),
    ),
)

WATER = Part(
    "The water",
    (
        Slide(
            "Brewing is pulling",
            "extraction",
            (
                Said("Now you are at home in the kitchen, and it is time to brew."),
                Said(
                    "A cup of filter coffee is almost entirely water, so use water that tastes good.",
                    "Mostly water",
                ),
                Said("It should be just below boiling, between 90 and 96 degrees.", "90 to 96 °C"),
                Said(
                    "The water pulls the sour acids out of the ground coffee first, then the sweet sugars, "
                    "and the bitter parts last.",
                    "Sour, then sweet, then bitter",
                ),
            ),
        ),
        Slide(
            "Fix any cup",
            "dial",
            (
                Said("That order gives you a simple rule to fix any bad cup."),
                Said(
                    "If your coffee tastes sour, the water took too little, so use a finer grind.",
                    "Sour? Grind finer",
                ),
                Said(
                    "If it tastes bitter, the water took too much, so use a coarser grind.",
                    "Bitter? Grind coarser",
                ),
                Said(
                    "An espresso machine pushes water through a very fine powder in about 30 seconds.",
                    "Espresso: 30 seconds",
                ),
                Said(
                    "A French press uses coarse grounds, and it needs about 4 minutes.",
                    "French press: 4 minutes",
                ),
            ),
        ),
    ),
)

BRAIN = Part(
    "The brain",
    (
        Slide(
            "A key that does not turn",
            "lock",
            (
                Said("Finally, the caffeine enters your blood and reaches your brain."),
                Said(
                    "All day long, a molecule called adenosine collects there, and "
                    "the more of it you have, the sleepier you feel.",
                    "Adenosine makes you sleepy",
                ),
                Said(
                    "Caffeine has nearly the same shape, so it sits "
                    "down in the same receptors and blocks them, "
                    "like a key that fits the lock but does not turn.",
                    "Caffeine blocks its lock",
                ),
                Said(
                    "Coffee does not give you energy, it only hides how tired you are.",
                    "Tiredness is hidden, not gone",
                ),
            ),
        ),
        Slide(
            "Half is gone after five hours",
            "halflife",
            (
                Said("And it stays for a long time."),
                Said(
                    "In most adults, the body needs about 5 hours to remove half of the caffeine.",
                    "4 pm: one cup",
                ),
                Said(
                    "If you drink a cup at 4 in the afternoon, then at "
                    "9 in the evening half of it is still awake with you.",
                    "9 pm: half is left",
                ),
                Said(
                    "In one sleep study, a large dose taken 6 hours before bedtime "
                    "took away more than 1 hour of sleep.",
                    "Before bed: 1 hour less sleep",
                ),
            ),
        ),
        Slide(
            "A seed, a fire, some water",
            "cup",
            (
                Said(
                    "So this is the whole journey, a seed, a fire, some hot water, and one small molecule.",
                    "And one small molecule",
                ),
                Said("Enjoy your next cup, and drink it before the afternoon.", "Enjoy your next cup"),
            ),
        ),
    ),
)

PARTS = (FRUIT, FIRE, WATER, BRAIN)
