type Part = Readonly<Record<string, unknown>>;

/** What the OpenAPI document says of routes that are no operations: path items, and the components that they refer to. */
export interface PathContract {
  /** By path and method, as OpenAPI writes them: `/v1/models/{model}`, `get`. */
  readonly paths: Readonly<Record<string, Readonly<Record<string, Part>>>>;
  /** By kind and name: `schemas`, `responses`, `headers`, … Those of operations (`Problem`) can be referred to as well. */
  readonly components: Readonly<Record<string, Readonly<Record<string, Part>>>>;
}

/** Of pages for people, which no program calls. */
export const NO_CONTRACT: PathContract = { paths: {}, components: {} };
