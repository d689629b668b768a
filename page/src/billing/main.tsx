import '../shared/styles/page.css';
import { boot } from '../shared/boot';
import { BillingPage } from './billing-page';

void boot((settings, chooseLanguage) => <BillingPage settings={settings} chooseLanguage={chooseLanguage} />);
