import { LANGUAGES } from '#domain/sessions/session';
import { heardLanguage, requestedLanguage } from '#infrastructure/providers/language-tags';

describe('the language asked for', () => {
  it.each([
    ['en-US', 'en'],
    ['cmn-Hant-TW', 'zh'],
    ['zh-TW', 'zh'],
    ['pt-BR', 'pt'],
    ['auto', null],
  ])('of a recording in %s is %p', (tag, code) => {
    expect(requestedLanguage(tag)).toBe(code);
  });

  it('is an ISO 639-1 code for every language that a session can have', () => {
    const codes = LANGUAGES.map(requestedLanguage).filter((code) => code !== null);
    expect(codes).toHaveLength(LANGUAGES.length - 1);
    expect(codes.filter((code) => !/^[a-z]{2}$/.test(code))).toEqual([]);
  });
});

describe('the language heard', () => {
  it.each([
    ['english', 'en'],
    ['Chinese', 'zh'],
    ['norwegian', 'no'],
    ['hebrew', 'he'],
    ['indonesian', 'id'],
    ['de', 'de'],
    ['zh-tw', 'zh-TW'],
    ['klingon', null],
    ['', null],
    [7, null],
    [undefined, null],
  ])('is for %p the tag %p', (reported, tag) => {
    expect(heardLanguage(reported)).toBe(tag);
  });
});
