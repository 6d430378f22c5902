import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { env, platform } from 'node:process';

/**
 * The platform's place for the state of an application: below `XDG_STATE_HOME` or `~/.local/state` (XDG Base
 * Directory Specification 0.8), `~/Library/Application Support`, or `%LOCALAPPDATA%`.
 */
export function stateDirectory(app: string): string {
  if (/[/\\]|^\s*\.{0,2}\s*$/.test(app)) {
    throw new TypeError('fileBackend: `app` must be a name that can be used as the name of a directory.');
  }
  if (platform === 'darwin') return join(home(), 'Library', 'Application Support', app, 'credentials');
  if (platform === 'win32') {
    return join(env['LOCALAPPDATA'] || join(home(), 'AppData', 'Local'), app, 'Data', 'credentials');
  }
  const state = env['XDG_STATE_HOME'];
  // A relative one is to be ignored, by its specification.
  return join(state && isAbsolute(state) ? state : join(home(), '.local', 'state'), app, 'credentials');
}

function home(): string {
  try {
    return homedir();
  } catch {
    // A user without an entry in the system's list, as in many containers.
    throw new TypeError(
      'fileBackend: the system knows no home directory of this user to put `app` in. Pass `directory`, or set HOME.',
    );
  }
}
