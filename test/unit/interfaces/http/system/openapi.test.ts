import { Validator } from '@seriousme/openapi-schema-validator';
import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsDateString,
  IsIn,
  IsInt,
  IsOptional,
  IsPositive,
  IsString,
  IsUUID,
  Length,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { type Operation, operation } from '#interfaces/http/shared/operation';
import { IsInstant, IsLimit } from '#interfaces/http/shared/shapes';
import { openApiDocument } from '#interfaces/http/system/openapi';

class Leaf {
  @IsString() colour!: string;
  @IsOptional() @IsInt() age!: number | null;
}

class BranchResponse {
  @IsUUID() id!: string;
  @IsOptional() @IsString() name!: string | null;
  @IsOptional() @IsIn(['low', 'high']) height!: 'low' | 'high' | null;
  @IsOptional() @ValidateNested() @Type(() => Leaf) first!: Leaf | null;
  @IsArray() @ValidateNested({ each: true }) @Type(() => Leaf) leaves!: Leaf[];
  @IsArray() @IsString({ each: true }) tags!: string[];
  @IsLimit() limit!: number | 'unlimited';
  @IsInstant() grown_at!: string;
  @IsDateString() cut_at!: string;
  @JSONSchema({ description: 'In the wind.' }) @IsBoolean() moves!: boolean;
}

class LongBranchResponse extends BranchResponse {
  @IsInt() metres!: number;
}

class GrowRequest {
  @IsString() @Length(1, 9) @Matches(/\S/) name!: string;
  @IsIn(['low', 'high']) height: string = 'low';
  @IsOptional() @IsPositive() metres?: number;
}

class BranchQuery {
  @IsInt() @Min(1) @Max(100) limit: number = 20;
  @IsOptional() @IsIn(['low', 'high']) height?: string;
}

const BRANCH = { tag: 'trees', summary: 'Branch', handle: async () => null } as const;

const OPERATIONS: readonly Operation[] = [
  operation({
    ...BRANCH,
    method: 'get',
    path: '/api/v1/trees',
    access: 'user',
    query: BranchQuery,
    answer: BranchResponse,
  }),
  operation({
    ...BRANCH,
    method: 'post',
    path: '/api/v1/trees/:id/grow',
    access: 'admin',
    status: 201,
    body: GrowRequest,
    answer: LongBranchResponse,
    refusals: ['not_found', 'payment_required'],
  }),
  operation({
    ...BRANCH,
    method: 'get',
    path: '/api/v1/trees/:id/picture',
    access: 'user',
    answer: { file: ['image/png', 'image/svg+xml'] },
  }),
  operation({
    ...BRANCH,
    method: 'get',
    path: '/ping',
    access: 'public',
    answer: Leaf,
    otherAnswers: { 503: BranchResponse },
  }),
];

const document: any = openApiDocument(OPERATIONS);
const get = document.paths['/api/v1/trees'].get;
const grow = document.paths['/api/v1/trees/{id}/grow'].post;
const schema = (name: string): any => document.components.schemas[name];

describe('the OpenAPI document', () => {
  it('is valid by the official schema of OpenAPI 3.1', async () => {
    const validator = new Validator();
    expect(await validator.validate(structuredClone(document))).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  it('writes paths in the way of OpenAPI, with their parameters', () => {
    expect(Object.keys(document.paths)).toEqual([
      '/api/v1/trees',
      '/api/v1/trees/{id}/grow',
      '/api/v1/trees/{id}/picture',
      '/ping',
    ]);
    expect(grow.parameters[0]).toEqual({
      name: 'id',
      in: 'path',
      required: true,
      schema: { type: 'string', format: 'uuid' },
    });
  });

  it('gives every operation an id of its own', () => {
    expect([get.operationId, grow.operationId]).toEqual(['getTrees', 'postTreesIdGrow']);
  });

  it('makes parameters of the fields of a query, with their defaults', () => {
    expect(get.parameters).toEqual([
      {
        name: 'limit',
        in: 'query',
        required: false,
        schema: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
      },
      { name: 'height', in: 'query', required: false, schema: { type: 'string', enum: ['low', 'high'] } },
    ]);
  });

  it('says of a body what is required, what else is allowed, and that nothing else is', () => {
    expect(grow.requestBody.required).toBe(true);
    expect(schema('GrowRequest')).toEqual({
      type: 'object',
      required: ['name'],
      additionalProperties: false,
      properties: {
        name: { type: 'string', minLength: 1, maxLength: 9, pattern: '\\S' },
        height: { type: 'string', enum: ['low', 'high'], default: 'low' },
        metres: { type: ['number', 'null'], exclusiveMinimum: 0 },
      },
    });
  });

  it('says of an answer that all its fields are there, some of them null', () => {
    const { required, properties } = schema('BranchResponse');
    expect(required).toEqual(Object.keys(properties));
    expect(properties.name).toEqual({ type: ['string', 'null'] });
    expect(properties.height).toEqual({ type: ['string', 'null'], enum: ['low', 'high', null] });
    expect(properties.first).toEqual({ anyOf: [{ $ref: '#/components/schemas/Leaf' }, { type: 'null' }] });
  });

  it('describes lists, limits, instants and shapes in shapes', () => {
    const { properties } = schema('BranchResponse');
    expect(properties.leaves).toEqual({ type: 'array', items: { $ref: '#/components/schemas/Leaf' } });
    expect(properties.tags).toEqual({ type: 'array', items: { type: 'string' } });
    expect(properties.limit).toEqual({ anyOf: [{ type: 'integer', minimum: 0 }, { const: 'unlimited' }] });
    expect(properties.grown_at).toEqual({ type: 'string', format: 'date-time' });
    expect(properties.cut_at).toEqual({ type: 'string', format: 'date-time' });
    expect(properties.moves.description).toBe('In the wind.');
    expect(schema('Leaf').properties.age).toEqual({ type: ['integer', 'null'] });
  });

  it('gives a class that extends another the fields of both', () => {
    expect(Object.keys(schema('LongBranchResponse').properties)).toEqual(
      expect.arrayContaining(['metres', ...Object.keys(schema('BranchResponse').properties)]),
    );
  });

  it('knows every status that an operation can answer', () => {
    expect(Object.keys(get.responses)).toEqual(['200', '401', '403', '422', '500', '503']);
    expect(Object.keys(grow.responses)).toEqual([
      '201',
      '400',
      '401',
      '402',
      '403',
      '404',
      '409',
      '413',
      '415',
      '422',
      '500',
      '503',
    ]);
    expect(Object.keys(document.paths['/ping'].get.responses)).toEqual(['200', '422', '500', '503']);
  });

  it('describes answers of another status by their own shape', () => {
    const { content } = document.paths['/ping'].get.responses['503'];
    expect(content['application/json'].schema).toEqual({ $ref: '#/components/schemas/BranchResponse' });
  });

  it('names the content types of a file', () => {
    const { content } = document.paths['/api/v1/trees/{id}/picture'].get.responses['200'];
    expect(Object.keys(content)).toEqual(['image/png', 'image/svg+xml']);
  });

  it('asks for a bearer, except where anybody may call', () => {
    expect(get.security).toEqual([{ bearer: [] }]);
    expect(document.paths['/ping'].get.security).toEqual([]);
    expect(grow.description).toContain('admin');
  });

  it('offers an Idempotency-Key wherever something changes', () => {
    const key = { $ref: '#/components/parameters/IdempotencyKey' };
    expect(grow.parameters).toContainEqual(key);
    expect(get.parameters).not.toContainEqual(key);
    expect(Object.keys(grow.responses['201'].headers)).toEqual(['X-Request-Id', 'Idempotent-Replayed']);
  });

  it('is not made of two shapes with one name', () => {
    const other = () => {
      class Leaf {
        @IsString() shape!: string;
      }
      return operation({ ...BRANCH, method: 'get', path: '/other', access: 'user', answer: Leaf });
    };
    expect(() => openApiDocument([...OPERATIONS, other()])).toThrow('Two shapes are called Leaf.');
  });

  it('is not made of a shape that is asked and answered: optional means two things', () => {
    const both = operation({ ...BRANCH, method: 'put', path: '/other', access: 'user', body: Leaf, answer: Leaf });
    expect(() => openApiDocument([...OPERATIONS, both])).toThrow('Leaf is both asked and answered');
  });

  it('has what routes beside the operations say of themselves, once', () => {
    const schema = { type: 'object', properties: { seen: { type: 'boolean' } } };
    const hook = { operationId: 'postHook', tags: ['hooks'], responses: {} };
    const contract = {
      paths: { '/hook': { post: hook } },
      components: { schemas: { Hook: schema }, links: { Next: {} } },
    };
    const { paths, components, tags } = openApiDocument(OPERATIONS, [contract]);
    expect(paths).toEqual({ ...document.paths, '/hook': { post: hook } });
    expect(components).toMatchObject({
      schemas: { ...document.components.schemas, Hook: schema },
      links: { Next: {} },
    });
    expect(tags).toEqual([...document.tags, { name: 'hooks' }]);
    expect(() => openApiDocument(OPERATIONS, [contract, contract])).toThrow('Two descriptions of path /hook.');
    const problem = { paths: {}, components: { schemas: { Problem: schema } } };
    expect(() => openApiDocument(OPERATIONS, [problem])).toThrow('Two descriptions of schemas Problem.');
  });
});
