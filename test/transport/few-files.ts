/** A server for a process that may open few files, of which most are taken. It answers each frame with itself. */

import { openSync } from "node:fs";
import { Connection } from "../../src/transport/connection.js";
import { resolveTransportLimits } from "../../src/transport/limits.js";
import { Listener } from "../../src/transport/listener.js";

const limits = resolveTransportLimits();
const listener = new Listener({
  limits,
  onConnection(socket, peer) {
    new Connection(
      socket,
      { address: peer.address, limits },
      { onFrame: (frame, connection) => connection.sendFramed(frame.bytes), onClose: () => undefined },
    );
  },
});
const { port } = await listener.listen({ port: 0 });
for (let taken = 0; taken < Number(process.argv[2]); taken++) openSync("/dev/null", "r");
process.send!(port);
process.once("disconnect", () => process.exit());
