import type { Refusal } from '#domain/shared/domain-exception';

/** By sysexits.h (https://man.openbsd.org/sysexits.3), and 128 + signal as shells report it. */
export const ExitCode = {
  ok: 0,
  usage: 64,
  data: 65,
  notFound: 66,
  unavailable: 69,
  fault: 70,
  conflict: 73,
  refused: 77,
  configuration: 78,
  interrupted: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** The one table from a refusal to what the process ends with. */
export const EXIT: Readonly<Record<Refusal, ExitCode>> = {
  forbidden: ExitCode.refused,
  payment_required: ExitCode.refused,
  not_found: ExitCode.notFound,
  conflict: ExitCode.conflict,
  too_large: ExitCode.refused,
  too_many: ExitCode.unavailable,
  invalid: ExitCode.usage,
  unavailable: ExitCode.unavailable,
};
