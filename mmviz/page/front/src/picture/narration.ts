// What is said below the picture at a time: mmviz.picture.marks.narration.
import type { Chapter } from "../document/cameras";
import type { MarksSection } from "../document/marks";
import type { Moment } from "./pacing";

// The chapter's words or else the scene's; the token or the blocks that are being worked on.
export function told(record: MarksSection["told"], chapters: readonly Chapter[], moment: Moment): string {
  const number = record.steps.filter((step) => step <= moment.time).length - 1;
  const [said, done] = record.words[Math.max(number, 0)]!;
  const title = moment.chapter === null ? "" : chapters[moment.chapter]!.title;
  return [title || said, done].filter((part) => part !== "").join(record.separator);
}
