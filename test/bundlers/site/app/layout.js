import { createElement } from 'react';

export const metadata = { icons: 'data:,' };

export default function Layout({ children }) {
  return createElement('html', null, createElement('body', null, children));
}
