import { from as observableFrom, type ObservableInput } from 'rxjs';
import { toSignal } from '@angular/core/rxjs-interop';
import { useSyncExternalStore } from 'react';
import { from as accessorFrom } from 'solid-js';
import { fromStore, get, type Readable } from 'svelte/store';
import type { Expiry, Observer, Signal, Unsubscribe } from '../../src/index.js';
import { type Equals, expectType, holds } from './expectType.js';

declare const expiry: Signal<Expiry>;

// Reading.
expectType<Expiry>(expiry.value);
expectType<Expiry>(expiry.get());
expectType<Expiry>(expiry.getSnapshot());
expectType<Expiry>(expiry.getServerSnapshot());

// A listener is a function, or an observer of which any part may be missing.
expectType<Unsubscribe>(expiry.subscribe(({ status }) => void status));
expiry.subscribe({ next: ({ status }) => void status });
expiry.subscribe({ complete() {} });
declare const observer: Observer<Expiry>;
expiry.subscribe(observer).unsubscribe();
expiry.subscribe(() => {})();
// @ts-expect-error a listener listens to what is told
expiry.subscribe((status: string) => void status);
// @ts-expect-error a listener is asked for
expiry.subscribe();

// React.
expectType<Expiry>(useSyncExternalStore(expiry.subscribe, expiry.getSnapshot, expiry.getServerSnapshot));

// Svelte.
const readable: Readable<Expiry> = expiry;
expectType<Expiry>(get(readable));
expectType<Expiry>(fromStore(expiry).current);

// Solid.
holds<Equals<ReturnType<ReturnType<typeof accessorFrom<Expiry>>>, Expiry | undefined>>();
accessorFrom(expiry);

// Angular.
expectType<Expiry>(toSignal(expiry, { requireSync: true })());
expectType<Expiry | undefined>(toSignal(expiry)());

// RxJS.
const input: ObservableInput<Expiry> = expiry;
observableFrom(input).subscribe(({ status }) => void status);

// for await.
const iterable: AsyncIterable<Expiry> = expiry;
for await (const { status } of iterable) expectType<Expiry['status']>(status);
