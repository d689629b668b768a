const GONE = '[redacted]';

/** Secrets by their own looks: ours, Stripe's, OpenAI's and Anthropic's keys, webhook secrets, and signed tokens (JWT). */
const BY_LOOKS = String.raw`\b(mb_(?:live|test)_|(?:sk|rk)_(?:live|test)_|sk-|whsec_|eyJ)[\w-]{8,}(?:\.[\w-]*){0,2}`;

/** Header lines and credentials of an address, in whatever text they were quoted. */
const BY_SCHEME = String.raw`\b(bearer\s+|(?:set-)?cookie:\s*)[^"\\\r\n]*?(?=["\\\r\n]|$)|(:\/\/[^:@\/\s"]+:)[^@\/\s"]+(?=@)`;

/** Parameters of an address that authorize: ours, and those of S3-compatible storage. */
const BY_PARAMETER = String.raw`([?&](?:signature|sig|token|access_token|api_key|key|secret|code|x-amz-(?:signature|credential|security-token))=)[^&\s"\\]+`;

/** Fields of JSON, and of JSON inside a string of JSON. */
const NAMES = String.raw`authorization|proxy-authorization|x-api-key|cookie|set-cookie|password|passwd|secret|client_secret|token|access_token|refresh_token|api_?key|key|signature|pepper`;
const BY_NAME = String.raw`("(?:${NAMES})":)(?:"(?:[^"\\]|\\.)*"|\[[^\]]*\])|(\\"(?:${NAMES})\\"\s*:\s*)\\"(?:(?!\\").)*\\"`;

const SECRET = new RegExp([BY_NAME, BY_LOOKS, BY_SCHEME, BY_PARAMETER].join('|'), 'gi');

/** A line of the log without what is, or looks like, a secret. It stays a line of JSON. */
export function redacted(line: string): string {
  return line.replace(
    SECRET,
    (
      _found,
      field?: string,
      quotedField?: string,
      looks?: string,
      scheme?: string,
      address?: string,
      parameter?: string,
    ) => {
      if (field !== undefined) return `${field}"${GONE}"`;
      if (quotedField !== undefined) return String.raw`${quotedField}\"${GONE}\"`;
      return `${looks ?? scheme ?? address ?? parameter ?? ''}${GONE}`;
    },
  );
}
