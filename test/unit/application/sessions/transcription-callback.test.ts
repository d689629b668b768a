import { TranscriptionCallback } from '#application/sessions/transcription-callback';
import { aReport } from '#test/support/builders/reports';
import { aSession } from '#test/support/builders/sessions';
import { aUser } from '#test/support/builders/users';
import { SessionWorld } from '#test/support/session-world';

describe('TranscriptionCallback', () => {
  it('leaves the landing of a delivered result to the worker', async () => {
    const world = new SessionWorld();
    const { id } = aSession(aUser().id);
    await new TranscriptionCallback(world.jobs, world.transaction).execute(`${id}:3`, aReport());
    expect(world.jobs.jobs).toMatchObject([
      { task: 'land_transcription', payload: { sessionId: id, attempt: 3, report: aReport() } },
    ]);
  });

  it.each([
    '',
    'nonsense',
    ':1',
    `${aSession(aUser().id).id}:`,
    `${aSession(aUser().id).id}:one`,
    `${aSession(aUser().id).id}`,
  ])('takes nothing in under the key %j', async (key) => {
    const world = new SessionWorld();
    await expect(new TranscriptionCallback(world.jobs, world.transaction).execute(key, aReport())).rejects.toThrow(
      'not the key of an attempt',
    );
    expect(world.jobs.jobs).toEqual([]);
  });
});
