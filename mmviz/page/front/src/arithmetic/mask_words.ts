// Why masks forbid elements, and why not, in words: mmviz.scene.language.masks.
type Words = (i: number, j: number, numbers: readonly number[]) => string;

interface MaskWords {
  readonly why: Words;
  readonly whyNot: Words;
}

const later: Words = (i, j) => `column ${j} is right of the diagonal in row ${i}`;
const notLater: Words = (i, j) => `column ${j} is not right of the diagonal in row ${i}`;
const tokens = ([end, begin]: readonly number[]): string => `tokens are columns ${begin!} to ${end! - 1}`;

export const MASK_WORDS: Readonly<Record<string, MaskWords>> = {
  tril: { why: later, whyNot: notLater },
  triu: {
    why: (i, j) => `column ${j} is left of the diagonal in row ${i}`,
    whyNot: (i, j) => `column ${j} is not left of the diagonal in row ${i}`,
  },
  window: {
    why: (i, j, [size]) =>
      j > i ? later(i, j, []) : `column ${j} is ${i - j} before the diagonal in row ${i}; ${size!} are seen`,
    whyNot: (i, j, [size]) => `column ${j} is one of the last ${size!} up to the diagonal in row ${i}`,
  },
  local: {
    why: (i, j, [reach]) => `column ${j} is ${Math.abs(i - j)} from the diagonal in row ${i}, more than ${reach!}`,
    whyNot: (i, j, [reach]) => `column ${j} is ${Math.abs(i - j)} from the diagonal in row ${i}, at most ${reach!}`,
  },
  chunk: {
    why: (i, j, [size]) => (j > i ? later(i, j, []) : `column ${j} is in another chunk of ${size!} than row ${i}`),
    whyNot: (i, j, [size]) => `row ${i} and column ${j} are in one chunk of ${size!}, and ${notLater(i, j, [])}`,
  },
  prefix: {
    why: (i, j, [length]) => `${later(i, j, [])}, and not in the prefix of ${length!}`,
    whyNot: (i, j, [length]) => (j < length! ? `column ${j} is in the prefix of ${length!}` : notLater(i, j, [])),
  },
  pad: {
    why: (_, j, numbers) => `column ${j} is padding: ${tokens(numbers)}`,
    whyNot: (_, j, numbers) => `column ${j} is no padding: ${tokens(numbers)}`,
  },
};
