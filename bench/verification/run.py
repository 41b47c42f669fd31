"""Measure the checks of prose: python -m bench.verification.run [--qmsum DIR] [--show] [--half HALF]."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.verification import labelled, meetings
from pipeline.engines.sentence_vectors import SentenceEncoder
from pipeline.takeaways.verification.evidence import Support
from pipeline.takeaways.verification.support import MIN_SUPPORT, is_brief
from pipeline.weights import models

SETS = (
    (False, "development"),
    (False, "held out"),
    (True, "development"),
    (True, "held out"),
    (True, "fresh"),
)
RATES = (0.02, 0.05, 0.10)


class CachedEmbed:
    """An Embed that computes each row once."""

    def __init__(self) -> None:
        self._encoder = SentenceEncoder(models.locate("minilm") / "model.onnx")
        self._rows: dict[str, NDArray[np.float32]] = {}

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        new = [text for text in dict.fromkeys(texts) if text not in self._rows]
        if new:
            self._rows.update(zip(new, self._encoder(new), strict=True))
        return np.stack([self._rows[text] for text in texts])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--qmsum", type=Path, help="folder of QMSum meetings, *.json")
    parser.add_argument("--limit", type=int, help="meetings at most")
    parser.add_argument(
        "--show", action="store_true", help="print true claims that failed and false ones that passed"
    )
    parser.add_argument("--half", help="show only this half")
    arguments = parser.parse_args()
    embed = CachedEmbed()
    cases = list(labelled.cases(embed))
    for free, half in SETS:
        in_set = [case for case in cases if (case.free, case.half) == (free, half)]
        print(f"\n### {'Worded freely' if free else 'Close to the words said'}, {half}\n\n{table(in_set)}")
        if arguments.show and arguments.half in (None, half):
            show(in_set)
    claims = [claim for claim in labelled.supports(embed) if claim.kind != "heading"]
    for half in ("development", "held out"):
        in_half = [claim for claim in claims if claim.half == half]
        print(f"\n### Support, {half}: {len(in_half)} claims, their own sentences against others nearby\n")
        print(floors([c.true for c in in_half], [support for c in in_half for support in c.false]))
    if arguments.qmsum:
        pairs = meetings.pairs(arguments.qmsum, embed, arguments.limit)
        print(f"\n### QMSum\n\n{len(pairs)} sentences.\n")
        print(floors([pair.true for pair in pairs], [pair.false for pair in pairs]))
        print(f"\n{alarms(pairs)}")
        if arguments.show:
            for pair in pairs:
                for failure in pair.alarms:
                    print(f"{failure.code}: {failure.detail} [{pair.text}]")


def table(cases: Sequence[labelled.Case]) -> str:
    """Markdown: how many of each kind were caught."""
    true = [case for case in cases if not case.wrong]
    refused = [case for case in true if case.failures]
    codes = Counter(code for case in refused for code in case.codes)
    lines = ["| what is wrong | claims | caught | for that reason |", "| --- | ---: | ---: | ---: |"]
    for wrong, reasons in labelled.NAMED.items():
        twins = [case for case in cases if case.wrong == wrong]
        if twins:
            caught = sum(bool(case.failures) for case in twins)
            named = sum(bool(case.codes & reasons) for case in twins)
            lines.append(f"| {wrong} | {len(twins)} | {share(caught, twins)} | {share(named, twins)} |")
    lines.append(f"| nothing (false alarms) | {len(true)} | {share(len(refused), true)} | |")
    return "\n".join([*lines, "", f"False alarms by reason: {dict(codes) or 'none'}"])


def share(count: int, of: Sequence[object]) -> str:
    return f"{count} ({100 * count / len(of):.0f} %)"


def show(cases: Iterable[labelled.Case]) -> None:
    """Print true claims that failed, and false ones that passed or failed for another reason."""
    for case in cases:
        reasons = labelled.NAMED.get(case.wrong, set())
        if bool(case.failures) != bool(case.wrong) or (case.wrong and not case.codes & reasons):
            print(f"\n[{case.wrong or 'true'}] {case.text}")
            for failure in case.failures:
                print(f"    {failure.code}: {failure.detail}")


def floors(true: Sequence[Support], false: Sequence[Support]) -> str:
    """Markdown: for some rates of refusing true claims, the floor and how much else passes."""
    heads = [f"floor at {rate:.0%} refused | unsupported that pass" for rate in RATES]
    lines = ["| measure | " + " | ".join(heads) + " |", "| --- |" + " ---: |" * (2 * len(RATES))]
    for name in ("cosine", "shared", "score"):
        of_true, of_false = (
            np.array([getattr(support, name) for support in supports]) for supports in (true, false)
        )
        quantiles = [float(np.quantile(of_true, rate)) for rate in RATES]
        cells = [f"{floor:.2f} | {float((of_false >= floor).mean()):.0%}" for floor in quantiles]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    floor = MIN_SUPPORT["prose"]
    true_passed, false_passed = (
        np.mean([support.score >= floor or is_brief(support) for support in supports])
        for supports in (true, false)
    )
    lines += ["", f"As set (score {floor:.2f}): {1 - true_passed:.0%} of the true refused, "]
    return "\n".join(lines) + f"{false_passed:.0%} of the unsupported pass."


def alarms(pairs: Sequence[meetings.Pair]) -> str:
    """How often each of the other checks refuses what people wrote."""
    counts = Counter(code for pair in pairs for code in {failure.code for failure in pair.alarms})
    lines = ["| false alarm | share of the sentences |", "| --- | ---: |"]
    lines += [f"| {code} | {count / len(pairs):.1%} |" for code, count in counts.most_common()]
    with_alarms = sum(bool(pair.alarms) for pair in pairs)
    return "\n".join([*lines, f"| any of these | {with_alarms / len(pairs):.1%} |"])


if __name__ == "__main__":
    main()
