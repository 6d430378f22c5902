import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const password = 'password of the keychain';
const collection = '/org/freedesktop/secrets/collection/login';

/** GNOME Keyring, started without a desktop on a bus of its own. */
export interface Keychain {
  /** What a process needs to find it, and a home of its own. */
  readonly environment: Readonly<Record<string, string>>;
  readonly home: string;
  lock(): void;
  unlock(): void;
  /** Runs `secret-tool`, which looks at the same entries by another path. */
  secretTool(parameters: readonly string[], input?: string): string;
  stop(): Promise<void>;
}

/** Whether this machine has what it takes. */
export function canStartKeychain(): boolean {
  return ['dbus-run-session', 'gnome-keyring-daemon', 'secret-tool', 'dbus-send'].every(
    (program) => spawnSync('which', [program]).status === 0,
  );
}

/** `isUnlocked: false`: the service runs, and has no collection that would take anything. */
export async function startKeychain({ isUnlocked = true } = {}): Promise<Keychain> {
  const home = await mkdtemp(join(tmpdir(), 'shelflife-keychain-'));
  const base = { PATH: process.env['PATH'] ?? '', HOME: home, XDG_RUNTIME_DIR: home };
  // The session lives for as long as its standard input is open.
  const script = 'echo "$DBUS_SESSION_BUS_ADDRESS"; exec cat > /dev/null';
  const session = spawn('dbus-run-session', ['--', 'sh', '-c', script], {
    env: base,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = once(session, 'exit');
  const [address] = (await once(createInterface(session.stdout), 'line')) as [string];
  const environment = { ...base, DBUS_SESSION_BUS_ADDRESS: address };

  const run = (program: string, parameters: readonly string[], input = ''): string => {
    const { status, stdout, stderr } = spawnSync(program, parameters, {
      env: environment,
      input,
      encoding: 'utf8',
    });
    if (status !== 0 && program !== 'secret-tool') throw new Error(`${program} failed: ${stderr}`);
    return stdout;
  };
  const unlock = (): void =>
    void run('gnome-keyring-daemon', ['--replace', '--unlock', '--components=secrets'], password);
  if (isUnlocked) unlock();

  return {
    environment,
    home,
    unlock,
    lock() {
      const service = ['--session', '--print-reply', '--dest=org.freedesktop.secrets'];
      const call = ['/org/freedesktop/secrets', 'org.freedesktop.Secret.Service.Lock'];
      run('dbus-send', [...service, ...call, `array:objpath:${collection}`]);
    },
    secretTool: (parameters, input) => run('secret-tool', parameters, input),
    async stop() {
      session.stdin.end();
      await ended;
      await stopDaemon(environment);
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** It ends with its bus, mostly: what is left of it is found by the address of the bus in its environment. */
async function stopDaemon({
  DBUS_SESSION_BUS_ADDRESS: address,
}: {
  readonly DBUS_SESSION_BUS_ADDRESS: string;
}): Promise<void> {
  const { stdout } = spawnSync('pgrep', ['-f', 'gnome-keyring-daemon'], { encoding: 'utf8' });
  for (const pid of stdout.split('\n').filter(Boolean)) {
    const environ = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    if (!environ.includes(address)) continue;
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }
}
