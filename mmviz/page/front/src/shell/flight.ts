// A camera on its way: for a moment after a key or a double click, until it is there.
import type { Camera } from "../picture/drawlist";
import type { Stage } from "./stage";

const SECONDS = 0.7;

export class Flight {
  readonly #stage: Stage;
  readonly #from: Camera;
  readonly #to: Camera;
  readonly #then: () => void;
  #passed = 0;

  constructor(stage: Stage, from: Camera, to: Camera, then: () => void) {
    this.#stage = stage;
    this.#from = from;
    this.#to = to;
    this.#then = then;
  }

  // The camera so many seconds later; null once it has come to its end.
  on(seconds: number): Camera | null {
    this.#passed += seconds;
    if (this.#passed >= SECONDS) {
      this.#then();
      return null;
    }
    return this.#stage.between(this.#from, this.#to, this.#passed / SECONDS);
  }

  get end(): Camera {
    return this.#to;
  }
}
