"""The page's own CSS, JavaScript and templates, and the hashes its content policy names."""

import base64
import hashlib
from functools import cache
from importlib import resources

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

STYLES = (
    "base.css",
    "layout.css",
    "player.css",
    "overview.css",
    "transcript.css",
    "mindmap.css",
    "quiz.css",
    "clips.css",
    "print.css",
)
HEAD_SCRIPTS = ("theme.js",)
SCRIPTS = (
    "dom.js",
    "theme-button.js",
    "player.js",
    "controls.js",
    "captions.js",
    "timeline.js",
    "tabs.js",
    "transcript.js",
    "search.js",
    "quiz.js",
    "mindmap-layout.js",
    "mindmap-draw.js",
    "mindmap-view.js",
    "mindmap.js",
    "clips.js",
    "links.js",
    "keyboard.js",
    "main.js",
)
_HERE = resources.files("mindreel.report")


def _read(folder: str, name: str) -> str:
    return _HERE.joinpath(folder, name).read_text(encoding="utf-8")


@cache
def styles(names: tuple[str, ...] = STYLES) -> Markup:
    """These style sheets, in order; those of a video's page by default."""
    return Markup("\n".join(_read("assets", name) for name in names))  # noqa: S704 - our own files


@cache
def head_script() -> Markup:
    """What must run before the first paint: the stored theme."""
    return _script(HEAD_SCRIPTS)


@cache
def body_script(names: tuple[str, ...] = SCRIPTS) -> Markup:
    """Everything else, in one closure, so that no name leaks into the page."""
    return _script(names)


def _script(names: tuple[str, ...]) -> Markup:
    code = "\n".join(_read("assets", name) for name in names)
    return Markup('(() => {\n"use strict";\n' + code + "})();")  # noqa: S704 - our own files


@cache
def policy(style_names: tuple[str, ...] = STYLES, script_names: tuple[str, ...] = SCRIPTS) -> str:
    """The Content-Security-Policy: only our own style and scripts, media only from beside the page."""
    scripts = " ".join(_hash(code) for code in (head_script(), body_script(script_names)))
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {scripts}",
            f"style-src {_hash(styles(style_names))}",
            "img-src 'self' file: data:",
            "media-src 'self' file: data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _hash(code: str) -> str:
    digest = hashlib.sha256(code.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


@cache
def environment() -> Environment:
    """Jinja2 over our templates: everything is escaped, and a missing name is an error."""
    return Environment(
        loader=FunctionLoader(lambda name: _read("templates", name)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
