"""English grammar: the one place that knows parts of speech, and the words that say nothing."""

from mindreel.insight.words import word_set

VERBS = frozenset({"VB", "VBZ", "VBP", "VBD", "MD"})
NOUNS = frozenset({"NN", "NNS", "NNP", "NNPS"})
VERB_FORMS = word_set("works looks needs means makes goes gets takes seems wants says comes")
"""Verbs that the tagger takes for plural nouns."""

EMPTY_NOUNS = word_set(
    "thing things way ways lot lots kind kinds sort bit stuff guy guys people person man men woman women "
    "time times day days year years minute minutes hour hours second seconds week weeks month months "
    "moment moments today tomorrow yesterday morning evening afternoon night one ones something anything "
    "everything nothing someone anyone everyone nobody somebody everybody case cases point points example "
    "examples part parts couple number numbers idea question questions answer problem problems reason "
    "fact side end beginning start place sense half rest whole amount set piece level step steps story "
    "name names word words life ton tons understanding work difference terms sorts details detail "
    "practice equivalent instance particular addition total matter order account discussion thought "
    "thoughts talk talks video episode use need want mean look let please thanks thank yeah yes okay ok "
    "right hello hi bye kinda gonna wanna uh um hmm mhm cool good great nice wow"
)
"""Nouns that say nothing by themselves, and words the tagger takes for nouns."""

EMPTY_ADJECTIVES = word_set(
    "same other such many more most much few several next last first second third own whole main real "
    "different certain various little big new old good bad great nice right wrong sure going actual entire "
    "single only very kind existing following true false exciting interesting simple saying talking using "
    "doing making having being getting trying called known given based large small likely able possible "
    "important available basic specific general current previous clear young old"
)


def tagged_words(text: str) -> list[tuple[str, str]]:
    """(word, Penn Treebank tag) of each word and sign, by TextBlob's lexicon and rules (Brill 1992)."""
    # Imported late: its lexicon takes half a second, and only English needs it.
    from textblob.en import tag  # type: ignore[import-untyped]  # noqa: PLC0415

    return [(str(word), str(kind)) for word, kind in tag(text.replace("\u2019", "'"))]
