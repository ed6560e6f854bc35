/** How much IDL is read before scrimp refuses it. */
export interface IdlLimits {
  /** Largest file, in UTF-16 units of its text (bytes on disk, before decoding). Default 4 MiB. */
  maxFileBytes?: number;
  /** Most includes between the entry file and any other. Default 64. */
  maxIncludeDepth?: number;
  /** Most files, the entry file among them. Default 4,096. */
  maxFiles?: number;
  /** Deepest nesting of container types and of list and map constants. Default 64. */
  maxNesting?: number;
  /** Most problems reported for one file; the rest of the file is then not read. Default 20. */
  maxProblems?: number;
}

export const DEFAULT_IDL_LIMITS: Readonly<Required<IdlLimits>> = {
  maxFileBytes: 4 * 1024 * 1024,
  maxIncludeDepth: 64,
  maxFiles: 4096,
  maxNesting: 64,
  maxProblems: 20,
};

/** The limits a caller gave, with the defaults for those it left out. */
export function resolveLimits(limits: IdlLimits = {}): Required<IdlLimits> {
  return { ...DEFAULT_IDL_LIMITS, ...limits };
}
