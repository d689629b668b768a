import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsUUID, ValidateNested } from 'class-validator';
import { operation } from '#interfaces/http/shared/operation';
import { openApiDocument } from '#interfaces/http/system/openapi';
import { IsInstant, IsLimit } from '#interfaces/http/shared/shapes';
import { openApiCheck } from '#test/support/openapi-check';

class Core {
  @IsLimit() size!: number | 'unlimited';
}

class Apple {
  @IsUUID() id!: string;
  @IsOptional() @IsInt() seeds!: number | null;
  @IsInstant() picked_at!: string;
  @ValidateNested() @Type(() => Core) core!: Core;
}

const path = '/apples/:id';
const get = operation({
  method: 'get',
  path,
  tag: 'apples',
  summary: 'Get',
  access: 'user',
  answer: Apple,
  refusals: ['not_found'],
  handle: async () => null,
});
const picture = operation({ ...get, path: '/apples/:id/picture', answer: { file: ['image/png'] } });

const check = openApiCheck(openApiDocument([get, picture]));
const apple = {
  id: '018f4e9a-0000-7000-8000-000000000001',
  seeds: 5,
  picked_at: '2026-03-10T12:00:00.000Z',
  core: { size: 'unlimited' },
};
const problem = { detail: { error: 'apple_not_found', message: 'No.', request_id: 'x', apple_id: 7 } };

describe('the check of answers against the document', () => {
  it('is content with what is documented, whichever way the path is written', () => {
    check.expectDocumented('GET', path, 200, apple);
    check.expectDocumented('get', '/apples/{id}', 200, { ...apple, seeds: null, core: { size: 3 } });
    check.expectDocumented('GET', path, 404, problem);
    check.expectDocumented('GET', '/apples/:id/picture', 200, 'bytes');
  });

  it.each([
    ['a field too many', { ...apple, colour: 'red' }],
    ['a field too few', { ...apple, seeds: undefined }],
    ['a field too many further in', { ...apple, core: { size: 3, worm: true } }],
    ['another type', { ...apple, seeds: '5' }],
    ['null where there is none', { ...apple, picked_at: null }],
    ['a date that is no instant', { ...apple, picked_at: '2026-03-10' }],
    ['an id that is none', { ...apple, id: '7' }],
    ['neither number nor unlimited', { ...apple, core: { size: 'infinite' } }],
    ['nothing', null],
  ])('is not content with %s', (_, body) => {
    const sent: unknown = JSON.parse(JSON.stringify(body));
    expect(() => check.expectDocumented('GET', path, 200, sent)).toThrow('not as documented');
  });

  it('is not content with a problem of another shape', () => {
    const broken = [
      { detail: 'Not found' },
      { error: 'not_found' },
      { ...problem, more: 1 },
      { detail: { error: 'x' } },
    ];
    for (const body of broken) {
      expect(() => check.expectDocumented('GET', path, 404, body)).toThrow('not as documented');
    }
  });

  it('is not content with a status or a path that nobody documented', () => {
    expect(() => check.expectDocumented('GET', path, 418, apple)).toThrow(
      'GET /apples/{id} answered 418; the OpenAPI document knows 200, 400, 401, 403, 404, 422, 500, 503.',
    );
    expect(() => check.expectDocumented('POST', path, 200, apple)).toThrow('is not in the OpenAPI document');
    expect(() => check.expectDocumented('GET', '/pears', 200, apple)).toThrow('is not in the OpenAPI document');
  });
});
