"""Idioms by emotion: those that training may use, and those kept back to measure wordings never seen."""

from __future__ import annotations

TRAINING_IDIOMS: dict[str, tuple[str, ...]] = {
    "neutral": (
        "a blank face", "cool and collected", "neither happy nor sad", "just stating the facts",
        "as calm as a still lake", "business as usual", "nothing special on her mind", "plain and level",
        "a straight face", "reading out a shopping list", "unmoved and steady", "keeping an even keel",
        "giving nothing away", "an everyday tone",
    ),
    "happy": (
        "walking on air", "jumping for joy", "all smiles", "as happy as a clam", "on top of the world",
        "laughing out loud with delight", "bursting with happiness", "grinning like a child at a birthday",
        "in seventh heaven", "full of the joys of spring", "could not be happier", "smiling until his cheeks hurt",
        "just won the lottery", "pleased as punch", "having a wonderful day",
    ),
    "sad": (
        "down in the dumps", "a heavy heart", "crying his eyes out", "tears rolling down her cheeks",
        "lost someone dear", "at rock bottom", "a lump in the throat", "sobbing quietly", "his world fell apart",
        "drowning in sorrow", "a broken spirit", "missing an old friend", "all hope is gone",
        "weary and full of regret",
    ),
    "angry": (
        "mad as a hornet", "seeing red", "hitting the roof", "blowing a fuse", "at the end of his patience",
        "burning with anger", "gritting her teeth in fury", "ready for a fight", "hot under the collar",
        "yelling at the top of his lungs", "out for blood", "steam coming out of her ears",
        "cannot stand it any longer", "raging like a storm", "how dare you",
    ),
    "fear": (
        "shaking like a leaf", "white as a ghost", "heart in his mouth", "scared to death", "a bundle of nerves",
        "afraid of the dark", "hearing footsteps behind him", "in a cold sweat", "hair standing on end",
        "begging for help", "jumpy and on edge", "please do not hurt me", "hiding from danger",
        "dreading what comes next", "quaking in her boots",
    ),
    "surprised": (
        "eyes as wide as saucers", "did not see that coming", "you must be joking", "out of the blue",
        "a bolt from a clear sky", "blown away", "struck dumb by the news", "gasping in amazement",
        "oh my goodness", "never expected that", "mouth wide open in amazement", "rubbing her eyes in disbelief",
        "is this really happening", "nearly fell off the chair",
    ),
    "disgusted": (
        "it makes my stomach turn", "holding her nose", "what a foul smell", "a bad taste in the mouth",
        "sick to the stomach", "there is a fly in my soup", "wrinkling the nose at the stench",
        "gagging at the sight", "cannot bear to look at the mess", "slimy and foul", "biting into a moldy apple",
        "it makes him want to retch", "stepping into something nasty", "the smell of garbage",
    ),
    "contempt": (
        "not worth my time", "thinks he is better than everyone", "sneering at a loser", "who do you think you are",
        "a mocking half smile", "pathetic, simply pathetic", "a raised eyebrow and a curled lip", "cold disdain",
        "laughing at them behind their backs", "too good for this place", "what a fool", "holier than thou",
        "turning up a nose at the poor", "spare me your excuses",
    ),
}  # fmt: skip

HELD_OUT_IDIOMS: dict[str, tuple[str, ...]] = {
    "neutral": (
        "no emotion at all", "matter-of-fact", "a poker face", "just reading the news", "deadpan",
        "indifferent and even",
    ),
    "happy": (
        "over the moon", "grinning from ear to ear", "on cloud nine", "tickled pink", "having the time of her life",
        "beaming with joy",
    ),
    "sad": ("about to cry", "heartbroken", "in tears", "grieving a loss", "feeling blue", "mourning and weeping"),
    "angry": (
        "seething", "fuming", "ready to explode with rage", "livid", "boiling with fury", "shouting at his enemy",
    ),
    "fear": (
        "scared out of her wits", "trembling with dread", "frozen in horror", "petrified", "running from a monster",
        "full of terror",
    ),
    "surprised": (
        "could not believe his eyes", "jaw dropped to the floor", "taken aback", "wow, what was that?",
        "caught off guard", "speechless with wonder",
    ),
    "disgusted": (
        "that smells rotten", "about to vomit", "eww, yuck", "finding it gross", "tasting spoiled milk",
        "repelled by filth",
    ),
    "contempt": (
        "looking down on others", "full of scorn", "you are beneath me", "a condescending smirk",
        "rolling eyes with superiority", "sarcastic and dismissive",
    ),
}  # fmt: skip
