// Which elements the functions forbid that mask: mmviz.scene.language.masks.
export type Rule = (i: number, j: number, numbers: readonly number[]) => boolean;

const chunk = (index: number, size: number): number => Math.floor(index / size);

// True where element (i, j) is forbidden. sdpa masks as tril does, before its softmax.
export const MASKS: Readonly<Record<string, Rule>> = {
  sdpa: (i, j) => j > i,
  tril: (i, j) => j > i,
  triu: (i, j) => j < i,
  window: (i, j, [size]) => j > i || i - j >= size!,
  local: (i, j, [reach]) => i - j > reach! || j - i > reach!,
  chunk: (i, j, [size]) => j > i || chunk(i, size!) !== chunk(j, size!),
  prefix: (i, j, [length]) => j > i && j >= length!,
  pad: (_, j, [end, begin]) => j >= end! || j < begin!,
};
