import { Type } from 'class-transformer';
import { IsArray, IsIn, IsInt, IsObject, IsOptional, IsString, IsUUID, ValidateNested } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import {
  TIMELINE_KINDS,
  type TimelineEntry,
  type TimelineFacts,
  type TimelineKind,
  type TimelineStretch,
} from '#application/operations/user-timeline';
import type { UserId } from '#domain/accounts/user';
import { IsInstant } from '../shared/shapes.js';
import { titleOf } from './timeline-title.js';
import { cursorOf } from './user-timeline.request.js';

export class TimelineEntryResponse {
  @IsInstant() at!: string;
  @IsIn(TIMELINE_KINDS) kind!: TimelineKind;
  @JSONSchema({ description: 'Of its row: unique within its kind.' }) @IsString() id!: string;
  @JSONSchema({ description: 'One line for people, in English.' }) @IsString() title!: string;
  @JSONSchema({
    description:
      'Micro-USD: of `credit` what the entry changed of the balance, so that the sum of all is the balance; of `transcription`, `ai_request` and `reported_usage` what it cost; of `payment` the credit that it buys; of `budget_alert` and `budget_reset` what was spent.',
  })
  @IsOptional()
  @IsInt()
  amount_micros!: number | null;
  @JSONSchema({ description: 'Of payments and invoices, in the minor unit of `currency`.' })
  @IsOptional()
  @IsInt()
  amount_minor!: number | null;
  @IsOptional() @IsString() currency!: string | null;
  @IsOptional() @IsInt() quantity!: number | null;
  @JSONSchema({ description: 'Of the quantity.', examples: ['seconds', 'tokens'] })
  @IsOptional()
  @IsString()
  unit!: string | null;
  @JSONSchema({ description: 'What is kept of it, by the names of its kind.' }) @IsObject() facts!: TimelineFacts;
  @JSONSchema({ description: 'What it has to do with: ids by name, and addresses of documents.' })
  @IsObject()
  links!: Readonly<Record<string, string>>;
}

export class UserTimelineResponse {
  @IsUUID() user_id!: string;
  @IsArray() @ValidateNested({ each: true }) @Type(() => TimelineEntryResponse) data!: TimelineEntryResponse[];
  @JSONSchema({ description: 'Send it as `before` for what is older; null at the end.' })
  @IsOptional()
  @IsString()
  next_before!: string | null;
}

export function userTimelineResponse(userId: UserId, { entries, next }: TimelineStretch): UserTimelineResponse {
  return { user_id: userId, data: entries.map(entryResponse), next_before: next && cursorOf(next) };
}

function entryResponse(entry: TimelineEntry): TimelineEntryResponse {
  const { at, kind, id, amountMicros, money, quantity, facts, links } = entry;
  return {
    at: at.toISOString(),
    kind,
    id,
    title: titleOf(entry),
    amount_micros: amountMicros === null ? null : Number(amountMicros),
    amount_minor: money?.amountMinor ?? null,
    currency: money?.currency ?? null,
    quantity: quantity?.amount ?? null,
    unit: quantity?.unit ?? null,
    facts,
    links,
  };
}
