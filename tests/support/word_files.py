"""Word documents made for tests: a package with just the parts that a test is about."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_RELATIONSHIPS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Target="{}" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>'
)


def package(parts: Mapping[str, str | bytes]) -> bytes:
    """An archive with these parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def document(body: str, styles: str = "", main: str = "word/document.xml", **parts: str | bytes) -> bytes:
    """A Word document with this XML in its body and its styles, both in the namespace `w`."""
    return package(
        {
            "_rels/.rels": _RELATIONSHIPS.format(main),
            main: f"<w:document {_W}><w:body>{body}</w:body></w:document>",
            "word/styles.xml": f"<w:styles {_W}>{styles}</w:styles>",
            **parts,
        }
    )


def paragraph(*runs: str, look: str = "") -> str:
    """A paragraph of runs, with these properties."""
    return f"<w:p><w:pPr>{look}</w:pPr>{''.join(runs)}</w:p>"


def run(text: str, look: str = "") -> str:
    """A run with these properties; a line end in it is a line break."""
    spoken = "<w:br/>".join(f'<w:t xml:space="preserve">{line}</w:t>' for line in text.split("\n"))
    return f"<w:r><w:rPr>{look}</w:rPr>{spoken}</w:r>"
