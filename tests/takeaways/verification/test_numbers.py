"""Numbers were said, in whatever form, and of the same thing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.takeaways.language.quantities import read
from pipeline.workspace.sidecar import Facts
from tests.support.claims import doubted, failed, findings

AUDIT = "The audit took two years and cost five million dollars, 20% of our budget."
REPORT = "We report on a quarterly basis, and 300 developers follow it, with 40 users."
COMPUTER = "It runs twice as fast with half the memory, on 1,500 machines, and $50million was spent."


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (AUDIT, "It took 2 years and $5 million."),
        (AUDIT, "A fifth of the budget went into the audit."),
        (AUDIT, "The audit ate twenty percent of the budget."),
        (AUDIT, "About a fifth of the budget went into it."),
        (AUDIT, "The audit cost almost five million dollars."),
        (REPORT, "A report comes out every quarter."),
        (REPORT, "300 follow the report."),
        (REPORT, "The report has about 300 developers as readers."),
        (REPORT, "It has two kinds of readers: developers and users."),  # the writer's own count
        (COMPUTER, "It is two times as fast."),
        (COMPUTER, "It needs 50 % of the memory."),
        (COMPUTER, "Some 1500 machines run it, for $50 million."),
        ("We split the work down the middle.", "That splits the work in two."),
        ("Alice builds it and Bob sells it.", "The two divide the work."),
        ("In May we began.", "In May 2024, work began."),  # the talk's own date
        ("In another four or five years phones cannot scan that.", "Half a decade on, no phone scans it."),
        ("It took ninety minutes.", "It took an hour and a half."),
        ("We had thirty minutes.", "Half an hour was all they had."),
        ("We waited fourteen days.", "Two weeks went by."),
        ("Aged between forty six and sixty five.", "Past forty-five it is another matter."),
        ("Half of the members voted.", "50 percent of the members voted."),
        ("A quarter of them left.", "25% of them left."),
        ("It ran for thirty-one years.", "It ran for more than three decades."),
        ("It ran for three decades.", "It ran for thirty years."),
        ("It ran for thirty-eight years.", "It ran for nearly four decades."),
        ("It ran for twenty-one years.", "It ran for less than three decades."),
        ("It grew from ten to twenty million users.", "The number of users doubled."),
        ("We had nine and now we have three.", "The number has tripled the other way."),
        ("It takes 2 seconds to load.", "It loads in 2000 milliseconds."),
        ("It takes 1500 milliseconds.", "It takes about 1.5 seconds."),
        ("We drove 3 kilometres.", "They drove 3,000 metres."),
        ("Upgrade what is old, and try what is new.", "Both halves ask something of users."),
        ("We split O point nine off.", "They split 0.9 off."),
        ("We split 0.9 off.", "They split nought point nine off."),
        ("It got six point five out of seven.", "It got 6.5 points."),
        ("It cost 1 point 5 million.", "It cost $1.5 million."),
        ("It went up by zero point zero five percent.", "It went up by 0.05%."),
        ("We did not say why.", "That is half an answer."),
        ("We did not say why.", "It was a half-hearted answer."),
        ("We began.", "They began on 3 May 2024."),
        ("We began.", "They began on May 3rd, a Friday."),
        ("We began.", "On the 3rd of May they began."),
        ("We began.", "On Friday the third of May 2024 they began."),
        ("We began.", "In 2024 they began."),
        ("We began.", "They began on 03/05/2024."),
    ],
)
def test_numbers_in_any_form(said: str, text: str) -> None:
    facts = Facts(offsets={}, date="2024-05-03")
    assert "number" not in failed(findings([("A", said)], text, facts=facts))


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (AUDIT, "It took 3 years."),
        (AUDIT, "The audit took two months."),
        (AUDIT, "The audit cost five million euros."),
        (AUDIT, "A quarter of the budget went into the audit."),
        (AUDIT, "The audit ate about thirty percent of the budget."),
        (REPORT, "300 users follow it."),  # the number of another thing
        (REPORT, "Three hundred and forty developers follow it."),
        (COMPUTER, "It is three times as fast on 15,000 machines."),
        ("Four people built it.", "Three people built it."),
        ("In another four or five years phones cannot scan that.", "Half a century on, no phone scans it."),
        ("Aged between forty six and sixty five.", "Past forty-two it is another matter."),
        ("Half of the members voted.", "60 percent of the members voted."),
        ("It ran for twenty-one years.", "It ran for more than three decades."),
        ("It ran for thirty-five years.", "It ran for less than three decades."),
        ("It ran for three decades.", "It ran for forty years."),
        ("It ran for three decades.", "It ran for thirty months."),
        ("It grew from ten to thirty million users.", "The number of users doubled."),
        ("It takes 2 seconds to load.", "It loads in 200 milliseconds."),
        ("We kept forty percent of it.", "Half of it was kept."),
        ("In May we began.", "In May 2023, work began."),
        ("We began.", "They began in week 12."),
        ("We began.", "They began on 4 May 2024."),
        ("We began.", "They began on 3 June."),
        ("We began.", "They began with 3 wallets."),
        ("We began.", "They began on 05/06/2024."),
        ("We split O point nine off.", "They split 0.8 off."),
        ("We did not say why.", "Half of the answer is missing."),
        ("We did not say why.", "It is worth half a million."),
    ],
)
def test_numbers_that_nobody_said(said: str, text: str) -> None:
    facts = Facts(offsets={}, date="2024-05-03", occasion="Wallet Meeting 12")
    assert "number" in failed(findings([("A", said)], text, facts=facts))


@pytest.mark.parametrize(
    ("said", "text", "language", "is_refused"),
    [
        ("2023 liefen sie auf 1.500 Rechnern.", "Im Jahr 2023 waren es so viele.", "de", False),
        ("2023 liefen sie auf 1.500 Rechnern.", "Im Jahr 2022 waren es so viele.", "de", True),
        ("去年は2000人が来ました。", "昨年の参加者は2000人でした。", "ja", False),
        ("去年は2000人が来ました。", "昨年の参加者は3000人でした。", "ja", True),
        ("去年は二千人が来ました。", "昨年の参加者は2000人でした。", "ja", False),
        ("去年は3万5千人が来ました。", "昨年は35,000人が来ました。", "ja", False),
        ("完成まで二十年かかりました。", "完成まで20年かかりました。", "ja", False),
        ("完成まで二十年かかりました。", "完成まで三十年かかりました。", "ja", True),
        ("完成まで二年かかりました。", "完成まで三年かかりました。", "ja", True),
        ("二人で千葉に行くには車が一番です。", "千葉に行くには二人なら車で十分です。", "ja", False),
        ("我们用了二十年才完成。", "他们花了三十年才完成。", "zh", True),
        ("我们在二〇二四年开始。", "他们2024年开始。", "zh", False),
        ("Wir fingen an.", "Sie fingen am 3. Mai 2024 an.", "de", False),
        ("Wir fingen an.", "Sie fingen am 4. Mai 2024 an.", "de", True),
        ("On commence.", "Ils ont commencé le 3 mai 2024.", "fr", False),
        ("Zaczynamy teraz pracę.", "Zaczęli pracę 3 maja 2024.", "pl", False),  # months that are on no list
        ("始めました。", "2024年5月3日に始めました。", "ja", False),
        ("始めました。", "2024年5月4日に始めました。", "ja", True),
    ],
)
def test_other_languages(said: str, text: str, language: str, is_refused: bool) -> None:
    found = findings([("A", said)], text, language=language, facts=Facts(offsets={}, date="2024-05-03"))
    assert ("number" in failed(found)) is is_refused


@pytest.mark.parametrize("text", ["It is half done.", "It died of a thousand cuts.", "There are dozens."])
def test_words_that_need_be_no_numbers_are_doubted(text: str) -> None:
    found = findings([("A", "We did what we could.")], text)
    assert "number" not in failed(found)
    assert "number" in doubted(found)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("twenty-five percent", [25]),
        ("1.5k and 2 million", [1500, 2_000_000]),
        ("two hundred and a half", [200, None]),
        ("three hundred thousand", [300_000]),
        ("one point two five million, point taken", [1_250_000]),
        ("at that point two of them, or six point, seven", [2, 6, 7]),
        ("$1.6billion", [1_600_000_000]),
        ("one of them, and no one else", []),
        ("a million, $3, 10,000 and 3.5%", [1_000_000, 3, 10_000, 3.5]),
        ("version 0.16.3", [None]),
        ("the fifth and the 21st", [5, 21]),
        ("P2TR and BIP340", []),
    ],
)
def test_numbers_are_read(text: str, values: list[float | None]) -> None:
    assert [number.value for number in read(text)] == values


@settings(max_examples=60)
@given(st.integers(min_value=2, max_value=999_999))
def test_a_number_is_itself_with_separators(value: int) -> None:
    assert [number.value for number in read(f"some {value} of {value:,} things")] == [value, value]
