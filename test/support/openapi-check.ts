import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { fullFormats } from 'ajv-formats/dist/formats.js';

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface OpenApiCheck {
  /**
   * Throws unless the document says that `method path` can answer `status`, and that `body` is such an answer, with no
   * field more than it names. `path` is the pattern, as Express or as OpenAPI writes it. Of a file only the status is
   * compared.
   */
  expectDocumented(method: string, path: string, status: number, body: unknown): void;
}

/** Compares answers with the OpenAPI document that was generated. */
export function openApiCheck(document: object): OpenApiCheck {
  const { paths } = document as Document;
  const ajv = new Ajv2020({ strict: false, allErrors: true, formats: fullFormats });
  ajv.addSchema({ $id: 'openapi', ...(closed(document) as object) });
  const compiled = new Map<string, ValidateFunction | 'file'>();

  const validatorOf = (method: string, path: string, status: number): ValidateFunction | 'file' => {
    const pattern = path.replace(/:(\w+)/g, '{$1}');
    const operation = paths[pattern]?.[method.toLowerCase()] as Operation | undefined;
    if (!operation) throw new Error(`${method} ${pattern} is not in the OpenAPI document.`);
    const response = operation.responses[status];
    if (!response) {
      const known = Object.keys(operation.responses).join(', ');
      throw new Error(`${method} ${pattern} answered ${status}; the OpenAPI document knows ${known}.`);
    }
    const { pointer, content } = located(
      document,
      response,
      `#/paths/${escaped(pattern)}/${method.toLowerCase()}/responses/${status}`,
    );
    if (!content['application/json']?.schema) return 'file';
    return ajv.compile({ $ref: `openapi${pointer}/content/application~1json/schema` });
  };

  return {
    expectDocumented(method, path, status, body) {
      const key = `${method} ${path} ${status}`;
      const validate = compiled.get(key) ?? validatorOf(method, path, status);
      compiled.set(key, validate);
      if (validate === 'file' || validate(body)) return;
      const problems = validate.errors?.map(
        ({ instancePath, message, params }) => `  ${instancePath || '/'} ${message} ${JSON.stringify(params)}`,
      );
      throw new Error(`${key} is not as documented:\n${problems?.join('\n')}\n${JSON.stringify(body, null, 2)}`);
    },
  };
}

interface Response {
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, { readonly schema?: object }>>;
}

interface Operation {
  readonly responses: Readonly<Record<string, Response>>;
}

/** A response that is shared by many operations is looked up where it stands. */
function located(document: object, response: Response, pointer: string) {
  if (!response.$ref) return { pointer, content: response.content ?? {} };
  const target = response.$ref
    .slice(2)
    .split('/')
    .reduce((part, name) => (part as Record<string, unknown>)[name], document as unknown) as Response;
  return { pointer: response.$ref, content: target.content ?? {} };
}

/** As a JSON pointer in a URI fragment writes it (RFC 6901, 6). */
function escaped(segment: string): string {
  return encodeURIComponent(segment.replace(/~/g, '~0').replace(/\//g, '~1'));
}

/** The same document, in which no object may have a field that its schema does not name, unless it says so itself. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (schema === null || typeof schema !== 'object') return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, closed(value)]));
  const isShape = inner.type === 'object' && typeof inner.properties === 'object';
  return isShape ? { additionalProperties: false, ...inner } : inner;
}
