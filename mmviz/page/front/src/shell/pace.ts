// How coarsely matrices are drawn while something moves: as coarsely as it takes to be fluent, and no more.
//
// The graphics card works on by itself after it was asked for a picture: what a picture takes is measured until it is
// there. A single slow picture changes nothing, since programs are compiled and numbers are sent now and then.

export const FLUENT = 60; // milliseconds that a picture may take while it moves: more than 15 a second
const EASY = 40; // milliseconds that a finer one may be expected to take before it is tried
const COARSEST = 4; // side of the largest pixels
const SLOW = 2; // pictures in a row that are too slow before coarser ones follow
const PATIENCE = 12; // pictures in a row that are quick before finer ones follow; more where these were too slow
const MOST_PATIENCE = 200;

export class Pace {
  coarse = 1; // side of the pixels of matrices in what moves
  #slow = 0;
  #quick = 0;
  #patience = PATIENCE;
  #tries = false; // the last change was to a finer one

  // A picture with such pixels took so many milliseconds.
  took(milliseconds: number, coarse: number): void {
    if (coarse !== this.coarse) return; // it was asked for before the last change
    if (milliseconds > FLUENT) this.#tooSlow(milliseconds);
    else this.#quickEnough(milliseconds);
  }

  #tooSlow(milliseconds: number): void {
    this.#quick = 0;
    this.#slow += 1;
    if (this.#slow < SLOW || this.coarse === COARSEST) return;
    if (this.#tries) this.#patience = Math.min(2 * this.#patience, MOST_PATIENCE);
    let next = this.coarse + 1;
    while (next < COARSEST && expected(milliseconds, this.coarse, next) > FLUENT) next++;
    this.#change(next);
  }

  #quickEnough(milliseconds: number): void {
    this.#slow = 0;
    if (this.coarse === 1) return;
    this.#quick = expected(milliseconds, this.coarse, this.coarse - 1) > EASY ? 0 : this.#quick + 1;
    if (this.#quick >= this.#patience) this.#change(this.coarse - 1);
  }

  #change(next: number): void {
    this.#tries = next < this.coarse;
    this.coarse = next;
    this.#slow = this.#quick = 0;
  }
}

// What a picture takes with other pixels, if all of it goes by their number.
function expected(milliseconds: number, coarse: number, other: number): number {
  return milliseconds * (coarse / other) ** 2;
}

interface Running {
  readonly begun: number;
  readonly coarse: number;
  readonly done: () => boolean;
}

// How long pictures take, of which several may be on their way. Times are in milliseconds.
export class Stopwatch {
  free = 0; // since when the graphics card has nothing to do
  readonly #running: Running[] = [];
  #looked = 0;

  get busy(): boolean {
    return this.#running.length > 0;
  }

  begin(begun: number, coarse: number, done: () => boolean): void {
    this.#running.push({ begun, coarse, done });
  }

  // What has become ready is told to a pace. A picture was ready at some time since one looked last: the earliest counts,
  // so that nothing is taken for slow because the page itself was busy.
  look(now: number, pace: Pace): void {
    for (let first = this.#running[0]; first?.done() === true; first = this.#running[0]) {
      const began = Math.max(first.begun, this.free);
      this.free = Math.max(this.#looked, began);
      pace.took(this.free - began, first.coarse);
      this.#running.shift();
    }
    this.#looked = now;
  }
}
