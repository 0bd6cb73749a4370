// Parts on their way to what they are joined to, where these do not come in step: mmviz.picture.time.parts.
import type { JoinRecord, TimeSection } from "../document/time";
import type { There } from "./appearance";
import { eased } from "./easing";
import type { Matrices } from "./matrices";
import { between } from "./placement";
import { type Plane, plane } from "./planes";
import { NOWHERE, same } from "./sweep";

export class Parts {
  readonly #time: TimeSection;
  readonly #matrices: Matrices;

  constructor(time: TimeSection, matrices: Matrices) {
    this.#time = time;
    this.#matrices = matrices;
  }

  // What of parts is on its way, or stands in a join before its turn, at time t, in steps.
  planes(t: number, there: There): Plane[] {
    const coming = Object.entries(this.#time.joins).filter(([path]) => t < this.#time.ready[path]!);
    return coming.flatMap(([path, join]) => this.#of(path, join, t, there));
  }

  #of(owner: string, { parts }: JoinRecord, t: number, there: There): Plane[] {
    const first = parts.findIndex(({ path }) => t < this.#time.ready[path]!);
    return parts.flatMap(({ path, placement }, number) => {
      if (number < first || !this.#matrices.there(path)) return [];
      const ready = this.#time.ready[path]!;
      const matrix = this.#matrices.of(path);
      const order = this.#time.orders[path];
      if (ready - 1 <= t && t < ready && (order === undefined || order === "whole")) {
        const share = eased(t - ready + 1, this.#time.easing);
        const flying = between(this.#matrices.record(path).placement, placement, share);
        return [plane({ kind: "term", owner, placement: flying, matrix, number })];
      }
      const shown = there.get(path)!;
      return same(shown, NOWHERE) ? [] : [plane({ kind: "term", owner, placement, matrix, number, shown })];
    });
  }
}
