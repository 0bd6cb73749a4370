// What was computed last under each name, so that many frames of one step share their arrays: Latest of
// mmviz.picture.time.timeline. What it gives does not depend on what was asked before; only the time that it takes does.
export class Latest<T> {
  readonly #compute: (path: string, step: number) => T;
  readonly #kept = new Map<string, { step: number; found: T }>();

  constructor(compute: (path: string, step: number) => T) {
    this.#compute = compute;
  }

  of(path: string, step: number): T {
    let kept = this.#kept.get(path);
    if (kept?.step !== step) {
      kept = { step, found: this.#compute(path, step) };
      this.#kept.set(path, kept);
    }
    return kept.found;
  }
}
