import type { DeviceResponse } from '#interfaces/http/accounts/account.response';
import { announce } from '../shared/components/announcer';
import { Button } from '../shared/components/button';
import { Dialog } from '../shared/components/dialog';
import { ProblemNote } from '../shared/components/problem';
import { useLocale } from '../shared/locale';
import { announceChange, useApi, useDeed } from '../shared/resource';
import { COMMON } from '../shared/words';
import { deviceProblem } from './devices-problem';
import { DEVICES } from './devices.words';

interface RevocationProps {
  readonly device: DeviceResponse;
  readonly close: (done: boolean) => void;
}

/** Asks once more, naming the key. Revoking twice changes nothing, so every try may be its own. */
export function Revocation({ device, close }: RevocationProps) {
  const locale = useLocale();
  const words = locale.words(DEVICES);
  const api = useApi();
  const deed = useDeed(async () => {
    await api.send('DELETE', `/api/v1/devices/${device.id}`, null);
    announceChange();
    announce(words.revoked(device.name));
    close(true);
  });
  return (
    <Dialog
      title={words.revokeTitle(device.name)}
      onClose={() => close(false)}
      actions={
        <>
          <Button onClick={() => close(false)}>{locale.words(COMMON).cancel}</Button>
          <Button kind="danger" onClick={() => void deed.run()} busy={deed.isRunning}>
            {words.revoke}
          </Button>
        </>
      }
    >
      <p>{words.revokeText(`${device.prefix}…${device.last_four}`)}</p>
      <ProblemNote problem={deed.problem} text={deviceProblem(deed.problem, locale)} />
    </Dialog>
  );
}
