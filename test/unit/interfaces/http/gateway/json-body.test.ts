import { jsonOf, MOST_VALUES } from '#interfaces/http/gateway/json-body';

const json = (text: string) => jsonOf(Buffer.from(text));

describe('JSON of a request', () => {
  it('may have as many values as it may, and none more', () => {
    const list = (count: number): string => `{"a":[${Array.from({ length: count }, () => '1').join()}]}`;
    // The first follows a bracket, and two brackets are about it.
    expect(json(list(MOST_VALUES - 2))).toMatchObject({ a: { length: MOST_VALUES - 2 } });
    expect(() => json(list(MOST_VALUES - 1))).toThrow(expect.objectContaining({ status: 422 }) as Error);
  });

  it.each([
    ['objects', '{},'],
    ['lists', '[],'],
    ['fields', '"a":1,'],
    ['brackets', '['],
  ])('counts %s alike', (_, one) => {
    expect(() => json(`{"a":[${one.repeat(MOST_VALUES)}`)).toThrow(expect.objectContaining({ status: 422 }) as Error);
  });

  it.each(['[,{', '\\",[{', '\\\\\\",', 'ü,'])('counts nothing within a text (%s)', (one) => {
    expect(json(`{"a":"${one.repeat(MOST_VALUES)}"}`)).toHaveProperty('a');
  });

  it.each(['', '"', '{"a":"', '{"a":"\\', '{"a":1'])('that ends early is no JSON (%j)', (text) => {
    expect(() => json(text)).toThrow(expect.objectContaining({ status: 400 }) as Error);
  });
});
