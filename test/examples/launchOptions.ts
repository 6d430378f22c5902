import type { LaunchOptions } from '@playwright/test';

/** `npm test` names the browser it found; by default it is where Debian keeps it. */
export const launchOptions: LaunchOptions = {
  executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
  // Chromium's sandbox can't be had as root, as in a container.
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
};
