import { Client } from 'pg';

export interface SlowMotion {
  /** Back to full speed. */
  stop(): Promise<void>;
}

/**
 * Makes every write to `table` take `seconds` longer while its transaction is open, so that two requests that could
 * overtake each other do. Twenty requests at once prove little without it: they pass even when the lock is missing.
 *
 * The pause comes before the row is written. Where the write under test is an update, say so.
 */
export async function slowMotion(
  databaseUrl: string,
  table: string,
  { on = 'insert', seconds = 0.05 }: { on?: 'insert' | 'update' | 'insert or update'; seconds?: number } = {},
): Promise<SlowMotion> {
  const name = `slow_motion_${table.replaceAll(/\W/g, '_')}`;
  await execute(
    databaseUrl,
    `create or replace function ${name}() returns trigger language plpgsql as
       $$ begin perform pg_sleep(${seconds}); return new; end $$;
     create or replace trigger ${name} before ${on} on ${table} for each row execute function ${name}();`,
  );
  return { stop: () => execute(databaseUrl, `drop function if exists ${name}() cascade`) };
}

async function execute(databaseUrl: string, sql: string): Promise<void> {
  const client = new Client(databaseUrl);
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
