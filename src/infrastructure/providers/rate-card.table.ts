import { EntitySchema } from 'typeorm';
import { RateCard } from '#domain/providers/rate-card';
import { instant, micros, text, uuid } from '../persistence/columns.js';

export const RateCardTable = new EntitySchema<RateCard>({
  name: 'RateCard',
  target: RateCard,
  tableName: 'rate_cards',
  columns: {
    id: uuid('id', { primary: true }),
    provider: text('provider'),
    model: text('model'),
    microsPerMinute: { name: 'micros_per_minute', type: 'bigint', transformer: micros },
    effectiveFrom: instant('effective_from'),
    source: text('source'),
  },
});
