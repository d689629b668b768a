import {
  PageLinkUsed,
  PageSession,
  PageSessionEnded,
  PageSessionExpired,
  PageSessionWithdrawn,
  type PageSessionId,
} from '#domain/accounts/page-session';
import type { UserId } from '#domain/accounts/user';

const NOW = new Date('2026-03-10T12:00:00.000Z');
const END = new Date('2026-03-10T13:00:00.000Z');
const begun = PageSession.begun(
  {
    ...({ id: 'p' as PageSessionId, userId: 'u' as UserId, scope: 'billing', tokenHash: 'hash' } as const),
    ...{ returnUrl: null, createdBy: 'u', createdFrom: null },
  },
  NOW,
);
const as = (changes: Partial<PageSession>): PageSession =>
  Object.assign(Object.create(PageSession.prototype) as PageSession, begun, changes);

describe('a session of the page', () => {
  it('lasts an hour from its creation, and is not opened yet', () => {
    expect(begun).toMatchObject({ expiresAt: END, openedAs: null, cookieHash: null, endedAt: null });
  });

  it('is open until its last millisecond, and over at its end', () => {
    expect(() => begun.mustBeOpenAt(new Date(END.getTime() - 1))).not.toThrow();
    expect(() => begun.mustBeOpenAt(END)).toThrow(PageSessionExpired);
  });

  it('is over once it was signed out, which is said also after its hour', () => {
    expect(() => as({ endedAt: NOW }).mustBeOpenAt(NOW)).toThrow(PageSessionEnded);
    expect(() => as({ endedAt: NOW }).mustBeOpenAt(END)).toThrow(PageSessionEnded);
  });

  it.each(['key_revoked', 'creator_not_admin'] as const)('is over when what it lives by is: %s', (withdrawn) => {
    expect(() => as({ withdrawn }).mustBeOpenAt(NOW)).toThrow(PageSessionWithdrawn);
    expect(() => as({ withdrawn }).mustTakeTokenAt(NOW)).toThrow(PageSessionWithdrawn);
    expect(() => as({ withdrawn }).mustBeOpenAt(END)).toThrow(PageSessionExpired);
  });

  it.each([
    ['its key is revoked, whoever began it', 'u', true, true, 'key_revoked'],
    ['whoever began it for somebody else is no active admin', 'admin', false, false, 'creator_not_admin'],
    ['nothing, while that is one', 'admin', false, true, null],
    ['nothing, if its user began it', 'u', false, false, null],
    ['nothing, if it was begun at the command line', 'cli:ana', false, false, null],
  ] as const)('is withdrawn by this: %s', (_, createdBy, isKeyRevoked, isCreatorAdmin, withdrawn) => {
    expect(as({ createdBy }).asOf(isKeyRevoked, isCreatorAdmin).withdrawn).toBe(withdrawn);
  });

  it('takes its token until that is exchanged', () => {
    expect(() => begun.mustTakeTokenAt(NOW)).not.toThrow();
    expect(() => as({ openedAs: 'bearer' }).mustTakeTokenAt(NOW)).not.toThrow();
    expect(() => as({ openedAs: 'cookie', cookieHash: 'c' }).mustTakeTokenAt(NOW)).toThrow(PageLinkUsed);
    expect(() => as({ openedAs: 'cookie', cookieHash: 'c' }).mustTakeTokenAt(END)).toThrow(PageSessionExpired);
  });

  it.each([
    new PageSessionExpired(END),
    new PageSessionEnded(NOW),
    new PageLinkUsed(),
    new PageSessionWithdrawn('key_revoked'),
  ])('says with every refusal what to do next (%s)', ({ message }) => {
    expect(message).toContain('Ask for a new link');
  });
});
