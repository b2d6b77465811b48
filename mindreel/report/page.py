"""The page a person opens: one HTML file beside the media it plays."""

from mindreel.report import assets, formats
from mindreel.report.data import embed, page_data
from mindreel.report.facts import file_rows, media_facts, player_file
from mindreel.report.inputs import ReportClip, ReportInput
from mindreel.report.paragraphs import parts, pieces

__all__ = ["ReportClip", "ReportInput", "render"]


def render(report: ReportInput) -> str:
    """The whole page as HTML, to be written as UTF-8 beside the files it names.

    Everything from the video is treated as hostile text. Raises ValueError where a path in `files`
    or `clips` is not relative to the page's folder.
    """
    template = assets.environment().get_template("page.html")
    page = template.render(
        report=report,
        fmt=formats,
        policy=assets.policy(),
        styles=assets.styles(),
        head_script=assets.head_script(),
        body_script=assets.body_script(),
        data=embed(page_data(report)),
        lang=formats.language_tag(report.transcript.language),
        player=player_file(report),
        parts=parts(report.transcript, report.analysis.chapters),
        segments={segment.id: segment for segment in report.transcript.segments},
        file_rows=file_rows(report.files),
        pieces=pieces,
        media_facts=media_facts(report.media),
    )
    # A lone surrogate (half an emoji from a cut title) cannot be written as UTF-8.
    return page.encode("utf-8", "replace").decode("utf-8")
