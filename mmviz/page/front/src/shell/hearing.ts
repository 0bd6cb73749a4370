// The moment in words, to those who hear the page: the step that was gone to, and each chapter while it plays.
import type { Player } from "../playing/player";
import type { Stage } from "./stage";
import type { Status } from "./status";

export class Hearing {
  readonly #stage: Stage;
  readonly #player: Player;
  readonly #status: Status;
  #before: { time: number; chapter: number | null } | null = null; // the moment that was drawn last

  constructor(stage: Stage, player: Player, status: Status) {
    this.#stage = stage;
    this.#player = player;
    this.#status = status;
  }

  // A moment has been drawn.
  drawn(): void {
    const { time, chapter } = this.#player.moment;
    const before = this.#before;
    this.#before = { time, chapter };
    if (before === null || (this.#player.playing ? chapter === before.chapter : time === before.time)) return;
    this.#status.tell(this.words);
  }

  get words(): string {
    const { moment, steps } = this.#player;
    const caption = this.#stage.caption(moment);
    return `Step ${Math.floor(moment.time)} of ${steps}.${caption ? ` ${caption}` : ""}`;
  }
}
