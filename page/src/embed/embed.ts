import type { HostMessage } from '../shared/host';

/**
 * `<minutebook-billing token="mbp_…">`: the billing page inside another page, in a frame as high as its content. The frame is
 * of the billing service's own origin, so nothing of the page around it, neither script nor style, reaches what is in it.
 * A plain script, which needs no permission of the server's to be loaded from elsewhere, and a function, so that no name of it
 * is one of the page's.
 */
(() => {
  /** Null in a module, which is not told where it came from: then the element needs `src`. */
  const script =
    document.currentScript instanceof HTMLScriptElement ? new URL(document.currentScript.src).origin : null;

  const NAME = 'minutebook-billing';

  /** Fired on the element when the hour of its token is over: give it another one. */
  const SESSION_OVER = 'minutebook-session-over';

  /** `label` is the frame's name for readers of screens. */
  const ATTRIBUTES = ['src', 'token', 'lang', 'dir', 'theme', 'label'] as const;
  type Attribute = (typeof ATTRIBUTES)[number];

  const LABELS: readonly (readonly [string, string])[] = [
    ['de', 'Tarif und Abrechnung'],
    ['zh', '方案與帳務'],
  ];

  /** Room for a dialogue, also before the page said how high it is. */
  const LEAST_PX = 480;

  /** A page that asks for more is out of order. */
  const MOST_PX = 100_000;

  /** What the frame may do at the most, beside what any frame may. */
  const ALLOWED = 'clipboard-write';

  class MinutebookBilling extends HTMLElement {
    static readonly observedAttributes = ATTRIBUTES;

    private frame: HTMLIFrameElement | null = null;
    private origin = '';
    private isPlanned = false;
    private readonly hear = (event: MessageEvent<unknown>): void => this.receive(event);

    get token(): string | null {
      return this.getAttribute('token');
    }

    /** A new one loads the page anew. Null takes the page away. */
    set token(token: string | null) {
      if (token === null) this.removeAttribute('token');
      else this.setAttribute('token', token);
    }

    connectedCallback(): void {
      // A token that was set before this script came is a plain property, which hides the one above.
      if (Object.hasOwn(this, 'token')) {
        const { token } = this;
        delete (this as { token?: unknown }).token;
        this.token = token;
      }
      addEventListener('message', this.hear);
      this.plan();
    }

    disconnectedCallback(): void {
      removeEventListener('message', this.hear);
      this.frame?.remove();
      this.frame = null;
    }

    attributeChangedCallback(): void {
      this.plan();
    }

    /** Several attributes that change together load the page once. */
    private plan(): void {
      if (this.isPlanned) return;
      this.isPlanned = true;
      queueMicrotask(() => {
        this.isPlanned = false;
        if (this.isConnected) this.load();
      });
    }

    private load(): void {
      this.frame?.remove();
      this.frame = null;
      const base = this.getAttribute('src') ?? script;
      if (!this.token || !base) return;
      // Another frame, not another address of the old one: that would be a step in the history of the page around it.
      const frame = (this.frame = document.createElement('iframe'));
      const address = this.address(base, this.token);
      this.origin = address.origin;
      frame.title = this.label();
      frame.allow = ALLOWED;
      frame.referrerPolicy = 'no-referrer';
      Object.assign(frame.style, { display: 'block', inlineSize: '100%', blockSize: `${LEAST_PX}px`, border: '0' });
      this.style.display = 'block';
      frame.src = address.href;
      this.append(frame);
    }

    /** The token is in the fragment, which is sent to no server. */
    private address(base: string, token: string): URL {
      const address = new URL('/billing?embed=1', base);
      for (const name of ['lang', 'dir', 'theme'] as const satisfies readonly Attribute[]) {
        const value = this.getAttribute(name);
        if (value) address.searchParams.set(name, value);
      }
      address.hash = `token=${encodeURIComponent(token)}`;
      return address;
    }

    private label(): string {
      const language = this.lang || document.documentElement.lang || 'en';
      return this.getAttribute('label') ?? LABELS.find(([one]) => language.startsWith(one))?.[1] ?? 'Plan and billing';
    }

    /** From the frame itself, and from the page that was loaded into it: others may say what they like. */
    private receive({ source, origin, data }: MessageEvent<unknown>): void {
      if (!this.frame || source !== this.frame.contentWindow || origin !== this.origin) return;
      const message = data as Partial<HostMessage> | null;
      if (message?.type === 'minutebook:session-over') {
        this.dispatchEvent(new CustomEvent(SESSION_OVER, { bubbles: true, composed: true }));
      } else if (message?.type === 'minutebook:height') {
        const { height } = message as { readonly height?: unknown };
        if (typeof height !== 'number' || !Number.isFinite(height)) return;
        this.frame.style.blockSize = `${Math.min(MOST_PX, Math.max(LEAST_PX, Math.ceil(height)))}px`;
      }
    }
  }

  if (!customElements.get(NAME)) customElements.define(NAME, MinutebookBilling);
})();

declare global {
  interface HTMLElementTagNameMap {
    'minutebook-billing': HTMLElement & { token: string | null };
  }
  interface HTMLElementEventMap {
    'minutebook-session-over': CustomEvent<null>;
  }
}
