import type { Container } from 'inversify';
import { DataSource } from 'typeorm';
import { DeviceRegistration } from '#application/accounts/device-registration';
import { UserRegistration } from '#application/accounts/user-registration';
import { CreditLedger } from '#application/credits/credit-ledger';
import { Clock } from '#application/ports/clock';
import { Transaction } from '#application/ports/transaction';
import { SessionCreation } from '#application/sessions/session-creation';
import { Transcribers } from '#application/sessions/transcribers';
import type { FinalReport } from '#application/sessions/transcriber';
import { TranscriptionCompletion } from '#application/sessions/transcription-completion';
import { TranscriptionStart } from '#application/sessions/transcription-start';
import type { Role } from '#domain/accounts/role';
import type { UserId } from '#domain/accounts/user';
import type { PlanName } from '#domain/plans/plan-name';
import { moneyOfCredits } from '#domain/credits/credit';
import { SessionRepository } from '#domain/sessions/session-repository';
import { Duration } from '#domain/shared/duration';
import { compose } from './container.js';
import type { Application } from './application.js';

export interface DemoKey {
  readonly email: string;
  readonly plan: string;
  readonly key: string;
}

interface Character {
  readonly email: string;
  readonly name: string;
  readonly plan: PlanName;
  readonly role: Role;
  /** Minutes of each recording, oldest first; they are spread over the days since registration. */
  readonly recordings: readonly number[];
  readonly registeredDaysAgo: number;
  /** Welcome credit, a promotion of ninety days; none is 0. */
  readonly welcomeCredits: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** One near the limit, one in the middle, one who never thinks about it, and one who runs the place. */
const CAST: readonly Character[] = [
  {
    email: 'free@demo.minutebook.dev',
    name: 'Fay, nine of ten sessions used',
    plan: 'free',
    role: 'user',
    recordings: [22, 18, 25, 31, 12, 27, 19, 16, 24],
    registeredDaysAgo: 20,
    welcomeCredits: 0,
  },
  {
    email: 'student@demo.minutebook.dev',
    name: 'Stu, learning',
    plan: 'student',
    role: 'user',
    recordings: [48, 52, 35, 41, 60],
    registeredDaysAgo: 45,
    welcomeCredits: 250,
  },
  {
    email: 'pro@demo.minutebook.dev',
    name: 'Pru, coaching full time',
    plan: 'pro',
    role: 'user',
    recordings: [55, 62, 47, 90, 58, 75, 44, 66, 51, 83, 70, 49],
    registeredDaysAgo: 75,
    welcomeCredits: 500,
  },
  {
    email: 'admin@demo.minutebook.dev',
    name: 'Ada, operating',
    plan: 'coaching_school',
    role: 'admin',
    recordings: [],
    registeredDaysAgo: 90,
    welcomeCredits: 0,
  },
];

/**
 * Fills an empty database with four people and a few weeks of their work, told through the same deeds that real users
 * do, under a clock that walks through those weeks: so that every number of the demo can be proved like any other.
 */
export async function seedDemoStory(
  application: Application,
): Promise<{ readonly seeded: boolean; readonly keys: readonly DemoKey[] }> {
  const today = application.container.get(Clock).now();
  const clock = new StoryClock(today);
  const container = compose({ ...application.foundation, clock });
  const database = container.get(DataSource);
  const [{ empty }] = await database.query<[{ empty: boolean }]>(`select not exists (select 1 from users) as empty`);
  if (!empty) return { seeded: false, keys: [] };

  const keys: DemoKey[] = [];
  for (const character of CAST) keys.push(await live(character, container, clock, today));
  return { seeded: true, keys };
}

/** A character is written whole or not at all, so that a start that was interrupted leaves no half of one behind. */
function live(character: Character, container: Container, clock: StoryClock, today: Date): Promise<DemoKey> {
  const { email, name, plan, role, recordings, registeredDaysAgo, welcomeCredits } = character;
  return container.get(Transaction).run(async () => {
    const registeredAt = today.getTime() - registeredDaysAgo * DAY_MS;
    clock.moveTo(registeredAt);
    const user = await container
      .get(UserRegistration)
      .execute({ email, name, plan, role, actor: 'seed', reason: 'demo story' });
    if (welcomeCredits > 0) {
      await container.get(CreditLedger).grant(user.id, {
        type: 'bonus',
        amount: moneyOfCredits(welcomeCredits),
        category: 'promotional',
        expiresAt: new Date(registeredAt + 90 * DAY_MS),
        key: 'welcome',
        description: 'Welcome to Minutebook',
        metadata: {},
        actor: 'seed',
      });
    }
    const step = (registeredDaysAgo * DAY_MS) / (recordings.length + 1);
    for (const [index, minutes] of recordings.entries()) {
      clock.moveTo(registeredAt + (index + 1) * step);
      await record(container, clock, user.id, `Coaching session ${index + 1}`, minutes);
    }
    clock.moveTo(today.getTime());
    const { secret } = await container.get(DeviceRegistration).execute(user.id, 'demo');
    return { email, plan, key: secret };
  });
}

async function record(
  container: Container,
  clock: StoryClock,
  userId: UserId,
  title: string,
  minutes: number,
): Promise<void> {
  const sessions = container.get(SessionRepository);
  const opened = await container
    .get(SessionCreation)
    .execute({ userId, title, language: 'en-US', sttProvider: 'auto' });
  const uploadKey = `${userId}/${opened.id}/demo.mp3`;
  const recording = {
    format: 'mp3',
    contentType: 'audio/mpeg',
    bytes: minutes * 960_000,
    duration: Duration.ofMinutes(minutes),
  } as const;
  const pending = opened.awaitUpload(uploadKey, `${title}.mp3`, clock.now()).uploaded(recording, clock.now());
  await sessions.save(pending);
  const { attempt } = await container
    .get(TranscriptionStart)
    .execute({ sessionId: opened.id, userId, expects: 'original', sttProvider: null });
  clock.moveTo(clock.now().getTime() + 60_000);
  await container.get(TranscriptionCompletion).execute(opened.id, attempt.attempt, reportOf(container, minutes));
  // The story has no audio to keep; what is left is what retention leaves behind.
  await sessions.save((await sessions.get(opened.id, userId)).withoutRecording(clock.now()));
}

function reportOf(container: Container, minutes: number): FinalReport {
  const { provider } = container.get(Transcribers).get('auto');
  const say = (speaker: string, startMs: number, text: string) =>
    ({ speaker, startMs, endMs: startMs + 6000, text, confidence: 0.97 }) as const;
  return {
    state: 'done',
    reportedSeconds: minutes * 60,
    language: 'en-US',
    metadata: { provider, demo: true },
    segments: [
      say('A', 0, 'What would make this hour worth your while?'),
      say('B', 7000, 'I keep saying yes to things that I do not want to do, and I would like to understand why.'),
      say('A', 20_000, 'Tell me about the last one.'),
    ],
  };
}

class StoryClock implements Clock {
  constructor(private instant: Date) {}

  now(): Date {
    return this.instant;
  }

  moveTo(ms: number): void {
    this.instant = new Date(ms);
  }
}
