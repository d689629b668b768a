interface MeterProps {
  readonly label: string;
  /** In words, such as "320 of 500 minutes used": what a screen reader says. */
  readonly text: string;
  readonly used: number;
  readonly held?: number;
  readonly limit: number;
}

const TICKS = [80, 100] as const;

/** A bar of what is used and what is held, with ticks at 80 and 100 %. Beyond the limit the scale grows, so the tick shows it. */
export function Meter({ label, text, used, held = 0, limit }: MeterProps) {
  const scale = Math.max(limit, used + held, 1);
  const share = (part: number): string => `${Math.min(100, (part / scale) * 100)}%`;
  const percentage = limit === 0 ? (used + held > 0 ? 100 : 0) : ((used + held) / limit) * 100;
  const level = percentage >= 100 ? 'full' : percentage >= 80 ? 'near' : 'fine';
  return (
    <div
      role="meter"
      class={`meter meter-${level}`}
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={limit}
      aria-valuenow={Math.min(used + held, limit)}
      aria-valuetext={text}
    >
      <div class="meter-used" style={{ inlineSize: share(used) }} />
      <div class="meter-held" style={{ inlineSize: share(held) }} />
      {TICKS.map((tick) => (
        <div key={tick} class="meter-tick" style={{ insetInlineStart: share((limit * tick) / 100) }} />
      ))}
    </div>
  );
}
