import type { HostSettings } from '../shared/host';

interface AdminPageProps {
  readonly settings: HostSettings;
  readonly chooseLanguage: (language: string) => void;
}

export function AdminPage({ settings }: AdminPageProps) {
  return <main class="page">{settings.host}</main>;
}
