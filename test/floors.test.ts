import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

const source = 'src';

/** The floors as CONTRIBUTING draws them, from the top down: folders, or files beside them. */
function drawnFloors(): string[][] {
  const [, drawing = ''] = readFileSync('CONTRIBUTING.md', 'utf8').split('<!-- floors -->');
  const lines = drawing.split('\n').filter((line) => line.startsWith('    '));
  return lines.map((line) => line.trim().split(/ {2,}/)[0]!.split(' '));
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : path.endsWith('.ts') ? [path] : [];
  });
}

/** The folder of a file, or what a file beside the folders is called. */
function placeOf(path: string): string {
  const [first = ''] = relative(source, path).split(/[/\\]/);
  return first.replace(/\.ts$/, '');
}

/** Every import between two places, types included. */
function importsBetweenPlaces(): { readonly path: string; readonly from: string; readonly to: string }[] {
  return filesBelow(source).flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)]
      .map(([, target = '']) => placeOf(posix.join(dirname(path), target.replace(/\.js$/, '.ts'))))
      .filter((to) => to !== placeOf(path))
      .map((to) => ({ path, from: placeOf(path), to })),
  );
}

describe('the floors that CONTRIBUTING draws', () => {
  const floors = drawnFloors();
  const floorOf = (place: string): number => floors.findIndex((places) => places.includes(place));

  test('hold every folder of the source, and nothing else', () => {
    const places = new Set(filesBelow(source).map(placeOf));
    expect(floors.flat().toSorted()).toEqual([...places].toSorted());
  });

  test('are ten or so', () => {
    expect(floors.length).toBeGreaterThan(5);
    expect(floors.length).toBeLessThanOrEqual(12);
  });

  test('stand on what is below them, types included', () => {
    const imports = importsBetweenPlaces();
    expect(imports.length).toBeGreaterThan(100);
    const upwards = imports.filter(({ from, to }) => !(floorOf(from) < floorOf(to)));
    expect(upwards).toEqual([]);
  });
});

test('no file of the source is longer than 200 lines', () => {
  const long = filesBelow(source).filter((path) => readFileSync(path, 'utf8').split('\n').length > 201);
  expect(long).toEqual([]);
});
