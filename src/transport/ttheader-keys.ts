/** The keys that Kitex gives a meaning, by their names there, and the ids around them. */

/** Integer keys. Values are text; numbers among them are decimal. */
export const IntKey = {
  MESH_VERSION: 0,
  /** `"framed"` or `"unframed"`: what stands behind the header. */
  TRANSPORT_TYPE: 1,
  LOG_ID: 2,
  FROM_SERVICE: 3,
  FROM_CLUSTER: 4,
  FROM_IDC: 5,
  TO_SERVICE: 6,
  TO_CLUSTER: 7,
  TO_IDC: 8,
  TO_METHOD: 9,
  ENV: 10,
  DEST_ADDRESS: 11,
  /** Milliseconds that the caller gives the call. */
  RPC_TIMEOUT: 12,
  READ_TIMEOUT: 13,
  RING_HASH_KEY: 14,
  DDP_TAG: 15,
  WITH_MESH_HEADER: 16,
  /** Milliseconds that the caller gave the connection to be made. */
  CONNECT_TIMEOUT: 17,
  SPAN_CONTEXT: 18,
  SHORT_CONNECTION: 19,
  FROM_METHOD: 20,
  STRESS_TAG: 21,
  /** The type of the message, 1 to 4. */
  MESSAGE_TYPE: 22,
  HTTP_CONTENT_TYPE: 23,
  RAW_RING_HASH_KEY: 24,
  LB_TYPE: 25,
  CLUSTER_SHARD_ID: 26,
  FRAME_TYPE: 27,
} as const;

/** String keys. */
export const StringKey = {
  /** Name of the service in the IDL. */
  IDL_SERVICE_NAME: "isn",
  REMOTE_ADDRESS: "rip",
  TO_CLUSTER: "tc",
  TO_IDC: "ti",
  /** `"1"`: the server is about to close the connection. */
  CONNECTION_WILL_RESET: "crrst",
  PROCESS_AT_TIME: "K_ProcessAtTime",
  /** CRC-32C of the payload, eight hex digits. */
  CHECKSUM: "crc32c",
  BIZ_STATUS: "biz-status",
  BIZ_MESSAGE: "biz-message",
  /** A JSON object of strings. */
  BIZ_EXTRA: "biz-extra",
} as const;

/** Goes in front of the names of values that travel the whole chain of calls. */
export const PERSISTENT_PREFIX = "RPC_PERSIST_";

/** Goes in front of the names of values that travel one call. */
export const TRANSIENT_PREFIX = "RPC_TRANSIT_";

/** What a header calls the payload. Peers tell it from the payload itself, and Kitex refuses to read `COMPACT`. */
export const ProtocolId = {
  BINARY: 0x00,
  COMPACT: 0x02,
  /** Read for the sake of old peers. */
  COMPACT_V2: 0x03,
  KITEX_PROTOBUF: 0x04,
  THRIFT_STRUCT: 0x10,
  PROTOBUF_STRUCT: 0x11,
} as const;

/** Bits of the flags. */
export const Flag = {
  /** Replies may come in any order: a multiplexing client says so. */
  OUT_OF_ORDER: 0x0001,
  STREAMING: 0x0002,
  DUPLEX_REVERSE: 0x0008,
  SASL: 0x0010,
} as const;
