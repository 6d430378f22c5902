import { createElement } from 'react';
import { Session } from '../session.js';
import { ShowSubpaths } from '../ShowSubpaths.js';

export const dynamic = 'force-dynamic';

export default function Page() {
  return createElement('div', null, createElement(Session), createElement(ShowSubpaths));
}
