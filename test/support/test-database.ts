import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, DatabaseError } from 'pg';

export interface TestDatabase {
  readonly url: string;
  /** Cuts the connections that are left, and removes the database. */
  drop(): Promise<void>;
}

/**
 * A migrated database of one's own: a copy of the template that start-database.js made for this run. One for each test
 * file, in `beforeAll`.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = process.env['MINUTEBOOK_TEST_SERVER'];
  const template = process.env['MINUTEBOOK_TEST_TEMPLATE'];
  if (!server || !template)
    throw new Error('There is no test server: run this test in the Jest project "integration".');
  const name = template.replace(/template$/, `${process.env['JEST_WORKER_ID'] ?? 0}_${randomBytes(4).toString('hex')}`);
  await onServer(server, (client) => copyTemplate(client, template, name));
  return {
    url: atDatabase(server, name),
    drop: () => onServer(server, (client) => client.query(`drop database if exists ${name} with (force)`)),
  };
}

/** The same server, another database. An address with a socket has no host before the path, which URL does not accept. */
export function atDatabase(server: string, name: string): string {
  const address = new URL(server.replace('@/', '@socket/'));
  address.pathname = name;
  return address.href.replace('@socket/', '@/');
}

// https://www.postgresql.org/docs/18/errcodes-appendix.html: somebody is connected to the template.
const OBJECT_IN_USE = '55006';

async function copyTemplate(client: Client, template: string, name: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await client.query(`create database ${name} template ${template}`);
      return;
    } catch (fault) {
      // PostgreSQL itself waits five seconds for them to leave.
      if (attempt === 3 || !(fault instanceof DatabaseError) || fault.code !== OBJECT_IN_USE) throw fault;
      await sleep(100);
    }
  }
}

async function onServer(server: string, work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client(server);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
