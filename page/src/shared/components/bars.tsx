export interface Bar {
  readonly key: string;
  readonly label: string;
  readonly value: number;
}

const WIDTH = 600;
const HEIGHT = 120;
const GAP = 2;

interface BarsProps {
  readonly label: string;
  readonly bars: readonly Bar[];
  /** What the whole height stands for, where an axis names it; the highest bar otherwise. */
  readonly most?: number;
}

/**
 * A chart of bars. It is a picture of a table that stands beside it, so readers of screens get one sentence, and the
 * table.
 */
export function Bars({ label, bars, most: scale }: BarsProps) {
  const most = scale ?? Math.max(1, ...bars.map(({ value }) => value));
  const step = WIDTH / Math.max(1, bars.length);
  return (
    <svg class="bars" role="img" aria-label={label} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none">
      {bars.map(({ key, label: of, value }, place) => {
        const height = (value / most) * HEIGHT;
        return (
          <rect key={key} x={place * step} y={HEIGHT - height} width={Math.max(1, step - GAP)} height={height}>
            <title>{of}</title>
          </rect>
        );
      })}
    </svg>
  );
}
