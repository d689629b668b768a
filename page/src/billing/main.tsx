import '../shared/styles/page.css';
import { boot } from '../shared/boot';
import { BillingPage } from './billing-page';
import { loadWords } from '../words/page-words';

void boot((settings, chooseLanguage) => <BillingPage settings={settings} chooseLanguage={chooseLanguage} />, loadWords);
