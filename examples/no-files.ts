/**
 * Without a file system and without IDL text: a schema as JSON, for bundlers, browsers and edge workers.
 * Run: `npx tsx examples/no-files.ts`
 */

import { compile, parseSchema, schemaFromJSON } from "../src/index.js";

// At build time: includes are resolved in the record of files.
const snapshot = JSON.stringify(
  parseSchema(
    {
      "geo.thrift": "struct Point { 1: i32 x, 2: i32 y }",
      "map.thrift": 'include "geo.thrift"\nstruct Track { 1: string name, 2: list<geo.Point> points }',
    },
    { entry: "map.thrift" },
  ),
);

// At run time, where there may be no IDL and no permission to generate code.
const track = compile(schemaFromJSON(JSON.parse(snapshot)).struct("Track"), { backend: "closure" });
const bytes = track.encode({ name: "home", points: [{ x: 1, y: 2 }] });
console.log(
  `${String(snapshot.length)} characters of schema, ${String(bytes.length)} bytes of track, back end ${track.backend}`,
);
console.dir(track.decode(bytes), { depth: 3 });
