// The session in a link: camera, time, speed, the pinned cell and what is hidden, as the fragment of the page's address.
//
// #t=12.5&c=x,y,z,x,y,z,x,y,z,angle&speed=2&loop=1&play=1&pin=left:3,4&hide=left,right.left&ui=none
// What is not told is as the scene has it. What is told wrongly is passed over: a link is typed by people, too.
import type { Camera, Vector } from "../picture/drawlist";

export interface Session {
  readonly time: number | null; // null: as the page begins
  readonly chapter: number | null;
  readonly camera: Camera | null; // null: the scene's own
  readonly rate: number;
  readonly loop: boolean;
  readonly playing: boolean;
  readonly pinned: { readonly path: string; readonly row: number; readonly column: number } | null;
  readonly hidden: readonly string[]; // paths
  readonly bare: boolean; // the picture alone
}

// What is told of every change; a widget hands it on to Python.
export interface Watcher {
  moved(session: Session): void;
}

export const FRESH: Session = {
  time: null,
  chapter: null,
  camera: null,
  rate: 1,
  loop: false,
  playing: false,
  pinned: null,
  hidden: [],
  bare: false,
};
const ROOT = "root"; // the path of the root is empty, which reads like nothing

// The fragment of a session, without its #; what is as in a fresh one is left out.
export function fragmentOf(session: Session): string {
  const told: string[] = [];
  const tell = (name: string, value: string): void => {
    told.push(`${name}=${encodeURIComponent(value).replaceAll("%2C", ",").replaceAll("%3A", ":")}`);
  };
  if (session.time !== null) tell("t", short(session.time));
  if (session.chapter !== null) tell("chapter", String(session.chapter));
  if (session.camera !== null) tell("c", cameraText(session.camera));
  if (session.rate !== 1) tell("speed", short(session.rate));
  if (session.loop) tell("loop", "1");
  if (session.playing) tell("play", "1");
  if (session.pinned !== null) {
    const { path, row, column } = session.pinned;
    tell("pin", `${path || ROOT}:${row},${column}`);
  }
  if (session.hidden.length > 0) tell("hide", session.hidden.map((path) => path || ROOT).join(","));
  if (session.bare) tell("ui", "none");
  return told.join("&");
}

// The session that a fragment tells of, with or without its #.
export function sessionOf(fragment: string): Session {
  const told = new Map<string, string>();
  for (const part of fragment.replace(/^#/, "").split("&")) {
    const [name, value] = part.split("=", 2);
    if (name && value !== undefined) told.set(name, decoded(value));
  }
  const time = number(told.get("t"));
  const chapter = number(told.get("chapter"));
  const rate = number(told.get("speed"));
  return {
    time: time !== null && time >= 0 ? time : null,
    chapter: chapter !== null && Number.isInteger(chapter) && chapter >= 0 ? chapter : null,
    camera: cameraOf(told.get("c")),
    rate: rate !== null && rate > 0 ? rate : 1,
    loop: told.get("loop") === "1",
    playing: told.get("play") === "1",
    pinned: cellOf(told.get("pin")),
    hidden: (told.get("hide") ?? "").split(",").filter(Boolean).map(pathOf),
    bare: told.get("ui") === "none",
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

function number(text: string | undefined): number | null {
  if (text === undefined || text.trim() === "") return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

function short(value: number): string {
  return String(Number(value.toPrecision(9)));
}

function pathOf(told: string): string {
  return told === ROOT ? "" : told;
}

function cameraText(camera: Camera): string {
  return [...camera.position, ...camera.target, ...camera.up, camera.viewAngle].map(short).join(",");
}

function cameraOf(text: string | undefined): Camera | null {
  const numbers = (text ?? "").split(",").map(number);
  if (numbers.length !== 10 || numbers.some((one) => one === null)) return null;
  const at = (first: number): Vector => [numbers[first]!, numbers[first + 1]!, numbers[first + 2]!];
  const camera = { position: at(0), target: at(3), up: at(6), viewAngle: numbers[9]! };
  return sees(camera) ? camera : null;
}

// Whether there is a picture: the eye is not where it looks, and up is not along that way.
function sees({ position, target, up, viewAngle }: Camera): boolean {
  const [x, y, z] = [position[0] - target[0], position[1] - target[1], position[2] - target[2]];
  const across = [up[1] * z - up[2] * y, up[2] * x - up[0] * z, up[0] * y - up[1] * x];
  return Math.hypot(...across) > 1e-6 * Math.hypot(x, y, z) && viewAngle > 0 && viewAngle < 175;
}

function cellOf(text: string | undefined): Session["pinned"] {
  const found = /^([^:]+):(\d+),(\d+)$/.exec(text ?? "");
  if (found === null) return null;
  return { path: pathOf(found[1]!), row: Number(found[2]), column: Number(found[3]) };
}
