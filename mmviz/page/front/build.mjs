// Builds the page's bundle, mmviz/page/page.js, from the sources here.
//   node build.mjs           writes it
//   node build.mjs --check   says whether it is what these sources give; exit code 1 where it is not
// The bundle begins with a digest of the sources, so that Python can tell without node that both belong together.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const BUNDLE = join(here, "..", "page.js");

// Every file that decides what the bundle is, by its name in the order of the letters' codes.
function sources() {
  const fixed = ["build.mjs", "package-lock.json", "package.json", "tsconfig.json"];
  const typed = readdirSync(join(here, "src"), { recursive: true }).map((name) => "src/" + name.replaceAll("\\", "/"));
  return [...fixed, ...typed.filter((name) => name.endsWith(".ts"))].sort();
}

function digest() {
  const hash = createHash("sha256");
  for (const name of sources()) {
    hash.update(name + "\n");
    hash.update(readFileSync(join(here, name), "utf8").replaceAll("\r\n", "\n"));
  }
  return hash.digest("hex");
}

const made = await build({
  absWorkingDir: here,
  entryPoints: ["src/index.ts"],
  bundle: true,
  minify: true,
  format: "iife",
  globalName: "mmvizPage",
  target: "es2022",
  charset: "ascii",
  legalComments: "none",
  banner: { js: `/* mmviz page, built from sources ${digest()} */` },
  write: false,
});
const text = made.outputFiles[0].text;
if (!process.argv.includes("--check")) {
  writeFileSync(BUNDLE, text);
  console.log(`page.js: ${text.length} bytes`);
} else if (readFileSync(BUNDLE, "utf8") !== text) {
  console.error("mmviz/page/page.js is not what mmviz/page/front gives: run `npm run build` there and commit it.");
  process.exitCode = 1;
}
