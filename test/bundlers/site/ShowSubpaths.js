'use client';
import { useEffect } from 'react';
import { exported } from './subpaths.js';

/** Lets the test see what each subpath exports. */
export function ShowSubpaths() {
  useEffect(() => {
    globalThis.exported = exported;
  }, []);
  return null;
}
