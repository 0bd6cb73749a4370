// Which of the told shapes of pictures counts for one of any shape: the widest that it holds.
export function shapeOf(aspects: readonly { readonly aspect: number }[], aspect: number): number {
  const held = aspects.findIndex((one) => one.aspect <= aspect * (1 + 1e-9)); // the widest come first
  return held >= 0 ? held : aspects.length - 1;
}
