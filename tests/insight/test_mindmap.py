from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from mindreel.contracts.analysis import Analysis, Chapter, MindmapNode, Statement, Term
from mindreel.insight.mindmap import build_mindmap, to_markmap


def analysis_of(chapters: tuple[Chapter, ...], points: tuple[Statement, ...] = ()) -> Analysis:
    return Analysis("en", "test/1", (), points, chapters, (), (), None, None, ())


QUEUES = Chapter(
    title="Queues",
    start_s=3725.0,
    end_s=4000.0,
    segment_ids=(4, 5, 6),
    key_points=(Statement("A queue keeps jobs until a worker is free.", 3730.0, (5,)),),
    terms=(Term("worker", 1.0, 3730.0, (5,)), Term("retry", 0.5, 3800.0, (6,))),
)


def walk(node: MindmapNode) -> list[MindmapNode]:
    return [node, *(below for child in node.children for below in walk(child))]


def test_title_chapters_points_and_terms_hang_below_one_another() -> None:
    root = build_mindmap("Work that waits", analysis_of((QUEUES,)))
    assert (root.kind, root.label, root.start_s) == ("title", "Work that waits", 0.0)
    [chapter] = root.children
    point, loose = chapter.children
    assert (chapter.kind, chapter.label, chapter.start_s) == ("chapter", "Queues", 3725.0)
    assert (point.kind, point.label) == ("point", "A queue keeps jobs until a worker is free")
    assert [(term.kind, term.label, term.start_s) for term in point.children] == [("term", "worker", 3730.0)]
    assert (loose.kind, loose.label, loose.start_s) == ("term", "retry", 3800.0)


def test_an_analysis_of_nothing_is_a_title_alone() -> None:
    root = build_mindmap("  ", analysis_of(()))
    assert root == MindmapNode("Untitled video", "title", 0.0)
    assert "# Untitled video (0:00)" in to_markmap(root)


def test_markmap_shows_headings_lists_and_times_past_the_hour() -> None:
    root = build_mindmap("Work: waits", analysis_of((QUEUES,)))
    assert to_markmap(root, video_id="youtube-abc").splitlines() == [
        "---",
        'title: "Work: waits"',
        'video: "youtube-abc"',
        "markmap:",
        "  colorFreezeLevel: 2",
        "  initialExpandLevel: 3",
        "---",
        "",
        "# Work: waits (0:00)",
        "",
        "## Queues (1:02:05)",
        "",
        "- A queue keeps jobs until a worker is free (1:02:10)",
        "  - worker (1:02:10)",
        "- retry (1:03:20)",
        "",
    ]


def test_long_labels_end_after_a_whole_word() -> None:
    root = build_mindmap("word " * 100, analysis_of(()))
    assert len(root.label) <= 80
    assert root.label.endswith("word\u2026")


def test_every_node_of_the_sample_has_its_second(sample_analysis: Analysis, sample: dict[str, Any]) -> None:
    nodes = walk(build_mindmap(sample["title"], sample_analysis))
    end_s = sample["chapters"][-1]["end_s"]
    assert {node.kind for node in nodes} == {"title", "chapter", "point", "term"}
    assert all(0 <= node.start_s <= end_s for node in nodes)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60))
def test_what_was_said_stays_text_in_markdown(said: str) -> None:
    """No emphasis, HTML, link, formula, list or heading comes out of a title or a term."""
    term = Term(said, 1.0, 5.0, (0,))
    chapter = Chapter(said, 0.0, 9.0, (0,), terms=(term,))
    root = build_mindmap(said, analysis_of((chapter,)))
    markdown = to_markmap(root).split("---\n", 2)[2]
    tokens = MarkdownIt("commonmark").parse(markdown)
    assert {token.type for token in tokens if token.type.endswith("_open")} <= {
        "heading_open",
        "bullet_list_open",
        "list_item_open",
        "paragraph_open",
    }
    inline = [token for token in tokens if token.type == "inline"]
    assert len(inline) == 3
    for token, node in zip(inline, walk(root), strict=True):
        kinds = {child.type for child in token.children or ()}
        assert kinds <= {"text", "text_special"}
        shown = "".join(child.content for child in token.children or ())
        assert shown.startswith(node.label.strip())
