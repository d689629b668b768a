import { Money } from '#domain/shared/money';

/** Of a bigint column, or of a sum, as the driver reads it: the text of micro-dollars. */
export const money = (micros: string): Money => Money.ofMicros(BigInt(micros));
