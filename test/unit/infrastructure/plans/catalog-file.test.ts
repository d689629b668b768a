import { DEFAULT_CATALOG } from '#domain/plans/default-catalog';
import { PLAN_NAMES } from '#domain/plans/plan-name';
import { type Catalog, CatalogInvalid, planCatalogOf } from '#infrastructure/plans/catalog-file';
import { FixedPlanCatalog } from '#infrastructure/plans/fixed-plan-catalog';

type Json = Record<string, any>;

/** The default catalogue as its file, changed by `spoil`. */
const file = (spoil: (json: Json) => void = () => undefined): Json => {
  const json = JSON.parse(JSON.stringify(catalogJson(DEFAULT_CATALOG))) as Json;
  spoil(json);
  return json;
};

const faultsOf = (json: unknown): readonly string[] => {
  try {
    planCatalogOf(json);
  } catch (error) {
    if (error instanceof CatalogInvalid) return error.faults;
    throw error;
  }
  throw new Error('The catalogue was accepted.');
};

describe('a catalogue of plans in a file', () => {
  it('is read as it was written: the default one passes its own validation', () => {
    expect(planCatalogOf(file())).toEqual(DEFAULT_CATALOG);
  });

  it('can be sold from', () => {
    const catalog = new FixedPlanCatalog(planCatalogOf(file((json) => (json.plans.free.limits.sessions = 12))));
    expect(catalog.get('free').limits.sessions).toBe(12);
    expect(catalog.plans.map(({ name }) => name)).toEqual([...PLAN_NAMES]);
  });

  it('need not have larger plans allow more', () => {
    const { plans } = planCatalogOf(file((json) => (json.plans.pro.limits.minutes = 1)));
    expect(plans.pro.limits.minutes).toBe(1);
  });

  it.each([-1, null, 1.5, '10', 'Unlimited', 'infinity', Number.MAX_VALUE, [], true])(
    'makes nothing unlimited by accident: %j is no limit',
    (limit) => {
      const [fault, ...more] = faultsOf(file((json) => (json.plans.pro.limits.minutes = limit)));
      expect(fault).toMatch(/^plans\.pro\.limits\.minutes: must be a whole number .* or the word "unlimited"; it is /);
      expect(more).toEqual([]);
    },
  );

  it.each([
    ['sessions', 0],
    ['sessions', 'unlimited'],
    ['minutes', 'unlimited'],
    ['transcriptions', 'unlimited'],
    ['retention_days', 'unlimited'],
  ])('takes %s of %j', (limit, value) => {
    expect(() => planCatalogOf(file((json) => (json.plans.free.limits[limit] = value)))).not.toThrow();
  });

  it.each([
    ['file_size_mb', 'unlimited'],
    ['file_size_mb', 0],
    ['concurrent_transcriptions', 'unlimited'],
    ['concurrent_transcriptions', 0],
    ['devices', 'unlimited'],
    ['retention_days', 0],
    ['export_formats', ['json', 'mp3']],
    ['export_formats', ['json', 'json']],
    ['export_formats', 'json'],
  ])('does not take %s of %j', (limit, value) => {
    const [fault] = faultsOf(file((json) => (json.plans.free.limits[limit] = value)));
    expect(fault).toContain(`plans.free.limits.${limit}: must be `);
  });

  it.each([
    'monthly_price_micros',
    'yearly_price_micros',
    'monthly_provider_budget_micros',
    'monthly_included_credit_micros',
  ])('has whole micro-dollars as %s', (price) => {
    for (const value of [9.99, -1, '9990000', null, 1_000_000_000_001]) {
      expect(faultsOf(file((json) => (json.plans.pro[price] = value)))).toHaveLength(1);
    }
    expect(faultsOf(file((json) => delete json.plans.pro[price]))).toEqual([
      `plans.pro.${price}: must be whole micro-dollars from 0 to 1000000000000; it is missing`,
    ]);
  });

  it.each(PLAN_NAMES)('has the plan %s', (name) => {
    expect(faultsOf(file((json) => delete json.plans[name]))).toEqual([
      `plans.${name}: must be an object; it is missing`,
    ]);
  });

  it.each([
    ['plans.enterprise', (json: Json) => (json.plans.enterprise = json.plans.pro)],
    ['plans.pro.limits.max_minutes', (json: Json) => (json.plans.pro.limits.max_minutes = 1)],
    ['plans.pro.price', (json: Json) => (json.plans.pro.price = 1)],
    ['currency', (json: Json) => (json.currency = 'USD')],
  ])('has no field that is not known, since a mistyped limit limits nothing: %s', (path, spoil) => {
    expect(faultsOf(file(spoil))).toEqual([`${path}: is not a field here`]);
  });

  it('is told of all its faults at once, each with its path', () => {
    const json = file((spoilt) => {
      spoilt.version = ' ';
      spoilt.plans.free.limits.sessions = -1;
      spoilt.plans.student.display_name = 7;
      delete spoilt.plans.pro.trial_days;
      spoilt.plans.coaching_school.limits = [];
    });
    expect(faultsOf(json)).toEqual([
      'version: must be text that is not empty; it is " "',
      'plans.free.limits.sessions: must be a whole number from 0 to 1000000000, or the word "unlimited"; it is -1',
      'plans.student.display_name: must be text that is not empty; it is 7',
      'plans.pro.trial_days: must be a whole number from 0 to 1000000000; it is missing',
      'plans.coaching_school.limits: must be an object; it is []',
    ]);
    expect(() => planCatalogOf(json)).toThrow(/not valid: version: .*; plans\.free\.limits\.sessions: /);
  });

  it.each([null, [], 'plans', 7, undefined])('is an object: %j is none', (json) => {
    const found = json === undefined ? 'it is missing' : `it is ${JSON.stringify(json)}`;
    expect(faultsOf(json)).toEqual([`the whole: must be an object; ${found}`]);
  });
});

/** A catalogue as its file, with the names that an operator writes. */
function catalogJson({ version, plans }: Catalog): Json {
  const written = PLAN_NAMES.map((name) => {
    const { displayName, limits, monthlyPrice, yearlyPrice, trialDays, monthlyProviderBudget, monthlyIncludedCredit } =
      plans[name];
    const plan = {
      display_name: displayName,
      limits: {
        sessions: limits.sessions,
        minutes: limits.minutes,
        transcriptions: limits.transcriptions,
        file_size_mb: limits.fileSizeMb,
        export_formats: limits.exportFormats,
        concurrent_transcriptions: limits.concurrentTranscriptions,
        retention_days: limits.retentionDays,
        devices: limits.devices,
      },
      monthly_price_micros: monthlyPrice.toNumber(),
      yearly_price_micros: yearlyPrice.toNumber(),
      trial_days: trialDays,
      monthly_provider_budget_micros: monthlyProviderBudget.toNumber(),
      monthly_included_credit_micros: monthlyIncludedCredit.toNumber(),
    };
    return [name, plan] as const;
  });
  return { version, plans: Object.fromEntries(written) };
}
