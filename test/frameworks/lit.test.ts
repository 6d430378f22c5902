// @vitest-environment happy-dom
import { html, LitElement } from 'lit';
import { expect, test } from 'vitest';
import { SignalController } from '../../src/frameworks/lit.js';
import type { Expiry } from '../../src/index.js';
import { openSession, type Session, UNTIL_EXPIRED, UNTIL_EXPIRING } from './openSession.js';

interface StatusElement extends LitElement {
  readonly expiry: SignalController<Expiry>;
  readonly renders: string[];
}

let count = 0;

/** An element of a class of its own, since a class belongs to one name. */
function createElement({ entry }: Session): StatusElement {
  class Status extends LitElement implements StatusElement {
    readonly expiry = new SignalController(this, entry.expiry);
    readonly renders: string[] = [];
    override render(): unknown {
      this.renders.push(this.expiry.value.status);
      return html`<p>${this.expiry.value.status}</p>`;
    }
  }
  const name = `session-status-${(count += 1)}`;
  customElements.define(name, Status);
  return document.createElement(name) as StatusElement;
}

test('an element renders the value at once and each transition once, and lets go when it is disconnected', async () => {
  const session = await openSession();
  const element = createElement(session);
  document.body.append(element);
  await element.updateComplete;
  await session.clock.advance(UNTIL_EXPIRING);
  await element.updateComplete;
  await session.clock.advance(UNTIL_EXPIRED);
  await element.updateComplete;
  expect(element.renders).toEqual(['fresh', 'expiring', 'expired']);
  expect(element.shadowRoot!.textContent).toContain('expired');
  element.remove();
  expect(session.armed()).toBe(0);
});

test('an element that is connected again is current again', async () => {
  const session = await openSession();
  const element = createElement(session);
  document.body.append(element);
  element.remove();
  await session.clock.advance(UNTIL_EXPIRING);
  document.body.append(element);
  await element.updateComplete;
  expect(element.shadowRoot!.textContent).toContain('expiring');
  expect(session.armed()).toBe(1);
  element.remove();
  expect(session.armed()).toBe(0);
});

test('an element that was never connected, as on a server, shows that it is loading and observes nothing', async () => {
  const session = await openSession();
  const element = createElement(session);
  expect(element.expiry.value).toEqual(session.entry.expiry.getServerSnapshot());
  expect(session.armed()).toBe(0);
});
