import { type Finding, ok } from './finding.js';

/** What comes first: whoever gets an answer reached the database. `pending` are the migrations that it lacks. */
export function schemaFindings(pending: readonly string[]): readonly Finding[] {
  const reachable = ok('database', 'The database answers.');
  if (pending.length === 0) return [reachable, ok('schema', 'The schema is current.')];
  return [
    reachable,
    {
      check: 'schema',
      verdict: 'unavailable',
      summary: `The schema lacks ${pending.join(', ')}. Nothing further was looked at.`,
      next: 'Run "minutebook migrate", then look again.',
    },
  ];
}
