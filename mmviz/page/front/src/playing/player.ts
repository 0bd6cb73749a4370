// Which moment is shown, and how it moves on: mmviz.viewer.canvas.player. Knows no clock, no page and no scene.

export interface Chapter {
  readonly first: number; // steps
  readonly last: number;
  readonly speed: number; // steps a second
  readonly hold: number; // seconds at its end
  readonly title: string;
}

// What is shown: a time in steps, the chapter, and for how many seconds its end has been held.
export interface Moment {
  readonly time: number;
  readonly chapter: number | null; // null: in none
  readonly held: number;
}

// Numbers that the window's player has, too; they come with the document.
export interface Pace {
  readonly rates: readonly number[]; // how many times faster than the scene says it can be played
  readonly fuzz: number; // steps within which a time counts as a whole step
  readonly longestTick: number; // seconds that one tick may move at most
}

export class Player {
  readonly steps: number;
  readonly chapters: readonly Chapter[];
  moment: Moment;
  playing = false;
  loop = false;
  rate = 1;
  readonly #pace: Pace;

  constructor(steps: number, chapters: readonly Chapter[], pace: Pace) {
    this.steps = steps;
    this.chapters = chapters;
    this.#pace = pace;
    this.moment = this.#at(steps);
  }

  get time(): number {
    return this.moment.time;
  }

  // Let the time move on; from the end it starts over.
  play(): void {
    if (this.playing) return;
    if (this.#over()) this.moment = this.#begin(0);
    this.playing = true;
  }

  pause(): void {
    this.playing = false;
  }

  toggle(): void {
    if (this.playing) this.pause();
    else this.play();
  }

  // Go to a time; playback goes on from there. Outside the animation the nearest time is taken.
  // The chapter is heeded where it shows that time: several may.
  seek(time: number, chapter: number | null = null): void {
    const within = Math.min(Math.max(time, 0), this.steps);
    const wanted = chapter === null ? undefined : this.chapters[chapter];
    const shows = wanted !== undefined && wanted.first <= within && within <= wanted.last;
    this.moment = shows ? { time: within, chapter, held: 0 } : this.#at(within);
  }

  // Pause at the next whole step (1) or at the one before (-1).
  step(direction: number): void {
    this.pause();
    const { fuzz } = this.#pace;
    this.seek(direction > 0 ? Math.floor(this.time + fuzz) + 1 : Math.ceil(this.time - fuzz) - 1);
  }

  // Go to the beginning of the next chapter (1), or of this one or the one before (-1).
  chapter(direction: number): void {
    let number = this.moment.chapter ?? 0;
    const atStart = this.time <= this.#chapter(number).first + this.#pace.fuzz && this.moment.held === 0;
    if (direction > 0 || atStart) number += direction;
    this.moment = number >= this.chapters.length ? this.#end() : this.#begin(Math.max(number, 0));
  }

  // To the next rate (1), or to the one before (-1).
  faster(direction: number): void {
    const { rates } = this.#pace;
    const away = rates.map((rate) => Math.abs(rate - this.rate));
    const nearest = away.indexOf(Math.min(...away));
    this.rate = rates[Math.min(Math.max(nearest + direction, 0), rates.length - 1)]!;
  }

  // So many seconds have passed while it was playing.
  tick(seconds: number): void {
    this.moment = this.#on(this.moment, Math.min(seconds, this.#pace.longestTick) * this.rate);
    const end = this.#end();
    const over = this.moment.time === end.time && this.moment.chapter === end.chapter && this.moment.held === end.held;
    if (over && !this.loop) this.pause();
  }

  // The moment that comes so much later in the film.
  #on(from: Moment, passed: number): Moment {
    let moment = from;
    let seconds = passed;
    let number = moment.chapter;
    while (number !== null) {
      const chapter = this.#chapter(number);
      const left = (chapter.last - moment.time) / chapter.speed;
      if (seconds < left) return { ...moment, time: moment.time + seconds * chapter.speed };
      const rest = seconds - left + moment.held;
      const last = number === this.chapters.length - 1;
      const hold = last && this.chapters.length === 1 ? 0 : chapter.hold;
      if (rest < hold) return { time: chapter.last, chapter: number, held: rest };
      if (last && !this.loop) return this.#end();
      if (last && this.chapters.every((one) => this.#seconds(one) === 0)) return this.#begin(0);
      number = last ? 0 : number + 1;
      seconds = rest - hold;
      moment = this.#begin(number);
    }
    return this.#begin(0); // no chapter shows what the user chose: the film begins
  }

  #seconds(chapter: Chapter): number {
    return (chapter.last - chapter.first) / chapter.speed + chapter.hold;
  }

  #chapter(number: number): Chapter {
    return this.chapters[number]!;
  }

  #begin(number: number): Moment {
    return { time: this.#chapter(number).first, chapter: number, held: 0 };
  }

  #end(): Moment {
    const last = this.chapters.length - 1;
    const chapter = this.#chapter(last);
    return { time: chapter.last, chapter: last, held: last > 0 ? chapter.hold : 0 };
  }

  #over(): boolean {
    const last = this.chapters.length - 1;
    return this.moment.chapter === last && this.time >= this.#chapter(last).last;
  }

  // A time in the first chapter that shows it and goes on, or else that shows it.
  #at(time: number): Moment {
    const numbers = this.chapters.map((_, number) => number);
    const shows = numbers.filter((one) => this.#chapter(one).first <= time && time <= this.#chapter(one).last);
    const goesOn = shows.filter((one) => time < this.#chapter(one).last);
    return { time, chapter: goesOn[0] ?? shows.at(-1) ?? null, held: 0 };
  }
}

type Act = readonly ["play" | "pause" | "toggle"] | readonly ["seek" | "step" | "chapter" | "faster" | "tick", number];

// What a player shows after each of some acts; for tests.
export function played(steps: number, chapters: readonly Chapter[], pace: Pace, loop: boolean, acts: readonly Act[]): unknown[] {
  const player = new Player(steps, chapters, pace);
  player.loop = loop;
  return acts.map((act) => {
    if (act.length === 1) player[act[0]]();
    else if (act[0] !== "tick" || player.playing) player[act[0]](act[1]);
    return { ...player.moment, playing: player.playing, rate: player.rate };
  });
}
