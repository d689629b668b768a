import '../shared/styles/page.css';
import { boot } from '../shared/boot';
import { AdminPage } from './admin-page';

void boot((settings, chooseLanguage) => <AdminPage settings={settings} chooseLanguage={chooseLanguage} />);
