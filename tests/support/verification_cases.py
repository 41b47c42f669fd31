"""False claims that once passed, and true ones like them: (cited sentence, claim, kind, code or "")."""

from __future__ import annotations

HAPPY = "We are happy with the wallet."
GREAT = "Ethereum is a great platform for builders."
AUDIT = "The audit took two years and cost five million dollars."
LEFT = "Alice left the company in March."
FEES = "Will the fees fall once the new blocks arrive?"
JESSE = "Jesse, I think the fees should be much lower."
LAPTOPS = "It runs on a few cheap laptops, and the fair went well."

# S1 says the cited sentence; S2 says another, far from it.
CASES = (
    # short predicates
    (GREAT, "{S1} says that Ethereum is a great platform.", "prose", ""),
    (GREAT, "{S1} calls Ethereum a good platform for builders.", "prose", ""),
    (GREAT, "{S1} says that Ethereum is a scam.", "prose", "support"),
    (GREAT, "{S1} says that Ethereum is collapsing.", "prose", "support"),
    (HAPPY, "{S1} is happy with the wallet.", "prose", ""),
    (HAPPY, "{S1} says that the wallet was hacked.", "prose", "support"),
    (LEFT, "Alice left the company in March.", "frame", ""),
    (LEFT, "{S1} says that Alice left the company.", "prose", ""),
    (LEFT, "{S1} says that Alice was fired.", "prose", "support"),
    (LEFT, "Alice stole the company.", "prose", "support"),
    (
        GREAT,
        "{S1} finds it absurd that Ethereum is a great platform for so many builders.",
        "prose",
        "support",
    ),
    # attitudes
    (HAPPY, "{S1} hates the wallet.", "prose", "stance"),
    (AUDIT, "{S1} says that the audit took two years.", "prose", ""),
    (AUDIT, "{S1} denies that the audit took two years.", "prose", "stance"),
    (AUDIT, "{S1} regrets that the audit took two years.", "prose", "stance"),
    (AUDIT, "{S1} laments that the audit took two years.", "prose", "stance"),
    (AUDIT, "Complaining that the audit took two years, {S1} says it cost millions.", "prose", "stance"),
    (GREAT, "{S1} doubts that Ethereum is a great platform for builders.", "prose", "stance"),
    (GREAT, "{S1} mocks the idea that Ethereum is a great platform for builders.", "prose", "stance"),
    (GREAT, "The idea that Ethereum is a great platform is ridiculed by {S1}.", "prose", "stance"),
    (GREAT, "Doubts about Ethereum as a platform", "heading", "stance"),
    ("I doubt that the bridge is safe.", "{S1} doubts that the bridge is safe.", "prose", ""),
    ("I'm sorry that the audit took two years.", "{S1} regrets that the audit took two years.", "prose", ""),
    ("The audit never failed, no.", "{S1} denies that the audit failed.", "prose", ""),
    ("If keys leak, people lose their coins.", "{S1} warns that people lose their coins.", "prose", ""),
    ("Calling it money is silly.", "{S1} mocks the idea of calling it money.", "prose", ""),
    (AUDIT, "Bruno fears that the audit took two years.", "prose", "stance"),  # "-no" negates nothing
    ("We don't want the bridge any longer.", "{S1} no longer agrees about the bridge.", "prose", ""),
    # questions
    (FEES, "{S1} asks whether the fees will fall once the new blocks arrive.", "prose", ""),
    (FEES, "{S1} says that the fees will fall once the new blocks arrive.", "prose", "stance"),
    (FEES, "The fees will fall once the new blocks arrive.", "frame", "stance"),
    (FEES, "Will fees fall?", "heading", ""),
    (FEES, "Fees and the new blocks", "heading", ""),
    (FEES, "Fees will fall", "heading", "stance"),
    ("The fees fall with the new blocks, right?", "{S1} says that fees fall with new blocks.", "prose", ""),
    ("Don't you think the fees are too high?", "{S1} thinks that the fees are too high.", "prose", ""),
    # authors
    ("I asked Jesse whether fees fall.", "Jesse argues that fees fall.", "prose", "speaker"),
    (JESSE, "{S1} argues that the fees should be much lower.", "prose", ""),
    (JESSE, "Jesse argues that the fees should be much lower.", "prose", "speaker"),
    (JESSE, "According to Jesse, the fees should be much lower.", "prose", "speaker"),
    (JESSE, "The fees should be much lower, argues Jesse.", "prose", "speaker"),
    ("Do you think the fees fall, Jesse?", "Jesse thinks that the fees fall.", "prose", "speaker"),
    ("Satoshi said that nodes verify blocks.", "Satoshi said that nodes verify blocks.", "prose", ""),
    ("According to Satoshi, nodes verify blocks.", "Satoshi argues that nodes verify blocks.", "prose", ""),
    ("Satoshi's paper says nodes verify blocks.", "According to Satoshi, nodes verify blocks.", "prose", ""),
    # units
    (AUDIT, "The audit took two years and cost $5 million, {S1} says.", "prose", ""),
    (AUDIT, "The audit took two months and cost five million dollars, {S1} says.", "prose", "number"),
    (AUDIT, "The audit took two years and cost five million euros, {S1} says.", "prose", "number"),
    (AUDIT, "The audit took two years and cost \u20ac5 million, {S1} says.", "prose", "number"),
    ("The blocks hold 4 MB of data.", "{S1} says that the blocks hold four megabytes of data.", "prose", ""),
    ("The blocks hold 4 MB of data.", "{S1} says that the blocks hold 4 GB of data.", "prose", "number"),
    (
        "Two of us spent two full weeks on it.",
        "{S1} says that two of them spent two weeks on it.",
        "prose",
        "",
    ),
    # facts: the date 2024-05-03, and "Wallet Week 12"
    (LAPTOPS, "{S1} says that it runs on 5 cheap laptops.", "prose", "number"),
    (LAPTOPS, "{S1} says that it runs on 3 cheap laptops.", "prose", "number"),
    (LAPTOPS, "{S1} says that it runs on 12 cheap laptops.", "prose", "number"),
    (LAPTOPS, "{S1} says that it runs on 2024 cheap laptops.", "prose", "number"),
    (LAPTOPS, "In 2024 it runs on a few cheap laptops, {S1} says.", "prose", ""),
    (LAPTOPS, "On May 3, 2024, {S1} said that it runs on a few cheap laptops.", "prose", ""),
    (LAPTOPS, "On June 3, 2024, {S1} said that it runs on a few cheap laptops.", "prose", "number"),
    (LAPTOPS, "At Wallet Week 12, {S1} said that it runs on a few cheap laptops.", "prose", ""),
    # one speaker on both sides
    ("How does the bridge work?", "{S1} asks {S1} about the bridge.", "prose", "speaker"),
    ("How does the bridge work?", "{S1} asks how the bridge works.", "prose", ""),
    (GREAT, "{S1} agrees with {S1} that Ethereum is a great platform.", "prose", "speaker"),
)
