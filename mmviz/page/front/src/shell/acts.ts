// What each command does, by its name: keys and buttons give the same ones.
import type { Player } from "../playing/player";
import type { Side } from "./stage";

const SIDES: readonly Side[] = ["front", "side", "top", "isometric"];

// What the page can be asked for.
export interface Able {
  readonly player: Player;
  zoom(notches: number): void;
  look(side: Side): void;
  home(): void; // back to the scene's own camera
  fly(): void; // before the matrix that is meant
  hide(): void;
  isolate(): void;
  showAll(): void;
  find(): void;
  help(): void;
  letGo(): void; // of the pinned cell
  switchTip(): void;
  fill(): void; // the screen
}

export function acts(able: Able): Readonly<Record<string, () => void>> {
  const { player } = able;
  const sides = SIDES.map((side) => [side, (): void => { able.look(side); }] as const);
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
    zoom_in: () => { able.zoom(1); },
    zoom_out: () => { able.zoom(-1); },
    ...Object.fromEntries(sides),
    reset: () => { able.home(); },
    fly: () => { able.fly(); },
    hide: () => { able.hide(); },
    isolate: () => { able.isolate(); },
    show_all: () => { able.showAll(); },
    find: () => { able.find(); },
    help: () => { able.help(); },
    stop: () => { able.letGo(); },
    cell_tip: () => { able.switchTip(); },
    full_screen: () => { able.fill(); },
  };
}
