import { afterAll, beforeAll } from 'vitest';
import { describeBundles } from './bundles.js';
import { describeDeclarations } from './declarations.js';
import { describeEntryPoints } from './entryPoints.js';
import { describeFiles } from './files.js';
import { type PackedPackage, packPackage } from './packPackage.js';
import { describeRelease } from './release.js';
import { describeSecurity } from './security.js';
import { describeSizes } from './sizes.js';

// One file, so that the package is built and packed once.
let packed: PackedPackage;

beforeAll(async () => {
  packed = await packPackage();
});

afterAll(async () => {
  await packed?.remove();
});

describeFiles(() => packed);
describeEntryPoints(() => packed);
describeDeclarations(() => packed);
describeBundles(() => packed);
describeSizes(() => packed);
describeRelease(() => packed);
describeSecurity();
