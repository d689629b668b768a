import { EXPORT_FORMATS, type ExportFormat } from '#domain/plans/export-format';
import type { Plan } from '#domain/plans/plan-catalog';
import { PlanLimits } from '#domain/plans/plan-limits';
import { PLAN_NAMES, type PlanName } from '#domain/plans/plan-name';
import type { Limit } from '#domain/shared/limit';
import { Money } from '#domain/shared/money';

export interface Catalog {
  readonly version: string;
  readonly plans: Readonly<Record<PlanName, Plan>>;
}

/** Everything that is wrong with a catalogue, each fault with the path of the value. */
export class CatalogInvalid extends Error {
  constructor(readonly faults: readonly string[]) {
    super(`the catalogue of plans is not valid: ${faults.join('; ')}`);
  }
}

/** Whole numbers above this are mistakes; they also stay exact as seconds and as bytes. */
const LARGEST = 1_000_000_000;
/** A million dollars: a price typed in micro-dollars that is larger was meant to be something else. */
const HIGHEST_PRICE_MICROS = 1_000_000_000_000;

/**
 * The catalogue that `json` describes. Nothing is guessed: a limit is a whole
 * number or the word "unlimited", every plan has every field, and a field that is not known is refused, since a mistyped
 * limit would otherwise not limit anything. Throws CatalogInvalid.
 */
export function planCatalogOf(json: unknown): Catalog {
  const reader = new Reader();
  const root = reader.object(json, '', ['version', 'plans']);
  const version = reader.text(root['version'], 'version');
  const plans = reader.object(root['plans'], 'plans', PLAN_NAMES);
  const read = PLAN_NAMES.map((name) => [name, planOf(reader, plans[name], name)] as const);
  if (reader.faults.length > 0) throw new CatalogInvalid(reader.faults);
  return { version, plans: Object.fromEntries(read) as Record<PlanName, Plan> };
}

function planOf(reader: Reader, json: unknown, name: PlanName): Plan {
  const path = `plans.${name}`;
  const plan = reader.object(json, path, [
    ...['display_name', 'limits', 'monthly_price_micros', 'yearly_price_micros', 'trial_days'],
    ...['monthly_provider_budget_micros', 'monthly_included_credit_micros'],
  ]);
  return {
    name,
    displayName: reader.text(plan['display_name'], `${path}.display_name`),
    limits: limitsOf(reader, plan['limits'], `${path}.limits`, name),
    monthlyPrice: reader.money(plan['monthly_price_micros'], `${path}.monthly_price_micros`),
    yearlyPrice: reader.money(plan['yearly_price_micros'], `${path}.yearly_price_micros`),
    trialDays: reader.count(plan['trial_days'], `${path}.trial_days`, 0),
    monthlyProviderBudget: reader.money(
      plan['monthly_provider_budget_micros'],
      `${path}.monthly_provider_budget_micros`,
    ),
    monthlyIncludedCredit: reader.money(
      plan['monthly_included_credit_micros'],
      `${path}.monthly_included_credit_micros`,
    ),
  };
}

function limitsOf(reader: Reader, json: unknown, path: string, name: PlanName): PlanLimits {
  const limits = reader.object(json, path, [
    ...['sessions', 'minutes', 'transcriptions', 'file_size_mb', 'export_formats', 'concurrent_transcriptions'],
    ...['retention_days', 'devices'],
  ]);
  const at = (field: string): [unknown, string] => [limits[field], `${path}.${field}`];
  return new PlanLimits(
    name,
    reader.limit(...at('sessions'), 0),
    reader.limit(...at('minutes'), 0),
    reader.limit(...at('transcriptions'), 0),
    reader.count(...at('file_size_mb'), 1),
    reader.formats(...at('export_formats')),
    reader.count(...at('concurrent_transcriptions'), 1),
    reader.limit(...at('retention_days'), 1),
    reader.count(...at('devices'), 1),
  );
}

/** Reads on after a fault, so that one start tells of all of them; what stands in for a wrong value is never used. */
class Reader {
  readonly faults: string[] = [];
  /** What is no object at all; its fields are not told of one by one. */
  private readonly broken: string[] = [];

  /** The object's own fields. Names each that is missing and each that is not known. */
  object(json: unknown, path: string, fields: readonly string[]): Readonly<Record<string, unknown>> {
    if (json === null || typeof json !== 'object' || Array.isArray(json)) {
      this.fault(path, 'must be an object', json);
      this.broken.push(path && `${path}.`);
      return {};
    }
    const prefix = path && `${path}.`;
    for (const field of Object.keys(json)) {
      if (!fields.includes(field)) this.faults.push(`${prefix}${field}: is not a field here`);
    }
    return json as Readonly<Record<string, unknown>>;
  }

  text(json: unknown, path: string): string {
    if (typeof json === 'string' && json.trim() !== '') return json;
    return this.fault(path, 'must be text that is not empty', json) ?? '';
  }

  count(json: unknown, path: string, least: number): number {
    if (isWhole(json, least, LARGEST)) return json;
    return this.fault(path, `must be a whole number from ${least} to ${LARGEST}`, json) ?? least;
  }

  limit(json: unknown, path: string, least: number): Limit {
    if (json === 'unlimited' || isWhole(json, least, LARGEST)) return json;
    return (
      this.fault(path, `must be a whole number from ${least} to ${LARGEST}, or the word "unlimited"`, json) ?? least
    );
  }

  money(json: unknown, path: string): Money {
    if (isWhole(json, 0, HIGHEST_PRICE_MICROS)) return Money.ofMicros(BigInt(json));
    return this.fault(path, `must be whole micro-dollars from 0 to ${HIGHEST_PRICE_MICROS}`, json) ?? Money.zero;
  }

  formats(json: unknown, path: string): readonly ExportFormat[] {
    const all = Array.isArray(json) && json.every((format) => (EXPORT_FORMATS as readonly unknown[]).includes(format));
    if (all && new Set(json).size === json.length) return json as ExportFormat[];
    return this.fault(path, `must be a list of ${EXPORT_FORMATS.join(', ')}, each at most once`, json) ?? [];
  }

  private fault(path: string, rule: string, found: unknown): null {
    if (this.broken.some((prefix) => path.startsWith(prefix))) return null;
    const value = found === undefined ? 'it is missing' : `it is ${JSON.stringify(found).slice(0, 60)}`;
    this.faults.push(`${path || 'the whole'}: ${rule}; ${value}`);
    return null;
  }
}

function isWhole(json: unknown, least: number, most: number): json is number {
  return typeof json === 'number' && Number.isInteger(json) && json >= least && json <= most;
}
