import { useEffect, useRef, useState } from 'preact/hooks';
import type { NewDeviceResponse } from '#interfaces/http/accounts/account.response';
import { isCopied } from '../shared/clipboard';
import { announce } from '../shared/components/announcer';
import { Button } from '../shared/components/button';
import { Dialog } from '../shared/components/dialog';
import { ProblemNote } from '../shared/components/problem';
import { useLocale } from '../shared/locale';
import { announceChange, useApi, useDeed } from '../shared/resource';
import { COMMON } from '../shared/words';
import { deviceProblem } from './devices-problem';
import { DEVICES } from './devices.words';

/** As many characters as the server takes. */
const LONGEST_NAME = 255;

interface NewKeyProps {
  readonly close: () => void;
}

/** Asks for a name, creates the key, and shows it, this once. */
export function NewKey({ close }: NewKeyProps) {
  const [created, setCreated] = useState<NewDeviceResponse | null>(null);
  return created ? <Secret created={created} close={close} /> : <Naming close={close} created={setCreated} />;
}

function Naming({ close, created }: NewKeyProps & { readonly created: (device: NewDeviceResponse) => void }) {
  const locale = useLocale();
  const words = locale.words(DEVICES);
  const api = useApi();
  const [name, setName] = useState('');
  const [isMissing, setMissing] = useState(false);
  const key = useRef(crypto.randomUUID());
  const deed = useDeed(async () => {
    const meant = name.trim();
    setMissing(meant === '');
    if (meant === '') return;
    const device = await api.send<NewDeviceResponse>('POST', '/api/v1/devices', { name: meant }, key.current);
    announceChange();
    created(device);
  });
  const rename = (text: string): void => {
    setName(text);
    key.current = crypto.randomUUID();
  };
  // A key that is being made would be lost with its dialogue.
  const leave = (): void => (deed.isRunning ? undefined : close());
  return (
    <Dialog
      title={words.newTitle}
      onClose={leave}
      actions={
        <>
          <Button onClick={leave} disabled={deed.isRunning}>
            {locale.words(COMMON).cancel}
          </Button>
          <Button kind="primary" onClick={() => void deed.run()} busy={deed.isRunning}>
            {words.create}
          </Button>
        </>
      }
    >
      <form
        class="field"
        onSubmit={(event) => {
          event.preventDefault();
          void deed.run();
        }}
      >
        <label for="devices-name">{words.nameLabel}</label>
        <input
          id="devices-name"
          value={name}
          maxLength={LONGEST_NAME}
          autocomplete="off"
          aria-describedby="devices-name-hint"
          aria-invalid={isMissing}
          onInput={(event) => rename(event.currentTarget.value)}
        />
        <span id="devices-name-hint" class="quiet" role={isMissing ? 'alert' : undefined}>
          {isMissing ? words.nameMissing : words.nameHint}
        </span>
      </form>
      <ProblemNote problem={deed.problem} text={deviceProblem(deed.problem, locale)} />
    </Dialog>
  );
}

/** Closes when the key was copied, or somebody says that it was kept: it is in no other place. */
function Secret({ created, close }: NewKeyProps & { readonly created: NewDeviceResponse }) {
  const locale = useLocale();
  const words = locale.words(DEVICES);
  const common = locale.words(COMMON);
  const field = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState<boolean | null>(null);
  useEffect(() => field.current?.select(), []);
  if (created.key === null) {
    return (
      <Dialog title={words.keyTitle(created.name)} onClose={close}>
        <p>{words.lost}</p>
      </Dialog>
    );
  }
  const copy = async (): Promise<void> => {
    field.current?.select();
    const isDone = await isCopied(created.key!);
    setCopied(isDone);
    if (isDone) announce(common.copied);
  };
  return (
    <Dialog
      title={words.keyTitle(created.name)}
      onClose={() => (copied ? close() : announce(words.keepFirst))}
      actions={
        <>
          <Button kind="primary" onClick={() => void copy()}>
            {copied ? `${common.copied} ✓` : common.copy}
          </Button>
          <Button onClick={close}>{copied ? common.close : words.kept}</Button>
        </>
      }
    >
      <p class="note note-warn" id="devices-once">
        {words.once}
      </p>
      <div class="field">
        <label for="devices-key">{words.keyLabel}</label>
        <input
          id="devices-key"
          ref={field}
          readOnly
          dir="ltr"
          value={created.key}
          aria-describedby="devices-once"
          onFocus={(event) => event.currentTarget.select()}
        />
      </div>
      <div role="alert" class="note note-bad" hidden={copied !== false}>
        {copied === false && words.copyByHand}
      </div>
    </Dialog>
  );
}
