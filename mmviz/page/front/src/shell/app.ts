// The page at work: what a person does changes the session, the session is drawn, and stands in the page's address.
import type { Camera } from "../picture/drawlist";
import type { ShellSection } from "../document/shell";
import { Player, type Moment } from "../playing/player";
import { Bar } from "./bar";
import { Explaining } from "./explaining";
import { Finder } from "./finder";
import { help, Keys } from "./keys";
import { FRESH, fragmentOf, sessionOf, type Session, type Watcher } from "./link";
import { Looking, still } from "./looking";
import { Pointer, type Doing, type Place } from "./pointer";
import { sameCell, type Cell, type Sight, type Side, type Stage } from "./stage";
import { Status } from "./status";
import { Tip } from "./tip";

const SETTLED = 300; // milliseconds after which a session that has changed stands in the address
const SIDES: readonly Side[] = ["front", "side", "top", "isometric"];

// Where the session stands besides: the address of a page. A widget has none.
export interface Address {
  read(): string; // the fragment
  write(fragment: string): void;
  remember(fragment: string): void; // there is a way back to what was
  changed(act: () => void): void; // somebody else has written to it
}

export class App implements Doing {
  readonly #page: HTMLElement;
  readonly #address: Address | null;
  readonly #watcher: Watcher | null;
  readonly #stage: Stage;
  readonly #told: ShellSection;
  readonly #player: Player;
  readonly #canvas: HTMLCanvasElement;
  readonly #bar: Bar;
  readonly #tip: Tip;
  readonly #explaining: Explaining;
  readonly #finder: Finder;
  readonly #help: HTMLDialogElement;
  readonly #pointer: Pointer;
  readonly #looking: Looking;
  readonly #status = new Status();
  readonly #keys: Keys;
  readonly #resized = new ResizeObserver(() => { this.#resize(); });
  readonly #acts: Readonly<Record<string, () => void>>;
  #hidden: ReadonlySet<string> = new Set();
  #pinned: Cell | null = null;
  #pointed: Cell | null = null;
  #place: Place | null = null; // of the pointer
  #last = 0;
  #stale = true;
  #settling = 0;
  #bare = false;
  #ended = false;

  constructor(
    page: HTMLElement,
    canvas: HTMLCanvasElement,
    stage: Stage,
    told: ShellSection,
    address: Address | null,
    watcher: Watcher | null = null,
  ) {
    this.#page = page;
    this.#address = address;
    this.#watcher = watcher;
    this.#stage = stage;
    this.#told = told;
    this.#canvas = canvas;
    this.#player = new Player(stage.steps, stage.chapters, told.pace);
    this.#keys = new Keys(told.commands);
    this.#acts = this.#all();
    this.#bar = new Bar(this.#player, told.pace.rates, (name) => {
      this.#act(name);
    }, () => {
      this.#change();
    });
    this.#tip = new Tip(told.gestures.delay);
    this.#explaining = new Explaining((cell) => {
      this.#pin(cell);
    }, () => {
      this.#pin(null);
    });
    this.#finder = new Finder(stage.matrices, (path) => {
      this.#fly(stage.before(path, null, this.#sight()));
    });
    this.#help = help(told.commands, told.mouse);
    this.#looking = new Looking(stage, () => this.#sight());
    this.#pointer = new Pointer(canvas, this, told.gestures);
    page.append(this.#explaining.element, this.#bar.element, this.#tip.element, this.#finder.element, this.#help, this.#status.element);
    page.classList.add("mmviz");
    page.classList.toggle("light", told.light);
    this.#listen();
    this.restore(address?.read() ?? "");
  }

  // The session that a fragment tells of; what it leaves out is as the page begins.
  restore(fragment: string): void {
    const session = sessionOf(fragment);
    const autoplays = session.time === null && this.#told.step === null && !session.bare;
    this.take(session, autoplays && !still());
  }

  // From now on as a session has it.
  take(session: Session, plays = session.playing): void {
    const opens = session.time ?? this.#told.step;
    this.#player.pause();
    this.#player.rate = session.rate;
    this.#player.loop = session.loop;
    this.#player.seek(opens ?? (session.bare ? this.#player.steps : 0), session.chapter);
    this.#looking.look(session.camera);
    this.#hidden = new Set(session.hidden.filter((path) => this.#stage.matrices.some((one) => one.path === path)));
    this.#pinned = session.pinned !== null && isOf(this.#stage.matrices, session.pinned) ? session.pinned : null;
    this.#bare = session.bare;
    this.#page.classList.toggle("bare", session.bare);
    if (plays || session.playing) this.#player.play();
    this.#explain();
    this.#resize();
    this.#change(false);
  }

  // The session as it is now.
  session(): Session {
    const { moment } = this.#player;
    return {
      ...FRESH,
      time: moment.time,
      chapter: this.#player.chapters.length > 1 ? moment.chapter : null,
      camera: this.#looking.end,
      rate: this.#player.rate,
      loop: this.#player.loop,
      playing: this.#player.playing,
      pinned: this.#pinned,
      hidden: [...this.#hidden],
      bare: this.#bare,
    };
  }

  // Whether a key is the page's own, and nobody else's around it.
  claims(event: KeyboardEvent): boolean {
    return this.#keys.claims(event);
  }

  // It is shown no more.
  end(): void {
    this.#player.pause();
    this.#ended = true;
    this.#resized.disconnect();
    window.clearTimeout(this.#settling);
    this.#stage.release();
  }

  // What more of the numbers has been read is drawn.
  refresh(): void {
    if (this.#pinned !== null) this.#explain();
    this.#stale = true;
    this.#wake();
  }

  // What the pointer does

  hold(place: Place): void {
    this.#looking.hold(place);
  }

  turn(right: number, up: number): void {
    this.#looking.turn(right, up);
    this.#looked();
  }

  move(right: number, up: number): void {
    this.#looking.move(right, up);
    this.#looked();
  }

  zoom(factor: number, place: Place): void {
    this.#looking.zoom(factor, place);
    this.#looked();
  }

  point(place: Place | null): void {
    this.#place = place;
    const pointed = place === null ? null : this.#stage.pick(this.#sight(), place.x, place.y);
    const box = this.#canvas.getBoundingClientRect();
    if (place !== null) this.#tip.point(pointed, box.left + place.x * box.width, box.top + place.y * box.height);
    else this.#tip.hide();
    const cell = pointed?.cell ?? null;
    if (!sameCell(cell, this.#pointed)) {
      this.#pointed = cell;
      this.#status.tell(pointed?.line ?? "");
      this.#stale = true;
      this.#wake();
    }
  }

  click(place: Place): void {
    const pointed = this.#stage.pick(this.#sight(), place.x, place.y);
    this.#explaining.away(place); // before it is seen: two clicks are to meet the same place
    this.#pin(pointed?.cell ?? null);
  }

  focus(place: Place): void {
    const pointed = this.#stage.pick(this.#sight(), place.x, place.y);
    if (pointed === null) this.#act("reset");
    else this.#fly(this.#stage.before(pointed.cell.path, pointed.cell, this.#sight()));
  }

  rest(): void {
    this.#change();
  }

  // What keys and buttons do

  #all(): Record<string, () => void> {
    const player = this.#player;
    const sides = SIDES.map((side) => [side, (): void => { this.#fly(this.#stage.from(side, this.#sight())); }] as const);
    return {
      play: () => { player.toggle(); },
      pause: () => { player.pause(); },
      step_on: () => { player.step(1); },
      step_back: () => { player.step(-1); },
      first: () => { player.seek(0); },
      last: () => { player.seek(player.steps); },
      next_chapter: () => { player.chapter(1); },
      previous_chapter: () => { player.chapter(-1); },
      faster: () => { player.faster(1); },
      slower: () => { player.faster(-1); },
      loop: () => { player.loop = !player.loop; },
      reset: () => { this.#fly(this.#stage.camera(player.moment), () => { this.#looking.look(null); }); },
      zoom_in: () => { this.zoom(this.#told.gestures.zoomANotch, this.#place ?? { x: 0.5, y: 0.5 }); },
      zoom_out: () => { this.zoom(1 / this.#told.gestures.zoomANotch, this.#place ?? { x: 0.5, y: 0.5 }); },
      ...Object.fromEntries(sides),
      fly: () => { this.#aboutChosen((path) => { this.#fly(this.#stage.before(path, null, this.#sight())); }); },
      hide: () => { this.#aboutChosen((path) => { this.#leaveOut([...this.#hidden, ...this.#stage.within(path)]); }); },
      isolate: () => { this.#aboutChosen((path) => { this.#isolate(path); }); },
      show_all: () => { this.#leaveOut([]); },
      find: () => { this.#finder.open(); },
      help: () => { this.#help.showModal(); },
      stop: () => { this.#pin(null); },
      cell_tip: () => { this.#tip.on = !this.#tip.on; },
      full_screen: () => { void (document.fullscreenElement ? document.exitFullscreen() : this.#page.requestFullscreen()); },
    };
  }

  #act(name: string): boolean {
    const act = this.#acts[name];
    if (act === undefined) return false;
    act();
    this.#change();
    return true;
  }

  // Of the matrix that is pinned or pointed at, or else of the root.
  #aboutChosen(act: (path: string) => void): void {
    const path = this.#pinned?.path ?? this.#pointed?.path;
    if (path !== undefined) act(path);
    else this.#status.say("Point at a matrix, or click a cell of it, first.");
  }

  #isolate(path: string): void {
    const kept = new Set(this.#stage.within(path));
    this.#leaveOut(this.#stage.matrices.map((one) => one.path).filter((one) => !kept.has(one)));
  }

  #leaveOut(paths: readonly string[]): void {
    this.#remember();
    this.#hidden = new Set(paths);
    this.#stale = true;
  }

  #pin(cell: Cell | null): void {
    if (sameCell(cell, this.#pinned)) return;
    this.#remember();
    this.#pinned = cell;
    this.#explain();
    this.#change();
  }

  #explain(): void {
    const told = this.#pinned === null ? null : this.#stage.explain(this.#pinned);
    this.#explaining.show(told);
    if (told !== null) this.#status.tell(`${told.name} = ${told.value}`);
  }

  #fly(to: Camera, then?: () => void): void {
    this.#remember();
    this.#looking.fly(to, then);
    this.#stale = true;
    this.#wake();
  }

  #looked(): void {
    this.#tip.hide();
    this.#change();
  }

  // What is drawn, and when

  #sight(): Sight {
    return {
      moment: this.#player.moment,
      camera: this.#looking.camera,
      hidden: this.#hidden,
      pinned: this.#pinned,
      pointed: this.#pointed,
      hurried: this.#pointer.dragging || this.#looking.flies || this.#player.playing,
      playing: this.#player.playing,
    };
  }

  #change(settles = true): void {
    this.#stale = true;
    this.#wake();
    if (settles) this.#settle();
  }

  #wake(): void {
    if (this.#last !== 0 || this.#ended) return;
    this.#last = performance.now();
    requestAnimationFrame((now) => {
      this.#draw(now);
    });
  }

  #draw(now: number): void {
    const seconds = Math.max(now - this.#last, 0) / 1000;
    this.#last = 0;
    const before = this.#player.moment;
    if (this.#player.playing) this.#player.tick(seconds);
    if (this.#looking.flies) {
      const flies = this.#looking.pass(seconds);
      this.#stale = true;
      if (!flies) this.#settle();
    }
    if (this.#stale || this.#player.moment !== before) {
      this.#stale = false;
      this.#stage.show(this.#sight());
      this.#bar.update();
      this.#canvas.setAttribute("aria-label", this.#words(this.#player.moment));
    }
    this.#page.dataset.drawn = String(Number(this.#page.dataset.drawn ?? 0) + 1);
    this.#watcher?.moved(this.session());
    if (this.#player.playing || this.#looking.flies) this.#wake();
    else if (this.#place !== null && !this.#pointer.dragging) this.#repoint(this.#place);
  }

  // The picture has moved under a pointer that rests.
  #repoint(place: Place): void {
    const pointed = this.#stage.pick(this.#sight(), place.x, place.y);
    if (!sameCell(pointed?.cell ?? null, this.#pointed)) this.point(place);
  }

  #words(moment: Moment): string {
    const caption = this.#stage.caption(moment);
    return `${this.#stage.title}. Step ${Math.floor(moment.time)} of ${this.#stage.steps}.${caption ? ` ${caption}` : ""}`;
  }

  // The address

  // What was is kept for the way back.
  #remember(): void {
    this.#address?.remember(fragmentOf(this.session()));
  }

  #settle(): void {
    window.clearTimeout(this.#settling);
    this.#settling = window.setTimeout(() => {
      if (this.#player.playing) this.#settle();
      else this.#address?.write(fragmentOf(this.session()));
    }, SETTLED);
  }

  #listen(): void {
    const target: EventTarget = this.#address === null ? this.#page : window; // a widget takes no keys of its notebook
    target.addEventListener("keydown", (event) => {
      const name = this.#keys.of(event as KeyboardEvent);
      if (name === null || this.#page.querySelector("dialog[open]") !== null || !this.#act(name)) return;
      event.preventDefault();
      event.stopPropagation();
    });
    this.#address?.changed(() => {
      const fragment = this.#address?.read() ?? "";
      if (fragment !== fragmentOf(this.session())) this.restore(fragment);
    });
    this.#resized.observe(this.#page);
  }

  #resize(): void {
    const ratio = window.devicePixelRatio || 1;
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    this.#stage.resize(Math.max(Math.round(width * ratio), 1), Math.max(Math.round(height * ratio), 1), ratio);
    this.#stale = true;
    this.#wake();
  }
}

function isOf(matrices: Stage["matrices"], { path, row, column }: Cell): boolean {
  return matrices.some((one) => one.path === path && row < one.rows && column < one.columns);
}
