// How a number comes about, in words: mmviz.viewer.tabs.explain.explain_text, as data for the panel.
import type { Cell as Element, Explanation, Operand, Origin } from "../arithmetic/explanation";
import { short } from "../arithmetic/general";
import type { Cell, Told } from "./stage";

const REDUCTIONS: Readonly<Record<string, string>> = {
  sum: "sum",
  mean: "mean",
  max: "largest",
  min: "least",
  argmax: "place of the largest",
};

export function told(explanation: Explanation): Told {
  const { cell, name, origin, stages } = explanation;
  return {
    cell: cellOf(cell),
    name,
    value: explanation.masked ? "masked" : short(explanation.value),
    story: storyOf(explanation),
    origin: originOf(origin),
    products: origin.kind === "products" ? productsOf(origin) : [],
    columns: origin.kind === "products" ? origin.names : ["", ""],
    operands: operandsOf(origin).map((one) => ({ name: one.name, value: numberOf(one), cell: cellOf(one.cell) })),
    stages: stages.map((stage) => ({
      words: stage.function,
      formula: stage.formula,
      value: `x = ${short(stage.before)} → ${stage.masked ? "masked" : short(stage.after)}`,
      quantities: stage.quantities.map(([named, value]) => [named, short(value)] as const),
    })),
    scale: explanation.scale === "" ? "" : `Drawn to the scale of its matrix: ${explanation.scale}.`,
  };
}

export function cellOf({ path, i, j }: Element): Cell {
  return { path, row: i, column: j };
}

// In one line how the number comes about once the animation has finished it.
function storyOf({ origin, stages }: Explanation): string {
  const functions = stages.map((stage) => stage.function);
  const start = startOf(origin);
  return functions.length > 0 ? `${start}, then ${functions.join(", ")}` : start;
}

function startOf(origin: Origin): string {
  switch (origin.kind) {
    case "products": {
      const count = origin.rows.length;
      return count === 1 ? "one product" : `the sum of ${count.toLocaleString("en-US")} products`;
    }
    case "terms":
      return { "+": "a sum", "-": "a difference", "/": "a quotient" }[origin.sign] ?? "a product of two elements";
    case "again":
      return "shown here once more";
    case "selected":
      return `taken over, ${origin.why}`;
    case "reduced":
      return `the ${REDUCTIONS[origin.function]!} of ${origin.line}`;
    case "source":
      return "given";
  }
}

// The number before the first function, and where it is from.
function originOf(origin: Origin): string {
  switch (origin.kind) {
    case "products":
      return `Sum of all products: ${short(origin.total)}`;
    case "terms": {
      const { left, right, sign, total, masked } = origin;
      const [a, b] = [left, right].map((one) => (masked && one.masked ? "masked" : bracketed(one.value)));
      return `${left.name} ${sign} ${right.name} = ${a!} ${sign} ${b!} = ${masked ? "masked" : short(total)}`;
    }
    case "again": {
      const { target, before, total } = origin;
      return `The same number as ${target.name}${before === "" ? "" : `, before ${before}`}: ${short(total)}`;
    }
    case "selected":
      return `The number of ${origin.target.name}, ${origin.why}: ${short(origin.total)}`;
    case "reduced": {
      const { line, count, target, total } = origin;
      const where = target === null ? "" : `, at ${target.name} = ${short(target.value)}`;
      const numbers = `${count.toLocaleString("en-US")} numbers`;
      return `The ${REDUCTIONS[origin.function]!} of ${line}, ${numbers}${where}: ${short(total)}`;
    }
    case "source": {
      const { tensor, words, i, j, total } = origin;
      return `Row ${i}, column ${j} of ${tensor}${words === "" ? "" : `: ${words}`}. Its number: ${short(total)}`;
    }
  }
}

function productsOf(origin: Origin & { kind: "products" }): Told["products"] {
  const [left, right] = origin.cells;
  return origin.rows.map((row) => ({
    k: row.label,
    left: short(row.left),
    right: short(row.right),
    product: short(row.product),
    share: row.share,
    running: short(row.running),
    masked: row.masked,
    cells: [
      { path: left.path, row: left.i, column: row.k },
      { path: right.path, row: row.k, column: right.j },
    ],
  }));
}

function operandsOf(origin: Origin): readonly Operand[] {
  if (origin.kind === "terms") return [origin.left, origin.right];
  if (origin.kind === "reduced") return origin.target === null ? [] : [origin.target];
  return origin.kind === "again" || origin.kind === "selected" ? [origin.target] : [];
}

function numberOf(operand: Operand): string {
  return operand.masked ? "masked" : short(operand.value);
}

// A number as an operand; a negative one in brackets.
function bracketed(number: number): string {
  return number < 0 ? `(${short(number)})` : short(number);
}
