/**
 * A process that spends and holds credit of the users in SPENDER_USERS until it is killed, many at once, and tells on stdout
 * what happened: `asked debit <user> <key>` before, `done debit <user> <key>` once it is committed. A connection that breaks
 * is an unknown outcome: the deed is left as it is, and another one begun.
 */
import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreditLedger } from '#application/credits/credit-ledger';
import { Money } from '#domain/shared/money';
import { SqlCreditAccountRepository } from '#infrastructure/credits/sql-credit-account-repository';
import { dataSource } from '#infrastructure/persistence/data-source';
import { TypeOrmTransaction } from '#infrastructure/persistence/typeorm-transaction';

const { SPENDER_DATABASE_URL: url, SPENDER_USERS: list, SPENDER_CLIENTS: clients } = process.env;
const users = list.split(',');
/** At once and whole, so that a killed process has said everything that it knew. */
const say = (line) => writeSync(1, `${line}\n`);

const database = await dataSource({ url, poolSize: Number(clients) }).initialize();
const transaction = new TypeOrmTransaction(database);
const clock = { now: () => new Date() };
const ledger = new CreditLedger(new SqlCreditAccountRepository(transaction), transaction, clock, { next: randomUUID });

const details = { description: 'Chat completion', metadata: {}, actor: 'system' };
const charge = { ...details, type: 'api_usage', amount: Money.ofMicros(3n) };

const deeds = {
  debit: (user, key) => ledger.spend(user, { ...charge, key }),
  settlement: async (user, requestId) => {
    const amount = Money.ofMicros(5n);
    await ledger.hold(user, {
      requestId,
      amount,
      description: 'Chat completion',
      lifetimeMs: 3_600_000,
      metadata: {},
      durable: true,
    });
    await ledger.settle(user, { ...charge, requestId });
  },
  release: async (user, requestId) => {
    const amount = Money.ofMicros(5n);
    await ledger.hold(user, {
      requestId,
      amount,
      description: 'Chat completion',
      lifetimeMs: 3_600_000,
      metadata: {},
      durable: true,
    });
    await ledger.release(user, requestId);
  },
};
const NAMES = ['debit', 'debit', 'settlement', 'release'];

async function client(number) {
  for (let turn = number; ; turn++) {
    const [name, user, key] = [NAMES[turn % NAMES.length], users[(turn * 7) % users.length], randomUUID()];
    say(`asked ${name} ${user} ${key}`);
    try {
      await deeds[name](user, key);
      say(`done ${name} ${user} ${key}`);
    } catch (error) {
      if (error.refusal) throw error;
      say(`unknown ${name} ${user} ${key} ${error.message}`);
      await sleep(50);
    }
  }
}

await Promise.all(Array.from({ length: Number(clients) }, (_, number) => client(number)));
