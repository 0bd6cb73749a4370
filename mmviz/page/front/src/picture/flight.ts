// How an eye flies from one view to another: mmviz.picture.eye.flight.
import { cross, dot, minus, plus, times } from "../arithmetic/vectors";
import type { View } from "../document/cameras";
import type { Camera, Vector } from "./drawlist";
import { eyeOf } from "./eye";
import { stand, turntable } from "./orbit";

// The view of a camera; its pivot is what it looks at, if nothing else is said.
export function viewOf(camera: Camera, pivot: Vector = camera.target): View {
  const eye = eyeOf(camera);
  const rest = minus(camera.position, pivot);
  const offset = [dot(rest, eye.right), dot(rest, eye.up)] as const;
  return { pivot, offset, distance: dot(rest, eye.toward), ...stand(camera), viewAngle: camera.viewAngle };
}

export function cameraOf(view: View): Camera {
  const { toward, up } = turntable(view.turn, view.climb);
  const beside = plus(times(cross(up, toward), view.offset[0]), times(up, view.offset[1]));
  const target = plus(view.pivot, beside);
  return { position: plus(target, times(toward, view.distance)), target, up, viewAngle: view.viewAngle };
}

// The same view, said with the turn that is nearest to another one.
export function wound(view: View, turn: number): View {
  const around = 2 * Math.PI;
  return { ...view, turn: view.turn + around * evenly((turn - view.turn) / around) };
}

// The nearest whole number, of two the even one, as Python rounds.
function evenly(number: number): number {
  const low = Math.floor(number);
  if (number - low !== 0.5) return Math.round(number);
  return low % 2 === 0 ? low : low + 1;
}

// A view on the way from one to another; `turned` is the share of the turn around the vertical axis.
export function between(first: View, last: View, share: number, turned: number = share): View {
  const factor = Math.log(last.distance / first.distance);
  const moved = Math.abs(factor) < 1e-9 ? share : Math.expm1(share * factor) / Math.expm1(factor);
  const part = (a: number, b: number, way: number): number => a + way * (b - a);
  return {
    pivot: plus(first.pivot, times(minus(last.pivot, first.pivot), moved)),
    offset: [part(first.offset[0], last.offset[0], moved), part(first.offset[1], last.offset[1], moved)],
    distance: first.distance * Math.exp(share * factor),
    turn: part(first.turn, last.turn, turned),
    climb: part(first.climb, last.climb, share),
    viewAngle: part(first.viewAngle, last.viewAngle, share),
  };
}
