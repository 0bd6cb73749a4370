"""Make this folder: a translator of a few hundred Chinese sentences into English, small enough to be looked at whole.

Usage: python make.py [OUT]

OUT is this file's own folder unless given. Needs torch, tokenizers and transformers; a minute. The
sentences are made by the grammar below, so that they belong to nobody; the model is a BART of one layer on either side,
with learned positions. The same versions on the same processor give the same file.
"""

import itertools
import random
import sys
from pathlib import Path

import torch
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, processors
from transformers import BartConfig, BartForConditionalGeneration, PreTrainedTokenizerFast

SEED, STEPS, BATCH, RATE = 0, 3000, 64, 3e-3
HELD_OUT = 0.1
"""Share of the sentences that it never sees, to tell how well it translates."""
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
"""Their ids are 0 to 3, as in every BART."""

SUBJECTS = {"我": "I", "你": "you", "他": "he", "她": "she", "我们": "we", "他们": "they"}
VERBS = {"有": "have", "看见": "see", "喜欢": "like", "要": "want"}
SINGULAR = {"have": "has", "see": "sees", "like": "likes", "want": "wants"}
NOUNS = {
    "猫": ("只", "cat"),
    "狗": ("只", "dog"),
    "鸟": ("只", "bird"),
    "鱼": ("条", "fish"),
    "书": ("本", "book"),
    "苹果": ("个", "apple"),
    "杯子": ("个", "cup"),
}
ADJECTIVES = {"": "", "小": "small", "大": "big", "黑": "black", "红": "red", "老": "old"}


def sentences() -> list[tuple[str, str]]:
    """Every sentence of the grammar, with what it means."""
    parts = (SUBJECTS.items(), VERBS.items(), NOUNS.items(), ADJECTIVES.items())
    made = []
    for (who, subject), (does, verb), (what, (measure, noun)), (how, adjective) in itertools.product(*parts):
        third = subject in ("he", "she")
        article = "an" if (adjective or noun)[0] in "aeiou" else "a"
        thing = " ".join(f"{article} {adjective} {noun}".split())
        made.append((f"{who}{does}一{measure}{how}{what}", f"{subject} {SINGULAR[verb] if third else verb} {thing}"))
        no = "没" if verb == "have" else "不"
        made.append((f"{who}{no}{does}{how}{what}", f"{subject} {'does' if third else 'do'} not {verb} {thing}"))
    return made


def tokenizer(pairs: list[tuple[str, str]]) -> Tokenizer:
    """Chinese by characters, English by words, each sentence between <s> and </s>."""
    letters = sorted({letter for chinese, _ in pairs for letter in chinese})
    words = sorted({word for _, english in pairs for word in english.split()})
    vocabulary = {token: number for number, token in enumerate((*SPECIAL, *letters, *words))}
    made = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))  # noqa: S106
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Split(Regex(r"\p{Han}"), "isolated")]
    )
    made.add_special_tokens(list(SPECIAL))
    made.post_processor = processors.TemplateProcessing("<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    return made


def config(vocabulary: int) -> BartConfig:
    """One layer on either side, one head."""
    return BartConfig(
        vocab_size=vocabulary,
        d_model=32,
        encoder_layers=1,
        decoder_layers=1,
        encoder_attention_heads=1,
        decoder_attention_heads=1,
        encoder_ffn_dim=64,
        decoder_ffn_dim=64,
        max_position_embeddings=24,
        dropout=0.0,
        pad_token_id=1,
        bos_token_id=0,
        eos_token_id=2,
        decoder_start_token_id=2,
        forced_eos_token_id=None,
    )


def padded(rows: list[list[int]]) -> torch.Tensor:
    """(sentences, longest): token ids, with <pad> behind the shorter ones."""
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[1] * (longest - len(row))] for row in rows])


def train(model: BartForConditionalGeneration, rows: list[tuple[list[int], list[int]]]) -> None:
    """Adam, the rate going down to 0."""
    chance = random.Random(SEED)  # noqa: S311
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
    for _ in range(STEPS):
        chosen = chance.sample(rows, BATCH)
        source, target = padded([one for one, _ in chosen]), padded([other for _, other in chosen])
        labels = target.masked_fill(target == 1, -100)
        loss = model(input_ids=source, attention_mask=(source != 1).long(), labels=labels).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()


def translated(model: BartForConditionalGeneration, source: list[int]) -> list[int]:
    """What it makes of a sentence, the likeliest token each time."""
    given = [2]
    for _ in range(12):
        logits = model(input_ids=torch.tensor([source]), decoder_input_ids=torch.tensor([given])).logits
        given.append(int(logits[0, -1].argmax()))
        if len(given) > 2 and given[-1] == 2:
            break
    return given[1:]


def main(out: Path) -> None:
    """Train, tell how well it translates, write the folder."""
    torch.manual_seed(SEED)
    torch.set_num_threads(1)  # more only wait for each other at such sizes, and round otherwise
    pairs = sentences()
    words = tokenizer(pairs)
    rows = [(words.encode(chinese).ids, words.encode(english).ids) for chinese, english in pairs]
    random.Random(SEED).shuffle(rows)  # noqa: S311
    unseen = rows[: int(HELD_OUT * len(rows))]
    model = BartForConditionalGeneration(config(words.get_vocab_size()))
    train(model, rows[len(unseen) :])
    model.eval()
    with torch.no_grad():
        right = sum(translated(model, source) == target for source, target in unseen)
    print(f"{right} of {len(unseen)} sentences that it has not seen are translated word for word")
    out.mkdir(parents=True, exist_ok=True)
    model.config.architectures = ["BartForConditionalGeneration"]
    model.save_pretrained(out)
    named = dict(zip(("bos_token", "pad_token", "eos_token", "unk_token"), SPECIAL, strict=True))
    PreTrainedTokenizerFast(tokenizer_object=words, **named).save_pretrained(out)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) == 2 else Path(__file__).parent)
