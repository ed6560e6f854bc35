/** What the benchmark uses of the rivals that come without types. */

declare module "thrift" {
  class Int64 {
    constructor(bytes: Buffer);
    readonly buffer: Buffer;
    readonly offset: number;
  }
  class TBufferedTransport {
    constructor(buffer: undefined, onFlush: (bytes: Buffer) => void);
    flush(): void;
  }
  class TFramedTransport {
    constructor(buffer: Buffer);
  }
  class TBinaryProtocol {
    constructor(transport: TBufferedTransport | TFramedTransport);
  }
  interface TJSONProtocol extends TBinaryProtocol {
    writeMessageBegin(name: string, type: number, seqid: number): void;
    writeMessageEnd(): void;
    readMessageBegin(): void;
  }
  const thrift: {
    Int64: typeof Int64;
    TBufferedTransport: typeof TBufferedTransport;
    TFramedTransport: typeof TFramedTransport;
    TBinaryProtocol: typeof TBinaryProtocol;
    TCompactProtocol: typeof TBinaryProtocol;
    TJSONProtocol: new (transport: TBufferedTransport | TFramedTransport) => TJSONProtocol;
    createServer(service: object, handlers: object, options: ConnectionOptions): import("node:net").Server;
    createConnection(host: string, port: number, options: ConnectionOptions): import("node:events").EventEmitter;
    createClient(service: object, connection: import("node:events").EventEmitter): unknown;
  };
  interface ConnectionOptions {
    transport: typeof TBufferedTransport | typeof TFramedTransport;
    protocol: typeof TBinaryProtocol;
  }
  export type { Int64, TBufferedTransport, TFramedTransport };
  export default thrift;
}

declare module "thriftrw" {
  export class Thrift {
    constructor(options: { source: string; strict: boolean; allowOptionalArguments: boolean });
    readonly [typeName: string]: StructConstructor;
  }
  export interface StructConstructor {
    new (fields: object): object;
    toBuffer(value: object): Buffer;
    fromBuffer(bytes: Buffer): object;
  }
}

declare module "benchmark" {
  class Benchmark {
    constructor(name: string, run: () => void, options: { minTime: number; maxTime: number });
    readonly stats: { readonly sample: number[] };
    run(options: { async: false }): this;
  }
  export default Benchmark;
}
