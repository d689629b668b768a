import { EXPORT_FORMATS, exportFormat } from '#domain/plans/export-format';
import { InvalidValue } from '#domain/shared/domain-exception';

const refusalOf = (text: unknown): InvalidValue => {
  try {
    exportFormat(text);
  } catch (error) {
    return error as InvalidValue;
  }
  throw new Error(`${String(text)} was accepted.`);
};

describe('an export format', () => {
  it.each(EXPORT_FORMATS)('is %s in any case and with space around it', (format) => {
    expect(exportFormat(` ${format.toUpperCase()}\n`)).toBe(format);
  });

  it.each([
    ['empty', '', ''],
    ['blank', '   ', '   '],
    ['null', null, null],
    ['missing', undefined, null],
    ['unknown', 'mp3', 'mp3'],
    ['a number', 7, null],
    ['a list', ['json'], null],
    ['two at once', 'json,txt', 'json,txt'],
    ['an inherited property name', 'constructor', 'constructor'],
  ])('is refused when it is %s, with what was asked for and what there is', (_case, text, format) => {
    const refusal = refusalOf(text);
    expect(refusal).toBeInstanceOf(InvalidValue);
    expect([refusal.code, refusal.refusal]).toEqual(['unknown_export_format', 'invalid']);
    expect(refusal.facts).toEqual({ format, supported: ['json', 'txt', 'vtt', 'srt', 'docx', 'xlsx', 'pdf'] });
  });

  it('does not echo a long text at full length', () => {
    expect(refusalOf('x'.repeat(10_000)).facts['format']).toBe('x'.repeat(40));
  });
});
