import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { runQuietly } from './runQuietly.mjs';

/** The path of the first of `names` that can be run; else Debian's package is installed. `undefined` where it can't be. */
export async function provideCommand({ names, debianPackage, tell = console.log }) {
  return (await findCommand(names)) ?? (await installCommand({ names, debianPackage, tell }));
}

async function findCommand(names) {
  const directories = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  for (const name of names) {
    for (const directory of directories) {
      const path = join(directory, name);
      if (await canBeRun(path)) return path;
    }
  }
  return undefined;
}

async function canBeRun(path) {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function installCommand({ names, debianPackage, tell }) {
  if (!(await findCommand(['apt-get'])) || process.getuid?.() !== 0) {
    tell(`${debianPackage} is not installed, and apt-get as root is not at hand to install it`);
    return undefined;
  }
  const environment = { DEBIAN_FRONTEND: 'noninteractive' };
  try {
    tell(`installing Debian's ${debianPackage} (apt-get)`);
    await runQuietly('apt-get', ['update'], { tell, environment });
    await runQuietly('apt-get', ['install', '--yes', '--no-install-recommends', debianPackage], {
      tell,
      environment,
    });
  } catch (error) {
    tell(`${debianPackage} could not be installed. ${error.message}`);
    return undefined;
  }
  return findCommand(names);
}
