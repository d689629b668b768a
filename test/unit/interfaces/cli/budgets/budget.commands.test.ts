import { ran } from '../rehearsed-run.js';

const ada = ['--email', 'ada@example.com'];
const because = ['--reason', 'case 812'];

describe('minutebook budget, before anything is opened', () => {
  it.each([
    ['show', [], 'neither is given'],
    ['show', ['--global', ...ada], 'leave out --user and --email'],
    ['show', [...ada, '--user', '7'], 'both are given'],
    ['reset', ada, '--reason'],
    ['set', [...ada, ...because], 'say what to change'],
    ['set', [...ada, '--limit', '5'], '--reason'],
    ['set', ['--limit', '5', ...because], '(or --global)'],
    ['set', ['--global', '--can-modify', 'true', ...because], 'no user sees the global budget'],
    ['set', [...ada, '--limit', '10000.01', ...because], 'US dollars from 0 to 10000'],
    ['set', [...ada, '--limit', '-5', ...because], 'US dollars from 0 to 10000'],
    ['set', [...ada, '--limit', '0.0000001', ...because], 'US dollars from 0 to 10000'],
    ['set', [...ada, '--days', '366', ...because], 'A whole number from 1 to 365'],
    ['set', [...ada, '--yellow', '0', ...because], 'A whole number from 1 to 100'],
    ['set', [...ada, '--visible', 'yes', ...because], '"true" or "false"'],
    ['set', [...ada, '--period', 'yearly', ...because], 'monthly, weekly, daily, custom'],
    ['set', [...ada, '--mode', 'shrug', ...because], 'alert_only, block, fallback'],
    ['set', [...ada, '--notes', 'n'.repeat(501), ...because], 'At most 500 characters'],
  ])('%s %j ends with 64 and says why', async (name, args, why) => {
    const { exitCode, stdout, stderr, opened } = await ran(['budget', name, ...args]);
    expect([exitCode, stdout, opened]).toEqual([64, '', []]);
    expect(stderr).toContain(why);
  });

  it.each(['show', 'set', 'reset'])('%s explains itself with an example', async (name) => {
    const { exitCode, stdout } = await ran(['budget', name, '--help']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`$ minutebook budget ${name}`);
  });
});
