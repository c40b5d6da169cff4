// Builds api/web/assets into api/web/static/dist: what every page loads, named by its content.
//
//   node api/web/build.js            once
//   node api/web/build.js --watch    again at each change, with source maps

import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { watch } from "node:fs";
import { basename, dirname, extname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import * as esbuild from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = join(HERE, "../..");
const ASSETS = join(HERE, "assets");
const DIST = join(HERE, "static/dist");
const WATCHING = process.argv.includes("--watch");

const SHARED = {
  absWorkingDir: ROOT,
  bundle: true,
  charset: "utf8",
  legalComments: "eof",
  logLevel: "warning",
  metafile: true,
  minify: true,
  outdir: DIST,
  preserveSymlinks: true, // or names would tell where the packages are
  target: ["chrome123", "firefox120", "safari17.5"], // light-dark(), which the colours rest on
  write: false,
};

/** The files of a folder with one of these extensions, in an order that is always the same. */
async function files(folder, ...extensions) {
  const names = await readdir(join(ASSETS, folder)).catch(() => []);
  return names.filter((name) => extensions.includes(extname(name))).sort()
    .map((name) => join(ASSETS, folder, name));
}

/** Each top-level file of assets/js is a script of its own; what they share is a part of its own. */
async function scripts() {
  const built = await esbuild.build({
    ...SHARED,
    alias: { leaflet: "leaflet/dist/leaflet-src.esm.js" }, // its main file can't be taken apart
    chunkNames: "deel-[hash]",
    entryNames: "[name]-[hash]",
    entryPoints: await files("js", ".js"),
    format: "esm",
    // Always made, so that both builds give a script the same name; kept only when watching.
    sourcemap: "external",
    splitting: true,
  });
  const logical = Object.fromEntries(
    Object.entries(built.metafile.outputs)
      .filter(([, output]) => output.entryPoint)
      .map(([path, output]) => [basename(output.entryPoint), basename(path)]),
  );
  const contents = built.outputFiles
    .filter((file) => WATCHING || !file.path.endsWith(".map"))
    .map((file) => [basename(file.path), Buffer.from(file.contents)]);
  return { logical, contents };
}

/**
 * One stylesheet. The theme gives thousands of design tokens to components that no page has: only
 * those that something refers to stay, and those that these refer to.
 */
async function styles() {
  const built = await esbuild.build({
    ...SHARED,
    entryPoints: [join(ASSETS, "css/main.css")],
    external: ["images/*.png"], // Leaflet's markers and buttons, which no page uses
    minify: false,
  });
  const [{ text }] = built.outputFiles;
  const theme = /^\.voorbeeld-theme \{\n(?:  --[^\n]*;\n)*\}\n/m;
  const [tokens] = text.match(theme) ?? [];
  if (!tokens) throw new Error("The theme's tokens are not where they were in its stylesheet.");
  const declared = new Map(
    [...tokens.matchAll(/^  (--[\w-]+): [^\n]*;$/gm)].map(([line, name]) => [name, line]),
  );
  const kept = new Set();
  const keep = (css) => {
    for (const [, name] of css.matchAll(/var\(\s*(--[\w-]+)/g)) {
      if (declared.has(name) && !kept.has(name)) {
        kept.add(name);
        keep(declared.get(name));
      }
    }
  };
  keep(text.replace(tokens, ""));
  const left = [...declared].filter(([name]) => kept.has(name)).map(([, line]) => line);
  const css = text.replace(tokens, () => `.voorbeeld-theme {\n${left.join("\n")}\n}\n`);
  const { code } = await esbuild.transform(css, {
    charset: "utf8", legalComments: "eof", loader: "css", minify: true, target: SHARED.target,
  });
  return named("main.css", Buffer.from(code));
}

/** Pictures are served as they are. */
async function pictures() {
  const found = await Promise.all((await files("img", ".svg", ".png"))
    .map(async (path) => named(basename(path), await readFile(path))));
  return {
    logical: Object.assign({}, ...found.map((one) => one.logical)),
    contents: found.flatMap((one) => one.contents),
  };
}

function named(name, content) {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 8).toUpperCase();
  const hashed = `${basename(name, extname(name))}-${hash}${extname(name)}`;
  return { logical: { [name]: hashed }, contents: [[hashed, content]] };
}

/** The file and, where that is smaller, its compressed twins. */
async function compressed([name, content]) {
  if ([".png", ".map"].includes(extname(name))) return [[name, content]];
  const best = { params: { [constants.BROTLI_PARAM_SIZE_HINT]: content.length } };
  const twins = [
    [`${name}.br`, await promisify(brotliCompress)(content, best)],
    [`${name}.gz`, await promisify(gzip)(content, { level: 9 })],
  ];
  return [[name, content], ...twins.filter(([, twin]) => twin.length < content.length)];
}

async function build() {
  const started = performance.now();
  const parts = await Promise.all([scripts(), styles(), pictures()]);
  const logical = Object.assign({}, ...parts.map((part) => part.logical));
  const made = (await Promise.all(parts.flatMap((part) => part.contents).map(compressed))).flat();
  await mkdir(DIST, { recursive: true });
  await Promise.all(made.map(([name, content]) => writeFile(join(DIST, name), content)));
  // The manifest comes last and at once: whoever reads it finds every file that it names.
  const manifest = join(DIST, "manifest.json");
  const sorted = Object.fromEntries(Object.entries(logical).sort());
  await writeFile(`${manifest}.new`, `${JSON.stringify(sorted, null, 2)}\n`);
  await rename(`${manifest}.new`, manifest);
  const current = new Set(["manifest.json", ...made.map(([name]) => name)]);
  for (const name of await readdir(DIST)) {
    if (!current.has(name)) await rm(join(DIST, name), { recursive: true });
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`Pages built in ${seconds} s: ${relative(ROOT, DIST)}`);
}

/** Builds again a moment after the last change; a mistake is told and waits for the next one. */
function watchAssets() {
  let timer;
  let building = Promise.resolve();
  watch(ASSETS, { recursive: true }, () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      building = building.then(build).catch((error) => console.error(error.message));
    }, 100);
  });
  // Whoever started it may end without a word.
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || process.exit(), 1000);
}

if (WATCHING) {
  await build().catch((error) => console.error(error.message));
  watchAssets();
} else {
  await build();
}
