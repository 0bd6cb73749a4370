// What the document says for words about single elements: mmviz.page.cells_section writes it.
export interface CellsSection {
  readonly counted: readonly string[]; // the names of axes whose rows or columns are tokens
  readonly tokens: Readonly<Record<string, readonly string[]>>; // by the name of axes that count tokens their texts
  readonly sources: Readonly<Record<string, string>>; // in words where the numbers of each tensor come from
  readonly meanings: Readonly<Record<string, string>>; // what a single element is that flies, by the kind of its plane
  readonly ofRows: Readonly<Record<string, string>>; // what a number of a whole row is, likewise
  readonly grid: number; // places along each side of a matrix, of which one is nearest to a pointer beside everything
  readonly before: number; // least distance before the eye, in cells, at which something is seen
  readonly longest: number; // most letters of a matrix' name beside its element
}
