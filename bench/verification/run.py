"""Measure the rules that verify prose, alone or with a judge.

python -m bench.verification.run [--claims FILE ...] [--post POST LINES NAMES ...] [--judge URL MODEL]
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.verification import judges, labelled
from bench.verification.judges import JudgeOf
from bench.verification.labelled import Excerpt, LabelledClaim
from pipeline.engines import Embed, Parse, syntax
from pipeline.engines.sentence_vectors import SentenceEncoder
from pipeline.takeaways.verification import Failure, Findings, Verifier
from pipeline.weights import models


@dataclass(frozen=True)
class Checked:
    """A labelled claim, what the rules make of it, and whether it was refused in the end."""

    set_name: str
    labelled: LabelledClaim
    findings: Findings
    is_refused: bool

    @property
    def reasons(self) -> tuple[Failure, ...]:
        return self.findings.failures + self.findings.doubts


def check(
    excerpts: Iterable[Excerpt], embed: Embed, parse: Parse | None, judge_of: JudgeOf
) -> Iterator[Checked]:
    """Every claim, checked; those that no hard rule refuses go to the judge, an excerpt's at once."""
    for excerpt in excerpts:
        verifier = Verifier(excerpt.turns, excerpt.facts, embed, parse)
        findings = [verifier.check(item.claim, item.place) for item in excerpt.claims]
        asked = [i for i, found in enumerate(findings) if not found.failures]
        judge = judge_of(excerpt, embed)
        verdicts = judge(
            [
                verifier.question(excerpt.claims[i].claim, excerpt.claims[i].place, findings[i].doubts)
                for i in asked
            ]
        )
        for note in judge.notes:
            print(f"{excerpt.set_name}: {note}", file=sys.stderr)
        borne_out = {i for i, verdict in zip(asked, verdicts, strict=True) if verdict.is_borne_out}
        for i, item in enumerate(excerpt.claims):
            yield Checked(excerpt.set_name, item, findings[i], i not in borne_out)


def totals(checked: Sequence[Checked]) -> dict[str, int]:
    """How many are true, and were refused; how many are false, and were caught."""
    true = [item for item in checked if not item.labelled.wrong]
    false = [item for item in checked if item.labelled.wrong]
    refused, caught = (sum(item.is_refused for item in items) for items in (true, false))
    return {"true": len(true), "refused": refused, "false": len(false), "caught": caught}


def table(checked: Sequence[Checked]) -> str:
    """Markdown: by what is wrong, how many were refused; and by which rules."""
    lines = [
        "| what is wrong | claims | refused | by hard rules | reasons |",
        "| --- | ---: | ---: | ---: | --- |",
    ]
    for wrong in sorted({item.labelled.wrong for item in checked}):
        items = [item for item in checked if item.labelled.wrong == wrong]
        refused = [item for item in items if item.is_refused]
        codes = Counter(code for item in refused for code in {reason.code for reason in item.reasons})
        hard = sum(bool(item.findings.failures) for item in items)
        reasons = ", ".join(f"{code} {count}" for code, count in codes.most_common())
        share = f"{len(refused)} ({100 * len(refused) / len(items):.0f} %)"
        lines.append(f"| {wrong or '*nothing*'} | {len(items)} | {share} | {hard} | {reasons} |")
    return "\n".join(lines)


def show(checked: Iterable[Checked]) -> None:
    """Print true claims that were refused, and false ones that passed."""
    for item in checked:
        if item.is_refused != bool(item.labelled.wrong):
            print(f"\n[{item.labelled.wrong or 'true'}] {item.labelled.claim.text}")
            for reason in item.reasons:
                print(f"    {reason.code}: {reason.detail}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=Path, action="append", help="a file such as claims.json")
    parser.add_argument("--post", type=Path, nargs=3, action="append", metavar=("POST", "LINES", "NAMES"))
    parser.add_argument(
        "--show", metavar="SET", help='print what went wrong in the sets of this name, or "all"'
    )
    parser.add_argument("--no-parser", action="store_true", help="as where there is none for a language")
    parser.add_argument("--judge", nargs=2, metavar=("URL", "MODEL"), help="a model; default: rules")
    parser.add_argument("--json", action="store_true", help="print nothing but the totals, as JSON")
    arguments = parser.parse_args()
    paths = arguments.claims or ([] if arguments.post else [labelled.CLAIMS])
    excerpts = [excerpt for path in paths for excerpt in labelled.read_claims(path)]
    excerpts += [labelled.read_post(*paths) for paths in arguments.post or ()]
    parse = None if arguments.no_parser else syntax.parser("en")
    encoder = SentenceEncoder(models.locate("minilm") / "model.onnx")
    judge_of = judges.model(*arguments.judge) if arguments.judge else judges.rules
    checked = list(check(excerpts, encoder, parse, judge_of))
    if not arguments.json:
        for set_name in dict.fromkeys(item.set_name for item in checked):
            in_set = [item for item in checked if item.set_name == set_name]
            print(f"\n### {set_name}\n\n{table(in_set)}\n\n{totals(in_set)}")
            if arguments.show and arguments.show in (set_name, "all"):
                show(in_set)
    print(json.dumps(totals(checked)))


if __name__ == "__main__":
    main()
