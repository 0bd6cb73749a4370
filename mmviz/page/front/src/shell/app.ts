// The page at work: what a person does changes the session, the session is drawn, and stands in the page's address.
import type { Camera } from "../picture/drawlist";
import type { ShellSection } from "../document/shell";
import { Player } from "../playing/player";
import { acts, type Able } from "./acts";
import { Bar } from "./bar";
import { Explaining } from "./explaining";
import { Finder } from "./finder";
import { Hearing } from "./hearing";
import { help, Keys } from "./keys";
import { Lens, type Holding } from "./lens";
import { FRESH, sessionOf, type Session, type Watcher } from "./link";
import { Looking, still } from "./looking";
import { Pointer, type Doing, type Place } from "./pointer";
import { sameCell, type Cell, type Sight, type Stage } from "./stage";
import { Remembering, type Address } from "./remembering";
import { Status } from "./status";
import { Tip } from "./tip";

const PASSED = "Click the picture, or hold Ctrl, to zoom with the wheel.";
const MIDDLE: Place = { x: 0.5, y: 0.5 };

export class App implements Doing {
  readonly #page: HTMLElement;
  readonly #remembering: Remembering;
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
  readonly #lens: Lens;
  readonly #status = new Status();
  readonly #keys: Keys;
  readonly #hearing: Hearing;
  readonly #resized = new ResizeObserver(() => { this.#resize(); });
  readonly #acts: Readonly<Record<string, () => void>>;
  #hidden: ReadonlySet<string> = new Set();
  #pinned: Cell | null = null;
  #pointed: Cell | null = null;
  #place: Place | null = null; // of the pointer
  #last = 0;
  #stale = true;
  #lensMoved = false;
  #bare = false;
  readonly #ending = new AbortController();

  constructor(
    page: HTMLElement,
    canvas: HTMLCanvasElement,
    stage: Stage,
    told: ShellSection,
    address: Address | null,
    watcher: Watcher | null = null,
  ) {
    this.#page = page;
    this.#watcher = watcher;
    this.#stage = stage;
    this.#told = told;
    this.#canvas = canvas;
    this.#player = new Player(stage.steps, stage.chapters, told.pace);
    this.#keys = new Keys(told.commands, told.held);
    this.#hearing = new Hearing(stage, this.#player, this.#status);
    this.#acts = acts(this.#able());
    this.#bar = new Bar(this.#player, told.pace.rates, (name) => { this.#act(name); }, () => { this.#change(); });
    this.#tip = new Tip(told.gestures.delay);
    this.#explaining = new Explaining((cell) => {
      this.#pin(cell);
    }, () => {
      this.#pin(null);
    });
    this.#finder = new Finder(stage.matrices, (path, cell) => {
      if (cell !== null) this.#pin(cell);
      this.#fly(stage.before(path, null, this.#sight()));
    });
    this.#help = help(told.commands, told.held, told.mouse);
    this.#lens = new Lens(canvas, told.gestures.lens, (seen) => {
      stage.magnify(seen);
      if (seen !== null) this.#tip.hide();
      this.#lensMoved = true;
      this.#wake();
    });
    this.#looking = new Looking(stage, this.#sight.bind(this));
    this.#pointer = new Pointer(canvas, this, told.gestures, address === null || window.parent !== window);
    page.append(this.#lens.element, this.#explaining.element, this.#bar.element, this.#tip.element);
    page.append(this.#finder.element, this.#help, this.#status.element);
    page.classList.add("mmviz", ...(told.light ? ["light"] : []));
    this.#remembering = new Remembering(address, () => this.session(), (fragment) => {
      this.restore(fragment);
    });
    this.#listen(address === null ? page : window); // a widget takes no keys of its notebook
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
    this.#ending.abort();
    this.#resized.disconnect();
    this.#remembering.stop();
    this.#stage.release();
  }

  // What more of the numbers has been read is drawn.
  refresh(): void {
    if (this.#pinned !== null && this.#explaining.element.hidden) this.#explain();
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

  pinch(factor: number): void {
    this.#looking.pinch(factor);
    this.#looked();
  }

  point(place: Place | null): void {
    this.#place = place;
    if (place !== null) this.#lens.follow(place);
    const pointed = place === null ? null : this.#stage.pick(this.#sight(), place.x, place.y);
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    if (place !== null && !this.#lens.open) this.#tip.point(pointed, place.x * width, place.y * height);
    else this.#tip.hide();
    const cell = pointed?.cell ?? null;
    if (!sameCell(cell, this.#pointed)) {
      this.#pointed = cell;
      this.#status.tell(pointed?.line ?? "");
      this.#stale = true;
      this.#wake();
    }
  }

  // A press is long, or what was pressed so is let go.
  magnify(held: Exclude<Holding, "key">, place: Place | null): void {
    if (place === null) {
      this.#lens.close(held);
    } else {
      this.#lens.hold(held, place);
      this.point(place);
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

  passed(): void {
    this.#status.hint(PASSED);
  }

  // What keys and buttons do

  #able(): Able {
    const fly = (path: string): void => { this.#fly(this.#stage.before(path, null, this.#sight())); };
    return {
      player: this.#player,
      zoom: (notches) => { this.zoom(this.#told.gestures.zoomANotch ** notches, this.#place ?? MIDDLE); },
      look: (side) => { this.#fly(this.#stage.from(side, this.#sight())); },
      home: () => { this.#fly(this.#stage.camera(this.#player.moment), () => { this.#looking.look(null); }); },
      fly: () => { this.#aboutChosen(fly); },
      hide: () => { this.#aboutChosen((path) => { this.#leaveOut([...this.#hidden, ...this.#stage.within(path)]); }); },
      isolate: () => { this.#aboutChosen((path) => { this.#isolate(path); }); },
      showAll: () => { this.#leaveOut([]); },
      find: () => { this.#finder.open(); },
      help: () => { this.#help.showModal(); },
      letGo: () => { this.#pin(null); },
      switchTip: () => { this.#tip.on = !this.#tip.on; },
      fill: () => { void (document.fullscreenElement ? document.exitFullscreen() : this.#page.requestFullscreen()); },
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
    this.#remembering.remember();
    this.#hidden = new Set(paths);
    this.#stale = true;
  }

  #pin(cell: Cell | null): void {
    if (sameCell(cell, this.#pinned)) return;
    this.#remembering.remember();
    this.#pinned = cell;
    this.#explain();
    this.#change();
  }

  #explain(): void {
    const told = this.#pinned === null ? null : this.#stage.explain(this.#pinned);
    this.#explaining.show(told);
    this.#status.tell(told === null ? "" : `${told.name} = ${told.value}`);
  }

  #fly(to: Camera, then?: () => void): void {
    this.#remembering.remember();
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
    if (settles) this.#remembering.settle();
  }

  #wake(): void {
    if (this.#last !== 0 || this.#ending.signal.aborted) return;
    this.#last = performance.now();
    requestAnimationFrame((now) => {
      this.#draw(now);
    });
  }

  #draw(now: number): void {
    const seconds = Math.max(now - this.#last, 0) / 1000;
    this.#last = 0;
    this.#pass(seconds);
    if (this.#stale) {
      this.#stale = this.#lensMoved = false;
      this.#stage.show(this.#sight());
      this.#bar.update();
      this.#canvas.setAttribute("aria-label", `${this.#stage.title}. ${this.#hearing.words}`);
      this.#hearing.drawn();
    }
    if (this.#lensMoved) this.#stage.again();
    this.#lensMoved = false;
    this.#page.dataset.drawn = String(Number(this.#page.dataset.drawn ?? 0) + 1);
    this.#watcher?.moved(this.session());
    if (this.#player.playing || this.#looking.flies) this.#wake();
    else if (this.#place !== null && !this.#pointer.dragging) this.#repoint(this.#place);
  }

  // So much time has passed.
  #pass(seconds: number): void {
    const before = this.#player.moment;
    if (this.#player.playing) this.#player.tick(seconds);
    if (this.#player.moment !== before) this.#stale = true;
    if (!this.#looking.flies) return;
    this.#stale = true;
    if (!this.#looking.pass(seconds)) this.#remembering.settle();
  }

  // The picture has moved under a pointer that rests.
  #repoint(place: Place): void {
    const pointed = this.#stage.pick(this.#sight(), place.x, place.y);
    if (!sameCell(pointed?.cell ?? null, this.#pointed)) this.point(place);
  }

  #listen(target: EventTarget): void {
    target.addEventListener("keydown", (event) => {
      const name = this.#keys.of(event as KeyboardEvent);
      if (name === null || this.#page.querySelector("dialog[open]") !== null || !this.#act(name)) return;
      event.preventDefault();
      event.stopPropagation();
    });
    target.addEventListener("keydown", (event) => {
      if (this.#keys.holds(event as KeyboardEvent)) this.#lens.hold("key", this.#place ?? MIDDLE);
    });
    const { signal } = this.#ending;
    window.addEventListener("keyup", (event) => { if (this.#keys.held(event)) this.#lens.close("key"); }, { signal });
    window.addEventListener("blur", () => { this.#lens.close(); }, { signal });
    this.#resized.observe(this.#page);
  }

  #resize(): void {
    this.#lens.close();
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
