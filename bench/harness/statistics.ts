export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

/** Width of the middle half as a share of the median: 0.1 is ten percent. */
export function spread(samples: readonly number[]): number {
  return (quantile(samples, 0.75) - quantile(samples, 0.25)) / median(samples);
}

/** The value that this share of the samples lies below, interpolated between neighbours. */
function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((left, right) => left - right);
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  return below + (above - below) * (position % 1);
}
