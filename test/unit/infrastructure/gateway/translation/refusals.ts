import { ProviderRefusal } from '#application/gateway/ai-provider';

/** The field that this refuses, which its message has to begin with. */
export function refusedField(translate: () => unknown): string | null {
  try {
    translate();
  } catch (error) {
    if (!(error instanceof ProviderRefusal)) throw error;
    expect(error).toMatchObject({ status: 400, code: 'unsupported_parameter' });
    expect(error.message.startsWith(`${error.param}: `)).toBe(true);
    return error.param;
  }
  throw new Error('nothing was refused');
}
