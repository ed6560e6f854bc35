import { build } from "esbuild";

/** Bundles a module for browsers, as a user's bundler would. Fails when it reaches anything of Node.js. */
export async function bundleForBrowser(entry: string, workingFolder: string): Promise<string> {
  const result = await build({
    entryPoints: [entry],
    absWorkingDir: workingFolder,
    bundle: true,
    platform: "browser",
    format: "esm",
    target: "es2023",
    write: false,
    logLevel: "silent",
    // The repository's own settings must not decide what "scrimp" is.
    tsconfigRaw: {},
  });
  return result.outputFiles[0].text;
}
