import { describe, expect, it } from "vitest";
import { type Address, parseAddress } from "../../src/transport/address.js";
import { createLoopback } from "../../src/transport/loopback.js";

describe("addresses", () => {
  it.each<[Address, object]>([
    ["example.com:9090", { kind: "tcp", text: "example.com:9090", host: "example.com", port: 9090 }],
    ["127.0.0.1:1", { kind: "tcp", text: "127.0.0.1:1", host: "127.0.0.1", port: 1 }],
    ["[::1]:9090", { kind: "tcp", text: "[::1]:9090", host: "::1", port: 9090 }],
    [
      { host: "::1", port: 65_535 },
      { kind: "tcp", text: "[::1]:65535", host: "::1", port: 65_535 },
    ],
    ["unix:/run/a b:c.sock", { kind: "unix", text: "unix:/run/a b:c.sock", path: "/run/a b:c.sock" }],
    [{ path: "./a.sock" }, { kind: "unix", text: "unix:./a.sock", path: "./a.sock" }],
  ])("%o is read", (address, expected) => {
    expect(parseAddress(address)).toEqual(expected);
  });

  it("within the process are all different", () => {
    const [a, b] = [createLoopback(), createLoopback()];
    expect(parseAddress(a)).toEqual({ kind: "loopback", text: a.text, loopback: a });
    expect(a.text).not.toBe(b.text);
  });

  it.each([
    "",
    "host",
    "host:",
    ":9090",
    "host:0",
    "host:65536",
    "host:-1",
    "host:1.5",
    "host:9090x",
    "::1:9090",
    "[host]:9090",
    "http://host:80",
    "a b:80",
    "unix:",
    { host: "", port: 1 },
    { host: "a", port: 0 },
    { host: "a", port: "1" },
    { path: "" },
    {},
    null,
    7,
  ])("%o is refused", (address) => {
    expect(() => parseAddress(address as Address)).toThrow(RangeError);
  });
});
