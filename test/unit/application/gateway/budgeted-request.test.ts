import { jest } from '@jest/globals';
import { ProviderFault } from '#application/gateway/ai-provider';
import { Thresholds } from '#domain/budgets/alert-level';
import { Budget, type BudgetMode, budgetOf, GLOBAL_BUDGET } from '#domain/budgets/budget';
import { BudgetExceeded, type ProviderSpend } from '#domain/budgets/budget-ledger';
import type { ModelPrice } from '#domain/providers/model-price';
import { micros } from '#test/support/builders/credits';
import { aModelPrice } from '#test/support/builders/model-prices';
import { ScriptedAiProvider } from '#test/support/fakes/scripted-ai-provider';
import { anAsk, aStream, GatewayDesk, usedTokens } from '#test/support/gateway-desk';

const at = (provider: string, rate: bigint): ModelPrice =>
  aModelPrice({ provider, rates: { input_token: rate, output_token: rate } });
/** 300 and 150 micro-dollars for `anAsk` at most. */
const [dear, cheap] = [at('dear', 2_000_000n), at('cheap', 1_000_000n)];

async function aDesk(of: {
  readonly limit: number;
  readonly used?: number;
  readonly mode?: BudgetMode;
  readonly scope?: 'user' | 'global';
}) {
  const { limit, used = 0, mode = 'block', scope = 'user' } = of;
  const providers = [new ScriptedAiProvider('dear'), new ScriptedAiProvider('cheap')] as const;
  for (const provider of providers) provider.answers = [usedTokens(80, 40)];
  const desk = await GatewayDesk.open([dear, cheap], providers);
  const id = scope === 'user' ? budgetOf(desk.userId) : GLOBAL_BUDGET;
  const { schedule, permissions } = Budget.unconfigured(id);
  const budget = new Budget(id, micros(limit), schedule, Thresholds.usual, mode, permissions, null, null);
  const before: ProviderSpend = {
    ...{ userId: desk.userId, requestId: 'before', cost: micros(used), isEstimate: false, at: desk.clock.now() },
    ...{ service: 'llm', provider: 'dear', model: 'small', tokens: 0 },
  };
  await desk.transaction.run(async () => {
    desk.transaction.table<Budget>('budgets').put(id, budget);
    if (used > 0) await desk.budgets.settle(before);
  });
  const asked = () => providers.filter(({ requests }) => requests.length > 0).map(({ name }) => name);
  const status = () => desk.budgets.statusOf(id, desk.clock.now()).spend;
  return { desk, providers, asked, status };
}

describe('a request and the budgets', () => {
  it('holds what the dearest of those who may answer can cost us, and books what it did', async () => {
    const { desk, status } = await aDesk({ limit: 100_000 });
    const hold = jest.spyOn(desk.budgets, 'hold');
    await desk.ask();
    expect(hold).toHaveBeenCalledWith(expect.objectContaining({ cost: micros(300), at: desk.entry.startedAt }));
    expect(desk.entry).toMatchObject({ provider: 'dear', providerCost: micros(240) });
    expect(status()).toEqual({ used: micros(240), estimated: micros(0), held: micros(0) });
    expect(desk.budgets.spends).toMatchObject([{ service: 'llm', provider: 'dear', tokens: 120, isEstimate: false }]);
  });

  it.each(['user', 'global'] as const)(
    'is refused by the %s budget before anything is sent, and nothing stays held',
    async (scope) => {
      const { desk, asked } = await aDesk({ limit: 329, scope });
      const refusal = await desk.ask().catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(BudgetExceeded);
      expect(refusal).toMatchObject({
        code: 'budget_exceeded',
        refusal: 'payment_required',
        facts: { budget: scope, reason: 'budget_spent', required_micros: 300, required_with_buffer_micros: 330 },
      });
      expect((refusal as BudgetExceeded).facts['limit_micros']).toBe(scope === 'user' ? 329 : undefined);
      expect(asked()).toEqual([]);
      expect(await desk.standing()).toEqual([1000n, 0n]);
      expect(desk.budgets.holds).toEqual([]);
      expect(desk.logs.entries).toEqual([]);
    },
  );

  it('tells nobody the figures of a budget that is hidden from its user', async () => {
    const { desk } = await aDesk({ limit: 100 });
    const table = desk.transaction.table<Budget>('budgets');
    const id = budgetOf(desk.userId);
    const hidden = table.get(id)!.changed({ visible: false }, 'an operator', desk.clock.now());
    await desk.transaction.run(async () => table.put(id, hidden));
    const refusal = (await desk.ask().catch((error: unknown) => error)) as BudgetExceeded;
    expect(refusal.facts).toMatchObject({ budget: 'user', required_micros: 300 });
    expect(Object.keys(refusal.facts)).not.toEqual(expect.arrayContaining(['limit_micros']));
  });

  it('passes when what is left is exactly the cost and a tenth of it', async () => {
    const { desk } = await aDesk({ limit: 330 });
    await desk.ask();
    expect(desk.entry.outcome).toBe('completed');
  });

  it('goes to the cheapest provider that fits, where the budget falls back', async () => {
    const { desk, asked } = await aDesk({ limit: 329, mode: 'fallback' });
    const sink = await desk.ask();
    expect(asked()).toEqual(['cheap']);
    expect(sink.head).toMatchObject({ provider: 'cheap', strategy: 'quality_first' });
    expect(desk.entry).toMatchObject({ provider: 'cheap', attempts: [{ provider: 'cheap' }] });
  });

  it('is refused where not even the cheapest fits', async () => {
    const { desk, asked } = await aDesk({ limit: 164, mode: 'fallback' });
    await expect(desk.ask()).rejects.toMatchObject({ code: 'budget_exceeded', facts: { required_micros: 150 } });
    expect(asked()).toEqual([]);
    expect(desk.budgets.holds).toEqual([]);
  });

  it('passes a budget that only tells, whatever it costs', async () => {
    const { desk, status } = await aDesk({ limit: 0, mode: 'alert_only' });
    await desk.ask();
    expect(status().used).toEqual(micros(120));
    expect(desk.budgets.alerts.map(({ kind }) => kind)).toEqual(['orange', 'red', 'critical']);
  });

  it.each([
    ['quality_first', 74_999, ['dear', 'cheap']],
    ['balanced', 75_000, ['dear', 'cheap']],
    ['cheapest_first', 90_000, ['cheap', 'dear']],
  ] as const)('asks in the order of %s when %i of 100 000 are spent', async (strategy, used, order) => {
    const { desk, providers } = await aDesk({ limit: 100_000, used });
    for (const provider of providers) provider.answers = [new ProviderFault('server_error', 'Down.', 500, null)];
    await expect(desk.ask()).rejects.toMatchObject({ code: 'all_providers_failed' });
    expect(desk.entry.attempts.map(({ provider }) => provider)).toEqual(order);
    const [, last] = providers;
    last.answers = [usedTokens(1, 1)];
    expect((await desk.ask()).head).toMatchObject({ strategy });
  });

  it('asks the cheapest and nobody else once all of it is spent', async () => {
    const { desk, providers } = await aDesk({ limit: 100, used: 100, mode: 'alert_only' });
    for (const provider of providers) provider.answers = [new ProviderFault('server_error', 'Down.', 500, null)];
    await expect(desk.ask()).rejects.toMatchObject({ code: 'all_providers_failed' });
    expect(desk.entry.attempts.map(({ provider }) => provider)).toEqual(['cheap']);
  });

  it('leaves nothing held when every provider failed', async () => {
    const { desk, providers, status } = await aDesk({ limit: 1000 });
    for (const provider of providers) provider.answers = [new ProviderFault('server_error', 'Down.', 500, null)];
    await expect(desk.ask()).rejects.toThrow();
    expect(status()).toEqual({ used: micros(0), estimated: micros(0), held: micros(0) });
  });

  it('books what nobody reported as an estimate', async () => {
    const { desk, providers, status } = await aDesk({ limit: 100_000 });
    providers[0].answers = [aStream('one', new ProviderFault('server_error', 'Broke off.', null, null))];
    await desk.ask(anAsk({ stream: true }));
    expect(status()).toEqual({ used: micros(30), estimated: micros(30), held: micros(0) });
  });

  it('counts in the budgets although it costs its user nothing', async () => {
    const free = aModelPrice({ provider: 'dear', rates: { input_token: 0n, output_token: 0n } });
    const providers = [new ScriptedAiProvider('dear'), new ScriptedAiProvider('cheap')] as const;
    providers[0].answers = [new ProviderFault('server_error', 'Down.', 500, null)];
    providers[1].answers = [usedTokens(80, 40)];
    const desk = await GatewayDesk.open([free, cheap], providers);
    await desk.ask();
    expect(desk.entry).toMatchObject({ cost: micros(0), providerCost: micros(120) });
    expect(desk.budgets.spends).toMatchObject([{ cost: micros(120) }]);
    expect(desk.budgets.holds).toEqual([]);
  });
});
