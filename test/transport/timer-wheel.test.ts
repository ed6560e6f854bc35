import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { TimerWheel } from "../../src/transport/timer-wheel.js";

describe("timer wheel", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** What has been called, with how late. */
  function wheelWith(delays: readonly number[]) {
    const wheel = new TimerWheel();
    const start = performance.now();
    const calls: [number, number][] = [];
    const timers = delays.map((delay) =>
      wheel.add(delay, (subject: number) => calls.push([subject, performance.now() - start - delay]), delay),
    );
    return { wheel, timers, calls };
  }

  it("calls back within two ticks, never early, in whatever order deadlines were added", async () => {
    const delays = [5000, 0, 1, 10, 15, 1000, 20, 10_240, 10_250, 60_000, 3_600_000, 980];
    const { wheel, calls } = wheelWith(delays);
    await vi.advanceTimersByTimeAsync(3_700_000);
    expect(calls.map(([delay]) => delay)).toEqual([...delays].sort((a, b) => a - b));
    expect(calls.filter(([, late]) => late < 0 || late > 20)).toEqual([]);
    expect([wheel.size, vi.getTimerCount()]).toEqual([0, 0]);
  });

  it("forgets what is cancelled, and has no timer left when nothing is to come", async () => {
    const { wheel, timers, calls } = wheelWith([100, 100, 200]);
    wheel.cancel(timers[0]);
    wheel.cancel(timers[0]);
    wheel.cancel(undefined);
    wheel.cancel(timers[2]);
    expect(timers.map((timer) => timer.isPending)).toEqual([false, true, false]);
    await vi.advanceTimersByTimeAsync(150);
    expect(calls.map(([delay]) => delay)).toEqual([100]);
    expect([wheel.size, vi.getTimerCount()]).toEqual([0, 0]);
  });

  it("lets a callback cancel others that expire with it, and add new ones", async () => {
    const wheel = new TimerWheel();
    const calls: string[] = [];
    wheel.add(50, () => {
      calls.push("first");
      wheel.cancel(second);
      wheel.add(50, () => calls.push("third"));
    });
    const second = wheel.add(50, () => calls.push("second"));
    await vi.advanceTimersByTimeAsync(500);
    expect(calls).toEqual(["first", "third"]);
  });

  it("calls the others when one throws", async () => {
    vi.useRealTimers();
    const wheel = new TimerWheel();
    const thrown = new Promise((resolve) => {
      // Vitest fails a test on what nobody catches, so its own listeners have to stand aside.
      const listeners = process.listeners("uncaughtException");
      process.removeAllListeners("uncaughtException");
      process.once("uncaughtException", (error) => {
        for (const listener of listeners) process.on("uncaughtException", listener);
        resolve(error);
      });
    });
    const bug = new Error("bug");
    wheel.add(1, () => {
      throw bug;
    });
    const other = new Promise<void>((resolve) => wheel.add(1, resolve));
    expect(await thrown).toBe(bug);
    await other;
  });

  it("keeps the process alive only while somebody says that it waits", () => {
    vi.useRealTimers();
    const wheel = new TimerWheel();
    const alive = (): number => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
    const before = alive();
    const timer = wheel.add(1000, () => undefined);
    expect(alive()).toBe(before);
    wheel.hold();
    wheel.hold();
    expect(alive()).toBe(before + 1);
    wheel.letGo();
    wheel.add(500, () => undefined);
    expect(alive()).toBe(before + 1);
    wheel.letGo();
    expect(alive()).toBe(before);
    wheel.cancel(timer);
  });

  it("reads what has come before it says that time is over, when the event loop was blocked", async () => {
    vi.useRealTimers();
    const wheel = new TimerWheel();
    const events: string[] = [];
    const server = createServer((socket) => {
      // The reply is in the kernel by now, and so it stays for as long as the loop is blocked.
      socket.end("reply");
      const end = performance.now() + 100;
      while (performance.now() < end);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const timer = wheel.add(30, () => events.push("timeout"));
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    socket.once("data", () => {
      events.push("reply");
      wheel.cancel(timer);
    });
    await once(socket, "close");
    server.close();
    expect(events).toEqual(["reply"]);
  });
});
