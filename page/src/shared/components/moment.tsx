import { useLocale } from '../locale';

interface MomentProps {
  readonly at: string;
  /** `day`: 3 Dec; `date`: 3 December 2026; `moment`: with time and zone. */
  readonly as?: 'day' | 'date' | 'moment';
}

/** An instant in the reader's zone; its title has it in UTC. */
export function Moment({ at, as = 'moment' }: MomentProps) {
  const locale = useLocale();
  return (
    <time dateTime={at} title={locale.utc(at)}>
      {locale[as](at)}
    </time>
  );
}
