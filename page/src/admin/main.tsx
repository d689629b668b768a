import '../shared/styles/page.css';
import './admin.css';
import { boot } from '../shared/boot';
import { loadWords } from '../words/page-words';
import { AdminPage } from './admin-page';

// Operators read English: their words are those of the command line, the API and the log.
void boot(() => <AdminPage />, loadWords, ['en']);
