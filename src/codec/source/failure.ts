/** How generated functions fail: mute. The codec then runs the closure back end over the same input to learn what is wrong. */

/** What generated code throws, and nobody but the codec sees. Made ahead of time: an Error would capture a stack that nobody reads. */
export const FAILED = Object.freeze({ failed: true });

export function fail(): never {
  throw FAILED;
}
