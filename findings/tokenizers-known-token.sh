#!/usr/bin/env bash
# Finding:  Adding a token that the vocabulary already holds makes tokenizers cut other words in two.
# Versions: tokenizers 0.23.3
# Guess:    add_tokens(["the"]) does nothing where "the" has an id: the vocabulary does not grow, no id changes.
# Seen:     The token keeps its id, and the size stays, but from now on it is cut out of the text before anything else,
#           also inside of words: "there", a token of its own, becomes "the" and "re". The call even returns 1, as for
#           a new token. So a check of the vocabulary's size shows nothing, and a model that was trained with the
#           one cutting is run with the other. AddedToken("the", single_word=True) leaves other words whole.
# Output:
#   before: ['there', 'the', 'bathe'] of 9 tokens
#   add_tokens(["the"]) returned 1
#   after:  ['the', 're', 'the', 'ba', 'the'] of 9 tokens
#   with single_word: ['there', 'the', 'bathe'] of 9 tokens
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet tokenizers==0.23.3
"$folder/venv/bin/python" -I - <<'PYTHON'
from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers


def tokenizer() -> Tokenizer:
    """A small one, which knows "the", "there" and "bathe" whole."""
    pieces = ["[UNK]", "the", "there", "bathe", "re", "ba", "t", "h", "e"]
    made = Tokenizer(models.WordLevel({piece: number for number, piece in enumerate(pieces)}, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    return made


def cut(by: Tokenizer) -> str:
    """How a text is cut, and how many tokens there are."""
    return f"{by.encode('there the bathe').tokens} of {by.get_vocab_size()} tokens"


plain, added, careful = tokenizer(), tokenizer(), tokenizer()
number = added.add_tokens(["the"])
careful.add_tokens([AddedToken("the", single_word=True)])
print("before:", cut(plain))
print('add_tokens(["the"]) returned', number)
print("after: ", cut(added))
print("with single_word:", cut(careful))
assert number == 1
assert cut(plain) == cut(careful) == "['there', 'the', 'bathe'] of 9 tokens"
assert cut(added) == "['the', 're', 'the', 'ba', 'the'] of 9 tokens"
PYTHON
