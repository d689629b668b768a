import { jest } from '@jest/globals';
import { launchParams, TELEGRAM_WEB, TelegramBridge, type TelegramWindow } from '#page/telegram/bridge';

type Message = { source: unknown; origin: string; data: unknown };

function aWindow(parts: Partial<TelegramWindow> = {}) {
  const parent = { postMessage: jest.fn() };
  const listeners: ((event: Message) => void)[] = [];
  const window = {
    parent,
    addEventListener: (_type: string, listener: (event: Message) => void) => listeners.push(listener),
    ...parts,
  } as unknown as TelegramWindow;
  const say = (message: Message): void => listeners.forEach((listener) => listener(message));
  return { window, parent, say };
}

const themeChanged = JSON.stringify({
  eventType: 'theme_changed',
  eventData: { theme_params: { bg_color: '#000000' } },
});

describe('what the page tells Telegram', () => {
  it('goes through the program’s own proxy where there is one', () => {
    const postEvent = jest.fn();
    const { window, parent } = aWindow({ TelegramWebviewProxy: { postEvent } });
    new TelegramBridge(window).post('web_app_open_link', { url: 'https://pay.example/x' });
    expect(postEvent).toHaveBeenCalledWith('web_app_open_link', '{"url":"https://pay.example/x"}');
    expect(parent.postMessage).not.toHaveBeenCalled();
  });

  it('goes to the desktop program by its own call', () => {
    const notify = jest.fn();
    const { window } = aWindow({ external: { notify } });
    new TelegramBridge(window).post('web_app_ready');
    expect(notify).toHaveBeenCalledWith('{"eventType":"web_app_ready","eventData":{}}');
  });

  it('goes in a frame to Telegram’s page alone', () => {
    const { window, parent } = aWindow();
    new TelegramBridge(window).post('web_app_ready');
    expect(parent.postMessage).toHaveBeenCalledWith('{"eventType":"web_app_ready","eventData":{}}', TELEGRAM_WEB);
  });

  it('goes nowhere outside of Telegram', () => {
    const { window, parent } = aWindow();
    Object.assign(window, { parent: window });
    new TelegramBridge(window).post('web_app_ready');
    expect(parent.postMessage).not.toHaveBeenCalled();
  });
});

describe('what Telegram tells the page', () => {
  it.each([
    ['Telegram.WebView.receiveEvent', (w: TelegramWindow) => (w.Telegram!.WebView as Receiver).receiveEvent],
    ['TelegramGameProxy.receiveEvent', (w: TelegramWindow) => (w.TelegramGameProxy as Receiver).receiveEvent],
    ['TelegramGameProxy_receiveEvent', (w: TelegramWindow) => w.TelegramGameProxy_receiveEvent as Receive],
  ])('comes by %s', (_name, receiverOf) => {
    const { window } = aWindow();
    const heard = jest.fn();
    new TelegramBridge(window).on('viewport_changed', heard);
    receiverOf(window)('viewport_changed', { height: 500 });
    receiverOf(window)('viewport_changed', undefined);
    expect(heard.mock.calls).toEqual([[{ height: 500 }], [{}]]);
  });

  it('comes as a message of the page around the frame', () => {
    const { window, parent, say } = aWindow();
    const heard = jest.fn();
    new TelegramBridge(window).on('theme_changed', heard);
    say({ source: parent, origin: TELEGRAM_WEB, data: themeChanged });
    expect(heard).toHaveBeenCalledWith({ theme_params: { bg_color: '#000000' } });
  });

  it('is not believed of anybody else, nor where it makes no sense', () => {
    const { window, parent, say } = aWindow();
    const heard = jest.fn();
    new TelegramBridge(window).on('theme_changed', heard);
    say({ source: parent, origin: 'https://evil.example', data: themeChanged });
    say({ source: {}, origin: TELEGRAM_WEB, data: themeChanged });
    for (const data of ['no json', 'null', '7', '{"eventType":7}', { eventType: 'theme_changed' }]) {
      say({ source: parent, origin: TELEGRAM_WEB, data });
    }
    expect(heard).not.toHaveBeenCalled();
  });
});

describe('what stands in the address', () => {
  it('has the signed data as it was signed, and the colours', () => {
    const init = 'query_id=AA&user=%7B%22id%22%3A7%7D&auth_date=1&hash=ab';
    const hash = `#tgWebAppData=${encodeURIComponent(init)}&tgWebAppThemeParams=${encodeURIComponent('{"bg_color":"#fff000"}')}`;
    expect(launchParams(hash)).toEqual({ initData: init, themeParams: { bg_color: '#fff000' } });
  });

  it.each(['', '#tgWebAppThemeParams=nonsense', '#tgWebAppThemeParams=null'])('may lack all of it: “%s”', (hash) => {
    expect(launchParams(hash)).toEqual({ initData: '', themeParams: {} });
  });
});

type Receive = (type: string, data: unknown) => void;
interface Receiver {
  readonly receiveEvent: Receive;
}
