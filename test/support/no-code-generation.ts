/** Setup of the closure leg: refuses to run where `new Function` works, so that the leg cannot lose its flag unnoticed. */

function canGenerateCode(): boolean {
  try {
    return typeof new Function("return 1") === "function";
  } catch {
    return false;
  }
}

if (canGenerateCode()) throw new Error("the closure leg must run under --disallow-code-generation-from-strings");
