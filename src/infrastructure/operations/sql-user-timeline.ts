import { injectable } from 'inversify';
import {
  TIMELINE_KINDS,
  type TimelineEntry,
  type TimelineFacts,
  type TimelineFilter,
  type TimelineKind,
  type TimelinePlace,
  type TimelineStretch,
  type UserTimeline,
} from '#application/operations/user-timeline';
import type { UserId } from '#domain/accounts/user';
import { TypeOrmTransaction } from '../persistence/typeorm-transaction.js';
import { BRANCHES, type Branch } from './timeline-branches.js';

@injectable()
export class SqlUserTimeline implements UserTimeline {
  constructor(private readonly database: TypeOrmTransaction) {}

  async stretchOf(userId: UserId, { before, kinds, limit }: TimelineFilter): Promise<TimelineStretch> {
    const wanted = [...new Set(kinds ?? TIMELINE_KINDS)];
    // One more than asked for tells whether more follow.
    const rows = await this.database.reader.query<Row[]>(statementOf(wanted, before !== null), [
      userId,
      limit + 1,
      ...(before ? [before.at, before.kind, before.id] : []),
    ]);
    const shown = rows.slice(0, limit);
    return {
      entries: shown.map(entryOf),
      next: rows.length > limit ? placeOf(shown.at(-1)!) : null,
    };
  }
}

/**
 * Each kind by its own index of user and instant, as far as the page could need it: what is older is not looked at, and what is
 * newer than the place is not either. Only then are they put in one order. Equal instants are in the order of kind and id, as
 * bytes.
 */
function statementOf(kinds: readonly TimelineKind[], isContinued: boolean): string {
  const branches = kinds.map((kind) => `(${branchOf(kind, BRANCHES[kind], isContinued)})`);
  return `
    select (extract(epoch from at) * 1000000)::bigint as place, *
      from (${branches.join('\n union all ')}) line
     order by at desc, kind collate "C", id collate "C"
     limit $2`;
}

function branchOf(kind: TimelineKind, branch: Branch, isContinued: boolean): string {
  const { at, id } = branch;
  const older = `and ${at} <= ${PLACE} and (${at} < ${PLACE} or ('${kind}' collate "C", ${id}::text collate "C") > ($4::text, $5::text))`;
  return `
    select ${at} as at, '${kind}'::text as kind, ${id}::text as id, ${branch.micros ?? 'null'}::bigint as micros,
           ${branch.minor ?? 'null'}::bigint as minor, ${branch.currency ?? 'null'}::text as currency,
           ${branch.amount ?? 'null'}::bigint as amount, ${branch.unit ?? 'null'}::text as unit,
           ${objectOf(branch.facts)} as facts, ${objectOf(branch.links)} as links
      from ${branch.from}
     where ${branch.where} ${isContinued ? older : ''}
     order by ${at} desc, ${id}::text collate "C"
     limit $2`;
}

const PLACE = `(timestamptz 'epoch' + $3::bigint * interval '1 microsecond')`;

function objectOf(fields: Readonly<Record<string, string>>): string {
  return `jsonb_build_object(${Object.entries(fields)
    .map(([name, value]) => `'${name}', ${value}`)
    .join(', ')})`;
}

interface Row {
  readonly place: string;
  readonly at: Date;
  readonly kind: TimelineKind;
  readonly id: string;
  readonly micros: string | null;
  readonly minor: string | null;
  readonly currency: string | null;
  readonly amount: string | null;
  readonly unit: string | null;
  readonly facts: TimelineFacts;
  readonly links: Readonly<Record<string, string | null>>;
}

function entryOf({ at, kind, id, micros, minor, currency, amount, unit, facts, links }: Row): TimelineEntry {
  return {
    at,
    kind,
    id,
    amountMicros: micros === null ? null : BigInt(micros),
    money: minor === null || currency === null ? null : { amountMinor: Number(minor), currency },
    quantity: amount === null || unit === null ? null : { amount: Number(amount), unit },
    facts,
    links: Object.fromEntries(Object.entries(links).filter((link): link is [string, string] => link[1] !== null)),
  };
}

function placeOf({ place, kind, id }: Row): TimelinePlace {
  return { at: place, kind, id };
}
