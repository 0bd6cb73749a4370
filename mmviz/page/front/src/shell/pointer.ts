// What the mouse and fingers do in the picture, as in the window: drags turn and move it about what is under the
// pointer, the wheel and pinches zoom to it, clicks pin cells, rests tell of them. Knows no scene; hands on what is meant.

import type { LensLaws } from "../arithmetic/lens";

// How much a gesture does; the numbers come with the document.
export interface Gestures {
  readonly lens: LensLaws;
  readonly degreesAHeight: number;
  readonly zoomANotch: number;
  readonly pixelsANotch: number;
  readonly closest: number; // distance of two fingers, in pixels, below which they do not pinch
}

// A place in the picture: shares of its width from the left and of its height from the top.
export interface Place {
  readonly x: number;
  readonly y: number;
}

export interface Doing {
  hold(place: Place): void; // what is there is turned and moved from now on
  turn(right: number, up: number): void; // degrees
  move(right: number, up: number): void; // heights of the picture
  zoom(factor: number, place: Place): void;
  pinch(factor: number): void; // to what is held
  point(place: Place | null): void; // null: nowhere
  magnify(held: "mouse" | "finger", place: Place | null): void; // a long press, and the way of what is pressed; null: let go
  click(place: Place): void;
  focus(place: Place): void; // twice
  rest(): void; // a drag has ended
  passed(): void; // the wheel was left to what is around the page
}

const DRAG = 5; // pixels from which on it is no click
const TWICE = 350; // milliseconds between two taps
const NOTCH = 100; // what browsers count for a notch of a wheel, in pixels
const LINE = 100 / 3; // the same for a line

interface Finger {
  x: number;
  y: number;
}

export class Pointer {
  readonly #canvas: HTMLElement;
  readonly #doing: Doing;
  readonly #gestures: Gestures;
  readonly #framed: boolean;
  readonly #fingers = new Map<number, Finger>();
  #from: Finger | null = null; // where a click would be; null once it has become a drag
  #turns = true;
  #several = false;
  #pressed = 0; // what follows when a press is long
  #magnifies: "mouse" | "finger" | null = null;
  #tapped: { time: number; at: Finger } | null = null;

  // framed: there is something around it that scrolls
  constructor(canvas: HTMLElement, doing: Doing, gestures: Gestures, framed: boolean) {
    this.#framed = framed;
    this.#canvas = canvas;
    this.#doing = doing;
    this.#gestures = gestures;
    canvas.addEventListener("pointerdown", (event) => {
      this.#down(event);
    });
    canvas.addEventListener("pointermove", (event) => {
      this.#moved(event);
    });
    canvas.addEventListener("pointerup", (event) => {
      this.#up(event, true);
    });
    canvas.addEventListener("pointercancel", (event) => {
      this.#up(event, false);
    });
    canvas.addEventListener("pointerleave", () => {
      if (this.#fingers.size === 0) doing.point(null);
    });
    canvas.addEventListener("wheel", (event) => {
      this.#roll(event);
    }, { passive: false });
    canvas.addEventListener("contextmenu", (event) => {
      event.preventDefault(); // the right button moves the picture
    });
  }

  get dragging(): boolean {
    return this.#fingers.size > 0 && this.#from === null && this.#magnifies === null;
  }

  #down(event: PointerEvent): void {
    this.#canvas.setPointerCapture(event.pointerId);
    this.#fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const alone = this.#fingers.size === 1;
    this.#several = !alone;
    this.#from = alone ? { x: event.clientX, y: event.clientY } : null;
    this.#turns = event.button === 0 && !event.shiftKey;
    this.#doing.point(null);
    this.#doing.hold(this.#place(alone ? event : this.#middle()));
    this.#await(alone && this.#turns ? event : null);
  }

  // A press that stays where it is becomes a long one; null: this one does not, or no more.
  #await(event: PointerEvent | null): void {
    window.clearTimeout(this.#pressed);
    this.#shut();
    if (event === null) return;
    this.#pressed = window.setTimeout(() => {
      const [finger] = this.#fingers.values();
      if (finger === undefined || this.#from === null) return;
      this.#from = null;
      this.#magnifies = event.pointerType === "mouse" ? "mouse" : "finger";
      this.#doing.magnify(this.#magnifies, this.#place({ clientX: finger.x, clientY: finger.y }));
    }, this.#gestures.lens.patience);
  }

  #shut(): void {
    if (this.#magnifies === null) return;
    this.#doing.magnify(this.#magnifies, null);
    this.#magnifies = null;
    this.#doing.point(null);
  }

  #moved(event: PointerEvent): void {
    const finger = this.#fingers.get(event.pointerId);
    if (finger === undefined) {
      if (event.pointerType === "mouse") this.#doing.point(this.#place(event));
      return;
    }
    if (this.#from !== null && Math.abs(event.clientX - this.#from.x) + Math.abs(event.clientY - this.#from.y) < DRAG) return;
    if (this.#magnifies !== null) {
      this.#doing.magnify(this.#magnifies, this.#place(event));
      return;
    }
    if (this.#from !== null) this.#await(null);
    this.#from = null;
    if (this.#fingers.size === 2) this.#pinch(finger, event);
    else if (!this.#several) this.#drag(event.clientX - finger.x, event.clientY - finger.y, this.#turns);
    finger.x = event.clientX;
    finger.y = event.clientY;
  }

  #up(event: PointerEvent, done: boolean): void {
    const clicked = this.#fingers.delete(event.pointerId) && this.#from !== null && done && !this.#several;
    if (this.#fingers.size > 0) {
      this.#doing.hold(this.#place(this.#middle()));
      return;
    }
    this.#await(null);
    this.#from = null;
    this.#several = false;
    if (clicked && event.button === 0) this.#tap(event);
    else this.#doing.rest();
  }

  #tap(event: PointerEvent): void {
    const place = this.#place(event);
    const before = this.#tapped;
    const near = before !== null && Math.hypot(event.clientX - before.at.x, event.clientY - before.at.y) < 4 * DRAG;
    if (near && event.timeStamp - before.time < TWICE) {
      this.#tapped = null;
      this.#doing.focus(place);
      return;
    }
    this.#tapped = { time: event.timeStamp, at: { x: event.clientX, y: event.clientY } };
    this.#doing.click(place);
  }

  #drag(right: number, down: number, turns: boolean): void {
    const height = Math.max(this.#canvas.clientHeight, 1);
    const degrees = this.#gestures.degreesAHeight;
    if (turns) this.#doing.turn((-degrees * right) / height, (degrees * down) / height);
    else this.#doing.move(-right / height, down / height);
  }

  // What is between two fingers stays between them.
  #pinch(moved: Finger, event: PointerEvent): void {
    const before = this.#middle();
    const gap = this.#gap();
    const old = { ...moved };
    moved.x = event.clientX;
    moved.y = event.clientY;
    const after = this.#middle();
    this.#drag(after.clientX - before.clientX, after.clientY - before.clientY, false);
    this.#doing.pinch(this.#gap() / gap);
    Object.assign(moved, old); // who called sets it
  }

  // In a frame or a notebook the wheel scrolls what is around it, until the picture has the focus: nobody is trapped.
  #roll(event: WheelEvent): void {
    if (this.#framed && !event.ctrlKey && !(document.hasFocus() && this.#canvas.matches(":focus"))) {
      this.#doing.passed();
      return;
    }
    event.preventDefault();
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * LINE : event.deltaY;
    const notches = -pixels / (event.ctrlKey ? this.#gestures.pixelsANotch / 4 : NOTCH); // Ctrl: a trackpad's pinch
    this.#doing.zoom(this.#gestures.zoomANotch ** notches, this.#place(event));
  }

  #middle(): { clientX: number; clientY: number } {
    const fingers = [...this.#fingers.values()];
    const mean = (of: (one: Finger) => number): number => fingers.reduce((sum, one) => sum + of(one), 0) / fingers.length;
    return { clientX: mean((one) => one.x), clientY: mean((one) => one.y) };
  }

  #gap(): number {
    const [one, other] = [...this.#fingers.values()];
    if (one === undefined || other === undefined) return this.#gestures.closest;
    return Math.max(Math.hypot(one.x - other.x, one.y - other.y), this.#gestures.closest);
  }

  #place(event: { readonly clientX: number; readonly clientY: number }): Place {
    const box = this.#canvas.getBoundingClientRect();
    return { x: (event.clientX - box.left) / Math.max(box.width, 1), y: (event.clientY - box.top) / Math.max(box.height, 1) };
  }
}
