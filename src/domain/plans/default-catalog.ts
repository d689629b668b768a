import { Money } from '../shared/money.js';
import type { Plan } from './plan-catalog.js';
import { EXPORT_FORMATS, type ExportFormat } from './export-format.js';
import { PlanLimits } from './plan-limits.js';
import type { PlanName } from './plan-name.js';

const usd = (dollars: number, cents = 0): Money =>
  Money.ofMicros(BigInt(dollars) * 1_000_000n + BigInt(cents) * 10_000n);

const TEXT: readonly ExportFormat[] = ['json', 'txt'];
const SUBTITLES: readonly ExportFormat[] = [...TEXT, 'vtt', 'srt'];
const OFFICE: readonly ExportFormat[] = [...SUBTITLES, 'docx', 'xlsx'];

/** The plans sold unless an operator says otherwise. A change of any number here is a new version. */
export const DEFAULT_CATALOG: { readonly version: string; readonly plans: Readonly<Record<PlanName, Plan>> } = {
  version: '2026-11-01',
  plans: {
    free: {
      name: 'free',
      displayName: 'Free',
      limits: new PlanLimits('free', 10, 200, 20, 60, TEXT, 1, 30, 1),
      monthlyPrice: Money.zero,
      yearlyPrice: Money.zero,
      trialDays: 0,
      monthlyProviderBudget: usd(5),
      monthlyIncludedCredit: Money.zero,
    },
    student: {
      name: 'student',
      displayName: 'Student',
      limits: new PlanLimits('student', 50, 500, 100, 100, SUBTITLES, 2, 180, 3),
      monthlyPrice: usd(9, 99),
      yearlyPrice: usd(99, 90),
      trialDays: 7,
      monthlyProviderBudget: usd(15),
      monthlyIncludedCredit: Money.zero,
    },
    pro: {
      name: 'pro',
      displayName: 'Pro',
      limits: new PlanLimits('pro', 'unlimited', 3000, 'unlimited', 200, OFFICE, 3, 365, 10),
      monthlyPrice: usd(29, 99),
      yearlyPrice: usd(254, 92),
      trialDays: 14,
      monthlyProviderBudget: usd(60),
      monthlyIncludedCredit: Money.zero,
    },
    coaching_school: {
      name: 'coaching_school',
      displayName: 'Coaching school',
      limits: new PlanLimits(
        'coaching_school',
        ...(['unlimited', 'unlimited', 'unlimited', 500, EXPORT_FORMATS, 10, 'unlimited', 100] as const),
      ),
      monthlyPrice: usd(169),
      yearlyPrice: usd(1436, 50),
      trialDays: 30,
      monthlyProviderBudget: usd(600),
      monthlyIncludedCredit: Money.zero,
    },
  },
};
