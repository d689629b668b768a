import { createHmac } from 'node:crypto';

/** Nobody's. */
export const BOT_TOKEN = '123456789:AAExampleTokenOfABotThatDoesNotExist00';

/** As Telegram makes it: https://core.telegram.org/bots/webapps#validating-data-received-via-the-mini-app */
export function anInitData({
  at,
  id = 279_058_397,
  user = JSON.stringify({ id, first_name: 'Ada & Co', language_code: 'de', allows_write_to_pm: true }),
  botToken = BOT_TOKEN,
}: {
  readonly at: Date;
  readonly id?: number;
  readonly user?: string;
  readonly botToken?: string;
}): string {
  const fields = {
    query_id: 'AAHdF6IQAAAAAN0XohDhrOrc',
    user,
    auth_date: String(Math.floor(at.getTime() / 1000)),
    signature: 'zL-ucjNyREiHDE8aihFwpfR9aggP2xiAo3NSpfe-p7IbCisNlDKlo7Kb6G4D0Ao2mBrSgEk4maLSdv6MLIlADQ',
  };
  const checked = ['auth_date', 'query_id', 'signature', 'user'] as const;
  const checkString = checked.map((name) => `${name}=${fields[name]}`).join('\n');
  const key = createHmac('sha256', 'WebAppData').update(botToken).digest();
  const hash = createHmac('sha256', key).update(checkString).digest('hex');
  return new URLSearchParams({ ...fields, hash }).toString().replaceAll('+', '%20');
}
