// From where a person looks: turned, moved and zoomed about what is under the pointer, or on a flight somewhere.
import type { Camera } from "../picture/drawlist";
import { Flight } from "./flight";
import type { Place } from "./pointer";
import type { Sight, Stage, Vector3 } from "./stage";

export class Looking {
  camera: Camera | null = null; // null: the scene's own at each moment
  readonly #stage: Stage;
  readonly #sight: () => Sight;
  #flight: Flight | null = null;
  #about: Vector3 | null = null; // of a drag: what is turned about
  #held: Vector3 | null = null; // of a drag: what is moved and come nearer to

  constructor(stage: Stage, sight: () => Sight) {
    this.#stage = stage;
    this.#sight = sight;
  }

  // What is at a place is turned and moved from now on.
  hold(place: Place): void {
    const sight = this.#sight();
    const point = this.#stage.pointAt(sight, place.x, place.y);
    this.#about = point ?? this.#stage.middleOf(sight.pinned);
    this.#held = point;
  }

  turn(right: number, up: number): void {
    this.look(this.#stage.turned(this.now, right, up, this.#about));
  }

  move(right: number, up: number): void {
    const depth = this.#held === null ? null : depthOf(this.now, this.#held);
    this.look(this.#stage.moved(this.now, right, up, depth));
  }

  zoom(factor: number, place: Place): void {
    this.look(this.#stage.nearer(this.now, factor, this.#stage.pointAt(this.#sight(), place.x, place.y)));
  }

  // To what is held, or from it.
  pinch(factor: number): void {
    this.look(this.#stage.nearer(this.now, factor, this.#held));
  }

  // From now on; null: by the scene's own camera.
  look(camera: Camera | null): void {
    this.#flight = null;
    this.camera = camera;
  }

  fly(to: Camera, then: () => void = () => undefined): void {
    const arrive = (): void => {
      this.camera = to;
      then();
    };
    this.#flight = still() ? null : new Flight(this.#stage, this.now, to, arrive);
    if (this.#flight === null) arrive();
  }

  get flies(): boolean {
    return this.#flight !== null;
  }

  // So many seconds later; whether it still flies.
  pass(seconds: number): boolean {
    const camera = this.#flight?.on(seconds) ?? null;
    if (camera === null) this.#flight = null;
    else this.camera = camera;
    return camera !== null;
  }

  get now(): Camera {
    return this.camera ?? this.#stage.camera(this.#sight().moment);
  }

  // Where it is once a flight has ended.
  get end(): Camera | null {
    return this.#flight?.end ?? this.camera;
  }
}

// Whether a person wants nothing to move by itself.
export function still(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

// How far a point is before the eye, in cells.
function depthOf(camera: Camera, point: Vector3): number {
  const toward = camera.position.map((one, axis) => one - camera.target[axis]!);
  const length = Math.hypot(...toward);
  return camera.position.reduce((sum, one, axis) => sum + ((one - point[axis]!) * toward[axis]!) / length, 0);
}
