import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { InvalidRequest, parse, parseQuery } from '#interfaces/http/shared/parse';
import { IsInstant, IsLimit } from '#interfaces/http/shared/shapes';

class Nothing {}

class Word {
  @IsString() text!: string;
  @IsOptional() @IsInt() position?: number;
}

class Sentence {
  @IsString() @Length(1, 10) title!: string;
  @IsIn(['en', 'de']) language: string = 'en';
  @ValidateNested() @Type(() => Word) first!: Word;
  @IsOptional() @ValidateNested() @Type(() => Word) last?: Word | null;
  @IsOptional() @IsArray() @ValidateNested({ each: true }) @Type(() => Word) words?: Word[];
}

class Wanted {
  @IsInt() @Min(1) @Max(100) limit: number = 20;
  @IsOptional() @IsBoolean() all?: boolean;
  @IsOptional() @IsString() search?: string;
}

class Moments {
  @IsOptional() @IsInstant() at?: string;
  @IsOptional() @IsLimit() limit?: number | 'unlimited';
}

function problemsOf(work: () => unknown): readonly { readonly field: string; readonly message: string }[] {
  try {
    work();
  } catch (error) {
    if (error instanceof InvalidRequest) return error.errors;
    throw error;
  }
  return [];
}

const fieldsOf = (work: () => unknown) => problemsOf(work).map(({ field }) => field);
const sentence = (more: object = {}) => ({ title: 'a', first: { text: 'x' }, ...more });

describe('parsing a body', () => {
  it('makes an instance of the class, with defaults for what was left out', () => {
    const parsed = parse(Sentence, sentence());
    expect(parsed).toBeInstanceOf(Sentence);
    expect(parsed).toEqual({ title: 'a', language: 'en', first: { text: 'x' } });
  });

  it('accepts nothing where nothing is declared', () => {
    expect(parse(Nothing, undefined)).toEqual({});
    expect(parse(Nothing, {})).toEqual({});
    expect(fieldsOf(() => parse(Nothing, { extra: 1 }))).toEqual(['extra']);
  });

  it('refuses fields that the class does not declare, and names each of them', () => {
    expect(fieldsOf(() => parse(Sentence, sentence({ colour: 'red', shape: 1 })))).toEqual(['colour', 'shape']);
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('refuses a field called %s', (name) => {
    const body: unknown = JSON.parse(`{"title":"a","first":{"text":"x"},"${name}":{"polluted":true}}`);
    expect(fieldsOf(() => parse(Sentence, body))).toEqual([name]);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('refuses __proto__ inside a nested shape', () => {
    const body: unknown = JSON.parse('{"title":"a","first":{"text":"x","__proto__":{"text":"y"}}}');
    expect(fieldsOf(() => parse(Sentence, body))).toEqual(['first.__proto__']);
  });

  it.each([
    ['a list', []],
    ['text', 'title'],
    ['a number', 7],
    ['true', true],
  ])('refuses %s for a body', (_, body) => {
    expect(problemsOf(() => parse(Sentence, body))).toEqual([{ field: '', message: 'a JSON object is expected' }]);
  });

  it('names every field of a wrong type', () => {
    expect(fieldsOf(() => parse(Sentence, { title: 7, language: 'xx', first: { text: 'x' } }))).toEqual([
      'title',
      'language',
    ]);
  });

  it('names a required field that is missing', () => {
    expect(fieldsOf(() => parse(Sentence, { first: { text: 'x' } }))).toEqual(['title']);
  });

  it('lets null stand for an optional field', () => {
    expect(parse(Sentence, sentence({ last: null })).last).toBeNull();
  });
});

describe('what PostgreSQL cannot keep', () => {
  const messagesFor = (input: unknown): readonly string[] => {
    try {
      parse(class {}, input);
      return [];
    } catch (error) {
      return (error as InvalidRequest).errors.map(({ field, message }) => `${field}: ${message}`);
    }
  };
  const CHARACTERS = 'contains characters that no text has';

  it.each([
    ['NUL', 'a\u0000b'],
    ['the first half of a pair', 'a\ud83d'],
    ['the second half of a pair', '\ude00b'],
  ])('is refused, and named, wherever it stands: %s', (_name, text) => {
    expect(messagesFor({ title: text })).toEqual([`title: title ${CHARACTERS}`]);
    expect(messagesFor({ a: { b: [text] } })).toEqual([`a.b.0: a.b.0 ${CHARACTERS}`]);
    expect(messagesFor({ [text]: 1 })).toEqual([': a field is named by characters that no text has']);
  });

  it('leaves whole pairs, line ends and every other text alone', () => {
    const message = 'title is not a field of this request';
    expect(messagesFor({ title: 'line\nend \ud83d\ude00 漢字' })).toEqual([`title: ${message}`]);
  });

  it('refuses a body that is nested without end', () => {
    const deep: unknown = JSON.parse('['.repeat(5000) + ']'.repeat(5000));
    expect(messagesFor({ deep })).toEqual(['deep: the request is nested too deeply']);
  });
});

describe('parsing a shape in a shape', () => {
  it('makes instances of the inner class', () => {
    const parsed = parse(Sentence, sentence({ words: [{ text: 'a' }, { text: 'b', position: 2 }] }));
    expect(parsed.first).toBeInstanceOf(Word);
    expect(parsed.words?.map((word) => word instanceof Word)).toEqual([true, true]);
  });

  it('checks the inner fields, and names them by their path', () => {
    const body = sentence({ first: { text: 1 }, words: [{ text: 'a' }, { text: 'b', position: 'two' }] });
    expect(fieldsOf(() => parse(Sentence, body))).toEqual(['first.text', 'words.1.position']);
  });

  it('refuses inner fields that the inner class does not declare', () => {
    const body = sentence({ first: { text: 'x', extra: 1 }, words: [{ text: 'a', other: 2 }] });
    expect(fieldsOf(() => parse(Sentence, body))).toEqual(['first.extra', 'words.0.other']);
  });

  it('refuses the absence of an inner shape that is required', () => {
    expect(fieldsOf(() => parse(Sentence, { title: 'a' }))).toEqual(['first']);
    expect(fieldsOf(() => parse(Sentence, { title: 'a', first: null }))).toEqual(['first']);
  });

  it.each([
    ['a list for one', { first: [{ text: 'x' }] }, ['first']],
    ['text for one', { first: 'x' }, ['first']],
    ['one for a list', { words: { text: 'x' } }, ['words']],
    ['a list of text', { words: ['x'] }, ['words.0']],
    ['a list of nothing', { words: [null] }, ['words.0']],
    ['a list of lists', { words: [[{ text: 'x' }]] }, ['words.0']],
  ])('refuses %s', (_, more, fields) => {
    expect(fieldsOf(() => parse(Sentence, sentence(more)))).toEqual(fields);
  });

  it('says so when a class does not say which shape it holds', () => {
    class Untyped {
      @IsArray() @ValidateNested({ each: true }) words!: object[];
    }
    expect(() => parse(Untyped, { words: [] })).toThrow('Untyped.words needs @Type');
  });
});

describe('parsing a query', () => {
  it('reads numbers and yes or no where the class declares them', () => {
    expect(parseQuery(Wanted, { limit: '5', all: 'true', search: '7' })).toEqual({ limit: 5, all: true, search: '7' });
    expect(parseQuery(Wanted, {})).toEqual({ limit: 20 });
  });

  it.each(['', ' ', '1e1', '0x10', '+5', '05', '1.5', '101', '0', '-1', 'NaN', 'Infinity', 'ten'])(
    'refuses limit=%j',
    (limit) => {
      expect(fieldsOf(() => parseQuery(Wanted, { limit }))).toEqual(['limit']);
    },
  );

  it('refuses a parameter that is given twice', () => {
    expect(fieldsOf(() => parseQuery(Wanted, { limit: ['1', '2'] }))).toEqual(['limit']);
    expect(fieldsOf(() => parseQuery(Wanted, { search: ['a', 'b'] }))).toEqual(['search']);
  });

  it.each(['yes', '1', 'TRUE', ''])('refuses all=%j', (all) => {
    expect(fieldsOf(() => parseQuery(Wanted, { all }))).toEqual(['all']);
  });

  it('refuses parameters that the class does not declare', () => {
    expect(fieldsOf(() => parseQuery(Wanted, { offset: '1' }))).toEqual(['offset']);
  });
});

describe('the decorators of our own', () => {
  it.each(['2026-01-31T09:30:00Z', '2026-01-31T09:30Z', '2026-01-31T09:30:00.123+08:00'])(
    'take %s for an instant',
    (at) => {
      expect(parse(Moments, { at }).at).toBe(at);
    },
  );

  it.each([
    '2026-01-31',
    '2026-01-31T09:30:00',
    '2026-13-01T00:00:00Z',
    '2026-02-30T00:00:00Z',
    '2026-01-01T24:30:00Z',
    'now',
    '1738315800',
    7,
  ])('do not take %j for an instant', (at) => {
    expect(fieldsOf(() => parse(Moments, { at }))).toEqual(['at']);
  });

  it.each([0, 10, 'unlimited'])('take %j for a limit', (limit) => {
    expect(parse(Moments, { limit }).limit).toBe(limit);
  });

  it.each([-1, 1.5, '10', 'Unlimited', Infinity])('do not take %j for a limit', (limit) => {
    expect(fieldsOf(() => parse(Moments, { limit }))).toEqual(['limit']);
  });
});
