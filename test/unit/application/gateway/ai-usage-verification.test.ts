import type {
  AiUsageEvidence,
  AiUsageFinding,
  LinkFindingKind,
  LoggedCost,
} from '#application/gateway/ai-usage-evidence';
import { LINK_FINDING_KINDS } from '#application/gateway/ai-usage-evidence';
import { AiUsageVerification } from '#application/gateway/ai-usage-verification';
import type { UserId } from '#domain/accounts/user';
import type { AiQuantities, ImageVariant } from '#domain/providers/ai-usage';
import type { AiUsageLogId } from '#domain/providers/ai-usage-log';
import type { ModelPrice, ModelPriceId } from '#domain/providers/model-price';
import { Money } from '#domain/shared/money';
import { aModelPrice } from '#test/support/builders/model-prices';

const ada = 'ada' as UserId;
const micros = (amount: number): Money => Money.ofMicros(BigInt(amount));
const named = (id: string) => id as ModelPriceId;

const dear = aModelPrice({ id: named('dear'), rates: { input_token: 2_000_000n, output_token: 8_000_000n } });
const cheap = aModelPrice({ id: named('cheap'), rates: { input_token: 1_000_000n, output_token: 4_000_000n } });

/** 10 tokens in and 5 out: 60 micro-dollars by the dear price, 30 by the cheap one. */
const logged = (of: Partial<LoggedCost> = {}): LoggedCost => ({
  id: 'entry' as AiUsageLogId,
  userId: ada,
  modality: 'chat',
  usage: { quantities: { input_token: 10, output_token: 5 }, source: 'provider', image: null },
  outcome: 'completed',
  held: micros(100),
  cost: micros(60),
  providerCost: micros(60),
  priceId: dear.id,
  servedPriceId: dear.id,
  markup: 0,
  ...of,
});

class Evidence implements AiUsageEvidence {
  readonly asked: (readonly [string, unknown])[] = [];

  constructor(
    private readonly entries: readonly LoggedCost[],
    private readonly book: readonly ModelPrice[],
    private readonly counts: Partial<Record<LinkFindingKind, number>> = {},
  ) {}

  async *pages(userId: UserId | null, size: number): AsyncIterable<readonly LoggedCost[]> {
    this.asked.push(['pages', userId]);
    for (let at = 0; at < this.entries.length; at += size) yield this.entries.slice(at, at + size);
  }

  async prices(ids: readonly ModelPriceId[]): Promise<readonly ModelPrice[]> {
    this.asked.push(['prices', ids]);
    return this.book.filter(({ id }) => ids.includes(id));
  }

  async findings(kind: LinkFindingKind, userId: UserId | null, limit: number): Promise<readonly AiUsageFinding[]> {
    this.asked.push([kind, userId]);
    const finding = { kind, userId: ada, id: 'hold', stored: {}, recomputed: {} };
    return Array.from({ length: Math.min(limit, this.counts[kind] ?? 0) }, () => finding);
  }
}

const found = async (entry: LoggedCost, book: readonly ModelPrice[] = [dear, cheap]) =>
  (await new AiUsageVerification(new Evidence([entry], book)).execute(null)).findings.map(
    ({ kind, stored, recomputed }) => [kind, stored, recomputed],
  );

describe('the verification of what AI requests cost', () => {
  it('asks for every kind of finding, of whom it was asked about, and for each price once', async () => {
    const many = Array.from({ length: 4_500 }, () => logged());
    const evidence = new Evidence(many, [dear]);
    const report = await new AiUsageVerification(evidence).execute(ada);
    expect(report).toEqual({ entries: 4_500, findings: [], truncated: false });
    expect(evidence.asked).toEqual([
      ['pages', ada],
      ['prices', ['dear']],
      ...LINK_FINDING_KINDS.map((kind) => [kind, ada]),
    ]);
  });

  it('lists a thousand of each kind, and says when there are more', async () => {
    const wrong = Array.from({ length: 1_001 }, () => logged({ cost: micros(61) }));
    const cut = await new AiUsageVerification(new Evidence(wrong, [dear], { ai_charge_differs: 3 })).execute(null);
    expect([cut.entries, cut.findings.length, cut.truncated]).toEqual([1_001, 1_003, true]);
    const whole = await new AiUsageVerification(new Evidence(wrong.slice(1), [dear])).execute(null);
    expect([whole.findings.length, whole.truncated]).toEqual([1_000, false]);
    const links = await new AiUsageVerification(new Evidence([], [], { ai_hold_differs: 1_001 })).execute(null);
    expect([links.findings.length, links.truncated]).toEqual([1_000, true]);
  });

  it('prices an entry by its own version and markup', async () => {
    expect(await found(logged())).toEqual([]);
    expect(await found(logged({ markup: 2_500, cost: micros(75) }))).toEqual([]);
    expect(await found(logged({ markup: 2_500 }))).toEqual([
      ['ai_cost_differs', { cost_micros: '60' }, { cost_micros: '75' }],
    ]);
  });

  it('lets a caller pay the lesser of the requested price and that of who answered', async () => {
    const byCheap = { servedPriceId: cheap.id, markup: 1_000, providerCost: micros(30) };
    expect(await found(logged({ ...byCheap, cost: micros(33) }))).toEqual([]);
    expect(await found(logged({ ...byCheap, cost: micros(66) }))).toEqual([
      ['ai_cost_differs', { cost_micros: '66' }, { cost_micros: '33' }],
    ]);
    const byDear = { priceId: cheap.id, servedPriceId: dear.id, markup: 1_000 };
    expect(await found(logged({ ...byDear, cost: micros(33), providerCost: micros(60) }))).toEqual([]);
    expect(await found(logged({ ...byDear, cost: micros(66), providerCost: micros(61) }))).toEqual([
      ['ai_cost_differs', { cost_micros: '66' }, { cost_micros: '33' }],
      ['ai_provider_cost_differs', { provider_cost_micros: '61' }, { provider_cost_micros: '60' }],
    ]);
  });

  it('charges nothing for what nobody answered', async () => {
    const failed = { outcome: 'failed', servedPriceId: null, cost: Money.zero, providerCost: Money.zero } as const;
    expect(await found(logged(failed))).toEqual([]);
    expect(await found(logged({ ...failed, providerCost: micros(2) }))).toEqual([
      ['ai_provider_cost_differs', { provider_cost_micros: '2' }, { provider_cost_micros: '0' }],
      [
        'ai_failure_charged',
        { outcome: 'failed', cost_micros: '0', provider_cost_micros: '2' },
        { outcome: 'failed', cost_micros: '0', provider_cost_micros: '0' },
      ],
    ]);
  });

  it.each(['client_gone', 'timed_out', 'cut_short'] as const)('charges for what was delivered: %s', async (outcome) => {
    expect(await found(logged({ outcome }))).toEqual([]);
  });

  it('names a price that is missing, of the requested model or of who answered', async () => {
    const entry = logged({ servedPriceId: named('gone') });
    expect(await found(entry)).toEqual([
      ['ai_price_missing', { price_id: 'dear', served_price_id: 'gone' }, { price_id: 'dear', served_price_id: null }],
    ]);
    expect(await found(logged({ priceId: named('gone') }))).toMatchObject([
      ['ai_price_missing', {}, { price_id: null }],
    ]);
  });

  it('names usage that has no price', async () => {
    const usage = { quantities: { image: 3 }, source: 'provider', image: null } as const;
    expect(await found(logged({ usage }))).toEqual([
      ['ai_cost_differs', { cost_micros: '60' }, { cost_micros: null }],
      ['ai_provider_cost_differs', { provider_cost_micros: '60' }, { provider_cost_micros: null }],
    ]);
  });

  describe('where who answered has no price for what was counted', () => {
    const used = (quantities: AiQuantities, image: ImageVariant | null = null) =>
      ({ quantities, source: 'provider', image }) as const;

    it('takes the seconds that were held for', async () => {
      const tokens = aModelPrice({
        id: named('tokens'),
        modality: 'transcription',
        rates: { audio_second: 100_000_000n, input_token: 10_000_000n },
      });
      const seconds = aModelPrice({
        id: named('seconds'),
        modality: 'transcription',
        rates: { audio_second: 60_000_000n },
      });
      const entry = {
        modality: 'transcription',
        usage: used({ input_token: 400 }),
        held: micros(2_310),
        markup: 1_000,
        priceId: tokens.id,
        servedPriceId: seconds.id,
      } as const;
      const book = [tokens, seconds];
      // 21 seconds: 1260 by the second, 1386 with the markup; 4400 by the token.
      expect(await found(logged({ ...entry, cost: micros(1_386), providerCost: micros(1_260) }), book)).toEqual([]);
      expect(await found(logged({ ...entry, cost: micros(1_386), providerCost: micros(1_320) }), book)).toEqual([
        ['ai_provider_cost_differs', { provider_cost_micros: '1320' }, { provider_cost_micros: '1260' }],
      ]);
      expect(await found(logged({ ...entry, cost: micros(4_400), providerCost: micros(1_260) }), book)).toEqual([
        ['ai_cost_differs', { cost_micros: '4400' }, { cost_micros: '1386' }],
      ]);
    });

    it('takes any of the seconds that cost less than a micro-dollar each, and were held for alike', async () => {
      const rates = { audio_second: 100_000n, input_token: 10_000_000n };
      const almostFree = aModelPrice({ id: named('almost free'), modality: 'transcription', rates });
      const seconds = aModelPrice({
        id: named('seconds'),
        modality: 'transcription',
        rates: { audio_second: 60_000_000n },
      });
      const entry = {
        modality: 'transcription',
        usage: used({ input_token: 400 }),
        held: micros(1),
        priceId: almostFree.id,
        servedPriceId: seconds.id,
      } as const;
      const book = [almostFree, seconds];
      for (const cost of [1, 10].map((length) => micros(length * 60))) {
        expect(await found(logged({ ...entry, cost, providerCost: cost }), book)).toEqual([]);
      }
      const tooLong = micros(11 * 60);
      expect(await found(logged({ ...entry, cost: tooLong, providerCost: tooLong }), book)).toHaveLength(2);
    });

    it('takes a picture that the caller may have asked for', async () => {
      const exact = aModelPrice({
        id: named('exact'),
        modality: 'image',
        rates: { 'image/high/1024x1024': 90_000_000_000n },
      });
      const bySize = aModelPrice({
        id: named('by size'),
        modality: 'image',
        rates: { 'image/256x256': 16_000_000_000n, 'image/512x512': 18_000_000_000n },
      });
      const entry = {
        modality: 'image',
        usage: used({ image: 2 }, { quality: 'high', size: '1024x1024' }),
        priceId: exact.id,
        servedPriceId: bySize.id,
      } as const;
      const book = [exact, bySize];
      for (const cost of [32_000, 36_000].map(micros)) {
        expect(await found(logged({ ...entry, cost, providerCost: cost }), book)).toEqual([]);
      }
      const unlike = { cost: micros(32_000), providerCost: micros(36_000) };
      expect(await found(logged({ ...entry, ...unlike }), book)).toHaveLength(1);
      expect(await found(logged({ ...entry, cost: micros(1), providerCost: micros(1) }), book)).toHaveLength(2);
    });
  });
});
