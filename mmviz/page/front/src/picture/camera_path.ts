// From where a scene is seen at a time, in steps: mmviz.picture.eye.camera_path.
import { smooth } from "../arithmetic/easing";
import { along } from "../arithmetic/vectors";
import type { CameraRules, PathRecord, Stop, View, Way } from "../document/cameras";
import type { Camera } from "./drawlist";
import { clamp, same } from "./eye";
import { between, cameraOf } from "./flight";

// The path of a camera through its stops. Before the first and after the last it stays.
export class CameraPath {
  readonly #rules: CameraRules;
  readonly #record: PathRecord;
  readonly #cameras = new Map<Stop, Camera>();

  constructor(rules: CameraRules, record: PathRecord) {
    this.#rules = rules;
    this.#record = record;
  }

  // Where it stays it is the same object.
  at(clock: number): Camera {
    const found = this.#seen(clock);
    return "clock" in found ? this.#camera(found) : cameraOf(found);
  }

  view(clock: number): View {
    const found = this.#seen(clock);
    return "clock" in found ? found.view : found;
  }

  #camera(stop: Stop): Camera {
    let found = this.#cameras.get(stop);
    if (found === undefined) {
      found = cameraOf(stop.view);
      this.#cameras.set(stop, found);
    }
    return found;
  }

  #seen(clock: number): Stop | View {
    const { stops, after } = this.#record;
    const number = Math.max(stops.filter((stop) => stop.clock <= clock).length - 1, 0);
    const stop = stops[number]!;
    if (clock <= stop.clock) return stop;
    const following = stops[number + 1] ?? after;
    if (following === null) return stop.follow === null ? stop : followed(stop, stop.follow, clock);
    if (clock >= following.clock || this.#stays(stop, following)) return following;
    return this.#onTheWay(stop, following, clock);
  }

  #stays(one: Stop, other: Stop): boolean {
    const still = one.follow === null && one.orbit === 0;
    return still && same(this.#rules, this.#camera(one), this.#camera(other));
  }

  #onTheWay(stop: Stop, following: Stop, clock: number): View {
    const time = following.clock - stop.clock;
    if (stop.follow !== null) {
      const leaving = Math.min(this.#record.leaving, time / 2);
      const share = Math.max(0, 1 - (following.clock - clock) / leaving);
      const view = followed(stop, stop.follow, clock);
      return share > 0 ? between(view, following.view, smooth(share)) : view;
    }
    const share = (clock - stop.clock) / time;
    if (stop.orbit === 0) return between(stop.view, following.view, smooth(share));
    const view = between(stop.view, following.view, smooth(share), cruise(this.#rules, share));
    if (stop.wide === null) return view;
    const { backing } = this.#rules;
    const out = smooth(Math.min(share / backing, 1));
    const back = following === this.#record.after ? out : out * smooth(Math.min((1 - share) / backing, 1));
    return between(view, { ...stop.wide, turn: view.turn, climb: view.climb }, back);
  }
}

// An even speed between a soft start and a soft stop: mmviz.picture.easing.cruise.
function cruise({ ramp }: CameraRules, share: number): number {
  const speed = 1 / (1 - ramp);
  if (share < ramp) return (speed * share * share) / (2 * ramp);
  if (share > 1 - ramp) return 1 - (speed * (1 - share) ** 2) / (2 * ramp);
  return speed * (share - ramp / 2);
}

// The view that goes along with what is in flight.
function followed(stop: Stop, way: Way, clock: number): View {
  const { clocks, pivots } = way;
  const number = clamp(clocks.filter((one) => one <= clock).length - 1, 0, Math.max(clocks.length - 2, 0));
  const [first, last] = [clocks[number]!, clocks[number + 1]];
  if (last === undefined) return { ...stop.view, pivot: pivots[number]! };
  const share = clamp((clock - first) / (last - first), 0, 1);
  return { ...stop.view, pivot: along(pivots[number]!, pivots[number + 1]!, share) };
}
