import { createElement } from 'react';
import { createRoot } from 'react-dom/client';
import { Session } from './session.js';
import { exported } from './subpaths.js';

createRoot(document.getElementById('root')).render(createElement(Session));
globalThis.exported = exported;
