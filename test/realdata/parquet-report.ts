/** FileMetaData as scrimp decodes it with the newest IDL, respelled as hyparquet reports it. */

import { DEFAULT_PARSERS } from "hyparquet/src/convert.js";
import { convertMetadata } from "hyparquet/src/metadata.js";

type Value = Record<string, unknown>;

/** Respells metadata that was decoded with `enums: "name"`. */
export function asHyparquetReports(metadata: Value): object {
  const { column_orders: _notReported, ...rest } = metadata;
  const schema = (metadata["schema"] as Value[]).map(asElement);
  const leaves = schema.filter(({ type }) => type !== undefined);
  return {
    ...rest,
    schema,
    row_groups: (metadata["row_groups"] as Value[]).map((group) => ({
      ...group,
      columns: (group["columns"] as Value[]).map((column, index) => asColumn(column, leaves[index])),
    })),
  };
}

function asElement({ logicalType, ...element }: Value): Value {
  return { ...element, logical_type: asLogicalType(logicalType as Value | undefined) };
}

/** `{ DECIMAL: { scale: 2 } }` as `{ type: "DECIMAL", scale: 2 }`. */
function asLogicalType(union: Value | undefined): Value | undefined {
  if (union === undefined) return undefined;
  const [name, held] = memberOf(union);
  const { unit, ...rest } = held as Value;
  const type = name === "UNKNOWN" ? "NULL" : name;
  return unit === undefined ? { type, ...rest } : { type, ...rest, unit: memberOf(unit as Value)[0] };
}

function memberOf(union: Value): [string, unknown] {
  return Object.entries(union).find(([, held]) => held !== undefined)!;
}

function asColumn({ meta_data, ...column }: Value, element: Value): Value {
  const { statistics, ...rest } = meta_data as Value;
  return { ...column, meta_data: { ...rest, statistics: asStatistics(statistics as Value | undefined, element) } };
}

/** The bounds are bytes whose meaning the column decides; hyparquet's own function says what they mean. */
function asStatistics(statistics: Value | undefined, element: Value): Value | undefined {
  if (statistics === undefined) return undefined;
  const bounds = ["min", "max", "min_value", "max_value"].map((name) => [
    name,
    convertMetadata(
      statistics[name] as Uint8Array | undefined,
      element as unknown as Parameters<typeof convertMetadata>[1],
      DEFAULT_PARSERS,
    ),
  ]);
  return { ...statistics, ...Object.fromEntries(bounds) };
}
