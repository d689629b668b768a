import type { Words } from './locale';

/** What every section may say. A section's own words stand beside it, in `<section>.words.ts`. */
export interface CommonWords {
  readonly loading: string;
  readonly retry: string;
  readonly close: string;
  readonly cancel: string;
  readonly more: string;
  readonly unlimited: string;
  readonly sandbox: string;
  readonly asOf: (moment: string) => string;
  readonly stale: (moment: string) => string;
  readonly unreachable: string;
  readonly broken: string;
  readonly copy: string;
  readonly copied: string;
  readonly opensElsewhere: string;
  readonly requestId: (id: string) => string;
}

export const COMMON: Words<CommonWords> = {
  en: {
    loading: 'Loading',
    retry: 'Try again',
    close: 'Close',
    cancel: 'Cancel',
    more: 'Show more',
    unlimited: 'unlimited',
    sandbox: 'Sandbox: no real money moves here.',
    asOf: (moment) => `As of ${moment}`,
    stale: (moment) => `Could not be brought up to date. This is as of ${moment}.`,
    unreachable: 'The server cannot be reached. Check your connection.',
    broken: 'Something went wrong on our side.',
    copy: 'Copy',
    copied: 'Copied',
    opensElsewhere: 'opens in a new window',
    requestId: (id) => `Reference: ${id}`,
  },
  de: {
    loading: 'Wird geladen',
    retry: 'Erneut versuchen',
    close: 'Schließen',
    cancel: 'Abbrechen',
    more: 'Mehr anzeigen',
    unlimited: 'unbegrenzt',
    sandbox: 'Testumgebung: Hier fließt kein echtes Geld.',
    asOf: (moment) => `Stand ${moment}`,
    stale: (moment) => `Konnte nicht aktualisiert werden. Stand ${moment}.`,
    unreachable: 'Der Server ist nicht erreichbar. Bitte prüfe deine Verbindung.',
    broken: 'Bei uns ist etwas schiefgegangen.',
    copy: 'Kopieren',
    copied: 'Kopiert',
    opensElsewhere: 'öffnet ein neues Fenster',
    requestId: (id) => `Vorgang: ${id}`,
  },
  'zh-Hant': {
    loading: '載入中',
    retry: '重試',
    close: '關閉',
    cancel: '取消',
    more: '顯示更多',
    unlimited: '無限制',
    sandbox: '測試環境：不會產生實際款項。',
    asOf: (moment) => `截至 ${moment}`,
    stale: (moment) => `無法更新，目前顯示 ${moment} 的資料。`,
    unreachable: '無法連線到伺服器，請檢查您的網路。',
    broken: '我們這邊發生了問題。',
    copy: '複製',
    copied: '已複製',
    opensElsewhere: '在新視窗開啟',
    requestId: (id) => `參考編號：${id}`,
  },
};
