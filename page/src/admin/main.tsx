import '../shared/styles/page.css';
import './admin.css';
import { boot } from '../shared/boot';
import { Locale, LocaleContext } from '../shared/locale';
import { AdminPage } from './admin-page';

/** Operators read English: their words are those of the command line, the API and the log. */
const ENGLISH = new Locale('en', 'ltr', Intl.DateTimeFormat().resolvedOptions().timeZone);

void boot(
  () => (
    <LocaleContext.Provider value={ENGLISH}>
      <AdminPage />
    </LocaleContext.Provider>
  ),
  async () => ({}),
);
