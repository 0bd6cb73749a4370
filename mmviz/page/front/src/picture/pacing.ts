// Moments of a film: mmviz.picture.time.pacing. How they move on is the player's.
import type { Chapter } from "../document/cameras";

export interface Moment {
  readonly time: number; // in steps
  readonly chapter: number | null; // its number; null: in none
  readonly held: number; // seconds since the chapter has come to its end
}

function shows(chapters: readonly Chapter[], time: number): number[] {
  return [...chapters.keys()].filter((number) => chapters[number]!.first <= time && time <= chapters[number]!.last);
}

// A time in steps as a moment: in the first chapter that shows it and goes on, or else in the first that shows it.
export function momentOf(chapters: readonly Chapter[], time: number): Moment {
  const found = shows(chapters, time);
  const chapter = found.find((number) => time < chapters[number]!.last) ?? found[0] ?? null;
  return { time, chapter, held: 0 };
}

export function secondsOf(chapter: Chapter): number {
  return (chapter.last - chapter.first) / chapter.speed + chapter.hold;
}
